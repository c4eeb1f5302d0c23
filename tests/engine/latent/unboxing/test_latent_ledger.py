"""The ledger of an image against closed forms for a linear model, and laws for the shipped model."""

from functools import partial
from itertools import permutations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from engine.derived import PENDING
from engine.latent.document import Latent
from engine.latent.inputs.input import FromData, Input
from engine.latent.model import LoadedModel
from engine.latent.observations.block_average import BlockAverage
from engine.latent.observations.full import Full
from engine.latent.observations.grey_from_colour import GreyFromColour
from engine.latent.observations.half import Half
from engine.latent.posterior.grid_density import Integral
from engine.latent.posterior.refinement import refine
from engine.latent.posterior.scoring.at_latents import log_likelihoods
from engine.latent.unboxing import brushing
from engine.latent.unboxing.ledger import Ledger, ledger
from engine.latent.unboxing.observed_image import Observed, observed_image
from engine.latent.unboxing.shared_posterior import Progress, posterior, seen_of, unboxing_of
from engine.plane import Viewport
from tests.engine.latent.linear import LinearModel

ONCE = Viewport(0, 1, 0, 1, 1, 1)
PLACES = [(0, 0), (1, 2), (0, 1), (1, 0)]  # pixels of an image of 2×3


class Given(Input):
    """An image that a test has made."""

    def __init__(self, x):
        self.x = np.rint(255 * x).astype(np.uint8)

    def pixels(self, data, shape):
        return self.x

    def name(self, data):
        return "given"


def found(document):
    made = [value for value in ledger(document, ONCE) if isinstance(value, Ledger)]
    return made[-1] if made else None


def dabs(document, places, shape=(2, 3)):
    """One stroke over each pixel of PLACES, which covers no other pixel."""
    for row, column in places:
        middle = (column + 0.5) / shape[1], (row + 0.5) / shape[0], 0.5
        document = brushing.begun(document, middle, brushing.WIDTHS["Thin"])
    return document


@pytest.fixture
def model(monkeypatch):
    made = LinearModel(3)
    model = LoadedModel(made.vae)
    monkeypatch.setattr(Latent, "loaded_model", property(lambda _: model))
    return made


@pytest.fixture
def document(model):
    return Latent().with_input(Given(model.image()))


def kl(after, before):
    """KL(N(m₁, S₁) ‖ N(m₀, S₀)), in nats."""
    (m, s), (m0, s0) = after, before
    inverse = np.linalg.inv(s0)
    return 0.5 * (
        np.trace(inverse @ s) + (m0 - m) @ inverse @ (m0 - m) - 2 + np.log(np.linalg.det(s0) / np.linalg.det(s))
    )


def test_gains_and_information_are_those_of_probabilistic_pca(model, document):
    x = document.input.x.ravel() / 255
    rows = found(dabs(document, PLACES))
    flat, before, evidence = [3 * row + column for row, column in PLACES], (np.zeros(2), np.eye(2)), 0.0
    for n in range(len(PLACES)):
        index = flat[: n + 1]
        mean, covariance, total = model.posterior(np.eye(6)[index], x[index])
        joint = multivariate_normal(
            model.b[index], (model.w @ model.w.T + np.diag(model.sigma**2))[np.ix_(index, index)]
        )
        assert total == pytest.approx(joint.logpdf(x[index]), abs=1e-9)
        assert rows.evidence[n] == pytest.approx(total, abs=1e-6)
        assert rows.gain[n] == pytest.approx(total - evidence, abs=1e-6)
        assert rows.information[n] == pytest.approx(kl((mean, covariance), before), abs=1e-6)
        before, evidence = (mean, covariance), total
    assert rows.what == tuple(f"stroke {n}: 1 pixel" for n in (1, 2, 3, 4))


def test_the_terms_depend_on_the_order_and_their_sum_does_not(document):
    totals, firsts = [], set()
    for order in permutations(PLACES[:3]):
        rows = found(dabs(document, order))
        totals.append(rows.evidence[-1])
        firsts.add(round(float(rows.gain[0]), 6))
        assert rows.gain.sum() == pytest.approx(rows.evidence[-1], abs=1e-12)
    assert np.ptp(totals) < 1e-9
    assert len(firsts) == 3


