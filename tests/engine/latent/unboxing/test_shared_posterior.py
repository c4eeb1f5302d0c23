"""The posterior on a lattice that is decoded only in part: against quadrature, the decoder itself, and all nodes."""

from weakref import WeakValueDictionary

import numpy as np
import pytest

from engine.derived import Pending
from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.inputs.stroke import Stroke
from engine.latent.observations.block_average import BlockAverage
from engine.latent.observations.brushed import Brushed
from engine.latent.observations.full import Full
from engine.latent.observations.half import Half
from engine.latent.posterior.grid_density import prior
from engine.latent.posterior.scoring.at_latents import log_likelihoods
from engine.latent.posterior.scoring.lattice import Lattice
from engine.latent.posterior.unboxing import Unboxing, grid_posterior, unboxed
from engine.latent.unboxing import shared_posterior
from engine.latent.unboxing.shared_posterior import (
    Progress,
    decode_likely,
    early_unboxings_of,
    lattice_of,
    posterior,
    q_of,
    seen_of,
    unboxings_of,
)
from engine.memo import Recent

# ln p(x) of test images by adaptive quadrature in double precision, as in test_lost_modes.py
TRUE = {3312: -108.8050, 1144: -99.3819, 812: -183.0071}
BUDGET = 60_000_000  # bytes
SPOT, MORE = Stroke(((0.5, 0.5, 0.5),), 0.04), Stroke(((0.3, 0.3, 0.5), (0.7, 0.7, 0.5)), 0.2)


def progress_of(document):
    return [value for value in posterior(document) if not isinstance(value, Pending)]


def grid_of(document):
    """The posterior on all nodes that it needs, before its cells are divided."""
    return next(value.grid for value in posterior(document) if isinstance(value, Progress) and value.part == 1.0)


def brushed(i, *strokes):
    return Latent().with_input(FromData(i)).with_observation(Brushed(strokes))


def off_where_the_mass_is(document, reach=25.0):
    """The largest difference of ln p(all measurements | z) from the decoder at 200 nodes near the mode."""
    grid = grid_of(document)
    vae, seen = document.loaded_model.vae, seen_of(document)
    rows, columns = np.nonzero(grid.log_density > grid.log_density.max() - reach)
    chosen = np.random.default_rng(0).permutation(len(rows))[:200]
    z = np.column_stack([grid.axis[columns[chosen]], grid.axis[rows[chosen]]])
    found = (grid.log_density + grid.log_evidence - prior(grid.axis).log_density)[rows[chosen], columns[chosen]]
    return np.abs(found - log_likelihoods(vae, seen.measurements[: document.step], z)).max()


@pytest.mark.slow
@pytest.mark.parametrize("i", TRUE)
def test_the_evidence_of_an_image_whose_mode_is_between_the_nodes_against_quadrature(i):
    last = progress_of(Latent().with_input(FromData(i)))[-1]
    assert last.part == 1.0
    assert last.unboxing.log_evidence == pytest.approx(TRUE[i], abs=0.02)
    assert abs(last.unboxing.log_evidence - TRUE[i]) < last.unboxing.error + 1e-3


@pytest.mark.slow
def test_most_nodes_are_never_decoded_and_the_outputs_fit_into_their_budget():
    list(decode_likely(Latent()))
    lattice = lattice_of(Latent().loaded_model)
    for i in range(12):
        grid_of(Latent().with_input(FromData(i)))
        assert lattice.nbytes <= BUDGET
    assert lattice.part < 0.4
    assert off_where_the_mass_is(Latent().with_input(FromData(3))) < 0.02  # half precision