def test_every_stroke_has_a_row_at_every_step_and_the_sum_is_that_of_one_measurement(document):
    brushed = dabs(document, [(row, column) for row in (0, 1) for column in (0, 1, 2)])
    rows, first = found(brushed), found(brushed.step_to(2))
    np.testing.assert_array_equal(first.gain, rows.gain)
    at_once = found(document.with_observation(Full()))
    assert len(at_once.gain) == 1
    assert rows.evidence[-1] == pytest.approx(at_once.evidence[0], abs=1e-9)


def test_a_stroke_over_observed_pixels_adds_nothing(document):
    rows = found(dabs(document, [(0, 0), (0, 0)]))
    assert rows.what[1] == "stroke 2: 0 pixels"
    assert rows.gain[1] == pytest.approx(0, abs=1e-9)
    assert rows.information[1] == pytest.approx(0, abs=1e-9)


def test_there_is_no_ledger_without_an_image_or_a_possible_observation(document):
    assert found(Latent()) is None
    grey = document.with_observation(GreyFromColour())
    assert found(grey) is None
    (refused,) = observed_image(grey, ONCE)
    assert "needs coloured images" in refused.unavailable
    assert not refused.known.any()


def test_the_ledger_is_empty_without_measurements(document):
    assert found(brushing.cleared(document)).what == ()


@pytest.mark.proof
def test_the_ledger_of_digits_has_the_evidence_of_the_unboxing():
    document = Latent().with_input(FromData(7))
    for look in (Half(), BlockAverage(7)):
        looked = document.with_observation(look)
        unboxing = end_of(unboxing_of(looked))
        rows = found(looked)
        assert rows.evidence[0] == pytest.approx(unboxing.log_evidence, abs=max(unboxing.error, 5e-3))
        assert 0 < rows.information[0] < 12


def end_of(work):
    try:
        while True:
            assert next(work) is PENDING
    except StopIteration as end:
        return end.value


def test_the_observed_image_comes_first_and_then_the_image_at_the_posterior_mean(document):
    brushed = dabs(document, PLACES).step_to(2)
    values = [value for value in observed_image(brushed, ONCE) if isinstance(value, Observed)]
    assert values[0].mean is None
    last = values[-1]
    flat = [0, 5]
    assert sorted(np.flatnonzero(last.known)) == flat
    assert [int(np.flatnonzero(mask)[0]) for mask in last.added] == [0, 5, 1, 3]
    np.testing.assert_array_equal(last.seen.reshape(6, -1)[flat], last.whole.reshape(6, -1)[flat])
    assert last.mean is not None


def test_the_image_is_decoded_at_the_posterior_mean(model, document):
    brushed = dabs(document, PLACES)
    *_, last = (value for value in observed_image(brushed, ONCE) if isinstance(value, Observed))
    flat = [3 * row + column for row, column in PLACES]
    mean, _, _ = model.posterior(np.eye(6)[flat], (document.input.x.ravel() / 255)[flat])
    assert last.mean.z == pytest.approx(tuple(mean), abs=1e-5)
    decoded = np.clip(model.w @ mean + model.b, 0, 1)
    np.testing.assert_allclose(last.mean.ink.reshape(6, -1)[:, 0] / 254, decoded, atol=1 / 254)


@pytest.mark.proof
def test_the_rows_of_three_strokes_have_the_evidence_of_a_much_finer_sum():
    """With the bound on the error that the panel needs, half of the latents are decoded."""
    document = Latent().with_input(FromData(30))
    for row in (0.25, 0.45, 0.65):
        document = brushing.begun(document, (0.3, row, 0.5), brushing.WIDTHS["Thick"])
        for column in (0.35, 0.45, 0.55, 0.65):
            document = brushing.gone_on(document, (column, row, 0.5))
    rows, vae = found(document), document.loaded_model.vae
    measurements = seen_of(document).measurements
    for n in (1, 2, 3):
        *_, grid = (version.grid for version in posterior(document.step_to(n)) if isinstance(version, Progress))
        score = partial(log_likelihoods, vae, measurements[:n])
        sums = refine(grid, score, everywhere=True, enough=1e-5)
        *_, finest = (version for version in sums if isinstance(version, Integral))
        assert rows.evidence[n - 1] == pytest.approx(finest.log_evidence, abs=3e-3)