@pytest.mark.slow
def test_the_outputs_fit_into_their_budget_whatever_was_decoded_first():
    lattice = Lattice(Latent().loaded_model.vae)
    nodes = lattice.nodes(1)
    list(lattice.decode(lattice.nodes(4)))
    list(lattice.decode(nodes[: int(0.38 * len(nodes))]))  # what some images needed before there was time for the rest
    for needed in (nodes[: len(nodes) // 8], nodes[-len(nodes) // 8 :]):
        list(lattice.decode_likely())
        lattice.make_room(needed)
        list(lattice.decode(needed))
        assert lattice.nbytes <= BUDGET
        assert not lattice.lacking(needed)


def early_of(document):
    """The first Unboxing of a document, and whether nodes are decoded for it."""
    lattice = lattice_of(document.loaded_model)
    before = lattice.stamp
    first = next(value for value in early_unboxings_of(document) if not isinstance(value, Pending))
    return first, lattice.stamp != before


@pytest.mark.slow
@pytest.mark.parametrize("i", [34, 63])  # for these the sum over interpolated outputs states too small an error
def test_the_first_evidence_of_another_image_needs_no_further_nodes_and_its_error_is_honest(i, monkeypatch):
    lattice_of(Latent().loaded_model).shrink()
    list(decode_likely(Latent()))
    monkeypatch.setattr(shared_posterior, "_final", WeakValueDictionary())
    document = Latent().with_input(FromData(i))
    first, decoded = early_of(document)
    last = progress_of(document)[-1].unboxing
    assert not decoded
    assert 1.0 < abs(first.log_evidence - last.log_evidence) < first.error


@pytest.mark.proof
@pytest.mark.timeout(900)
def test_the_first_evidence_of_100_images_has_an_honest_error():
    list(decode_likely(Latent()))
    for i in range(100):
        document = Latent().with_input(FromData(i))
        first, _ = early_of(document)
        last = progress_of(document)[-1].unboxing
        assert abs(first.log_evidence - last.log_evidence) < first.error + last.error


@pytest.mark.parametrize("unboxings", [unboxings_of, early_unboxings_of])
def test_an_error_of_a_posterior_is_a_fault_and_not_a_refusal(monkeypatch, unboxings):
    def broken(_):
        raise ValueError("operands could not be broadcast together")
        yield

    monkeypatch.setattr(shared_posterior, "posterior", broken)
    with pytest.raises(ValueError, match="broadcast"):
        list(unboxings(Latent().with_input(FromData(21))))


@pytest.mark.slow
def test_the_first_evidence_takes_no_further_turn_once_all_nodes_are_decoded():
    document = Latent().with_input(FromData(21))
    assert progress_of(document)[0].unboxing is None  # the heatmaps, which another panel has shown
    assert isinstance(next(early_unboxings_of(document)), Unboxing)


def test_panels_that_take_turns_share_one_computation():
    """Without sharing, each of them would score the nodes of a density that is not linear in the outputs."""
    document = Latent().with_input(FromData(8)).with_observation(BlockAverage(14))
    turns, grids = [posterior(document) for _ in range(2)], {}
    while len(grids) < 2:
        for i, turn in enumerate(turns):
            value = next(turn)
            if isinstance(value, Progress):
                grids.setdefault(i, value.grid)
    assert grids[0] is grids[1]


@pytest.mark.slow
def test_the_ledger_which_asks_for_other_steps_does_not_end_the_sharing(monkeypatch):
    begun, begin = [], shared_posterior._stride_by_stride

    def noted(document, *rest):
        begun.append(document.step)
        return begin(document, *rest)

    monkeypatch.setattr(shared_posterior, "_stride_by_stride", noted)
    monkeypatch.setattr(shared_posterior, "_lattices", Recent(2))  # a full one drops outputs, and then they begin again
    document = brushed(4711, SPOT, MORE)  # no other test selects this image, so nothing of it is in the cache
    for n in (2, 1, 2):
        next(posterior(document.step_to(n)))
    assert begun == [2, 1]


@pytest.mark.slow
def test_what_others_drop_while_it_is_decoded_is_decoded_again():
    document, lattice = Latent().with_input(FromData(4711)), lattice_of(Latent().loaded_model)
    lattice.shrink()
    work, dropped = posterior(document), 0
    for found in work:  # the posterior on fewer nodes, each time before others are decoded
        if isinstance(found, Progress) and found.part == 1.0:
            break
        if isinstance(found, Progress):
            assert isinstance(next(work), Pending)
            lattice.shrink()
            dropped += 1
    assert dropped and off_where_the_mass_is(document) < 0.05


@pytest.mark.slow
def test_a_stroke_that_moves_the_mass_is_scored_exactly_where_the_mass_is_then():
    """After the first stroke the new place was unlikely, and the values there were interpolated."""
    for document in (brushed(3, MORE), brushed(3, MORE, SPOT), brushed(3, SPOT), brushed(3, SPOT, MORE)):
        assert off_where_the_mass_is(document) < 0.02


@pytest.mark.slow
def test_what_was_dropped_for_lack_of_room_is_decoded_again():
    document = Latent().with_input(FromData(8123))  # no other test selects it, so it is not in the cache
    before = grid_of(document)
    lattice = lattice_of(document.loaded_model)
    nodes = lattice.near(before.log_density[::2, ::2], 2)
    assert not lattice.lacking(nodes)
    lattice.shrink()
    assert lattice.lacking(nodes)
    half = document.with_observation(Half())
    assert off_where_the_mass_is(half) < 0.02
    assert off_where_the_mass_is(document) < 0.02


@pytest.mark.proof
def test_a_wide_posterior_stays_at_stride_2_with_an_honest_error():
    document = brushed(3, SPOT)
    last = progress_of(document)[-1]
    assert len(last.grid.axis) == 151
    vae, seen = document.loaded_model.vae, seen_of(document)
    lattice = Lattice(vae)
    list(lattice.decode())
    exact = unboxed(vae, seen, grid_posterior(lattice, seen.measurements), *q_of(document))
    assert len(exact.axis) == 301
    assert abs(last.unboxing.log_evidence - exact.log_evidence) < last.unboxing.error + exact.error
    assert last.unboxing.error < 0.01


@pytest.mark.proof
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("look", "images"), [(Full(), 100), (Half(), 25), (Brushed((SPOT, MORE)), 25)], ids=str)
def test_100_images_have_the_evidence_and_the_error_of_a_completely_decoded_lattice(look, images):
    vae = Latent().loaded_model.vae
    lattice = Lattice(vae)
    list(lattice.decode())
    for i in range(images):
        document = Latent().with_input(FromData(i)).with_observation(look)
        found, seen = progress_of(document)[-1].unboxing, seen_of(document)
        exact = unboxed(vae, seen, grid_posterior(lattice, seen.measurements), *q_of(document))
        assert abs(found.log_evidence - exact.log_evidence) <= found.error + exact.error
        assert found.error <= exact.error + 0.003
        assert lattice_of(document.loaded_model).nbytes <= BUDGET
