"""The panel Estimating ln p(x): estimates around the value by the grid, and a vertical line at K."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from engine.latent.document import Latent
from engine.latent.gaussian_q import GaussianQ
from engine.latent.inputs.input import FromData
from engine.latent.posterior.annealing import Annealed
from engine.latent.unboxing.bracket import Bounds, Bracket
from engine.latent.unboxing.estimating_ln_p_x import EstimatingSettings
from engine.latent.unboxing.latent_space import NO_IMAGE, NOTHING_SEEN
from gui.latent.unboxing.estimating_ln_p_x import EstimatingLnPx, cautions, figure
from gui.plots.curves.scatters import bent, ticks
from tests.gui.conftest import settle
from tests.gui.latent.acting import edit


@pytest.fixture
def window(open_window):
    return open_window("unboxing")


@pytest.fixture
def panel(qtbot, window):
    panel = window.page.view.bring(EstimatingLnPx)
    settle(qtbot, window)
    return panel


@pytest.fixture
def put(qtbot, window, panel):
    """Return the panel with the estimates for test image 3."""
    edit(window, Latent().with_input(FromData(3)))
    settle(qtbot, window)
    return panel


def estimating(window):
    return window.page.store.document[EstimatingSettings]


@pytest.mark.slow
def test_the_empty_states(qtbot, window, panel):
    assert panel.reason.text() == NO_IMAGE
    assert not panel.content.isVisible()
    edit(window, Latent().with_input(FromData(3)).step_to(0))
    settle(qtbot, window)
    assert panel.reason.text() == NOTHING_SEEN


@pytest.mark.proof
def test_every_repeat_is_a_dot_at_its_distance_from_the_value_by_the_grid(put):
    estimated = put.estimated
    exact = estimated.log_evidence
    assert put.content.isVisible()
    for scatter, dots in ((estimated.prior, put.repeats.dots[0]), (estimated.q, put.repeats.dots[1])):
        assert len(dots.places) == 512
        np.testing.assert_allclose(np.sinh(dots.places[:, 1]), scatter.repeats - exact, atol=1e-9)
    for scatter, dots in zip((estimated.prior, estimated.q), put.bands.dots, strict=True):
        np.testing.assert_allclose(2 ** dots.places[:, 0], scatter.counts)
        np.testing.assert_allclose(np.sinh(dots.places[:, 1]), scatter.median - exact, atol=1e-9)
    np.testing.assert_allclose(np.sinh(put.bands.bound.places), [[0, estimated.elbo - exact]], atol=1e-9)
    assert put.repeats.home == replace(put.bands.home, left=put.repeats.home.left, right=put.repeats.home.right)
    assert put.bands.home.bottom < bent(min(estimated.prior.low.min(), estimated.prior.repeats.min()) - exact)
    assert put.bands.home.top > bent(max(estimated.prior.repeats.max(), estimated.q.repeats.max()) - exact)


@pytest.mark.slow
def test_the_error_and_the_effective_sample_size_are_written(put):
    prior, q = (line.text() for line in put.words)
    estimated = put.estimated
    median = np.median(estimated.prior.repeats)
    assert f"{median:.1f}".replace("-", "−") in prior
    assert f"{figure(estimated.log_evidence - median)} nats too low" in prior
    assert f"ESS {estimated.prior.effective:.1f}" in prior
    assert q.startswith("q, K = 64")


@pytest.mark.proof
def test_the_vertical_line_is_dragged_to_powers_of_two(qtbot, window, put, hand):
    middle = (put.bands.shown.bottom + put.bands.shown.top) / 2
    hand(put.bands).drag((6, middle), (9.2, middle))
    settle(qtbot, window)
    assert estimating(window).samples == 512
    assert len(put.repeats.dots[0].places) == 32768 // 512
    assert put.bands.upright.straight[0, 0] == 9
    window.page.store.stack.undo()
    assert estimating(window).samples == 64
    hand(put.bands).click(2.3, middle)
    assert estimating(window).samples == 4


@pytest.mark.proof
def test_any_k_can_be_typed_and_an_invalid_one_is_refused(qtbot, window, put):
    editor = put.form.editors["samples"]
    editor.line.setText("100")
    editor.line.textEdited.emit("100")
    settle(qtbot, window)
    assert estimating(window).samples == 100
    assert len(put.repeats.dots[1].places) == 327
    editor.line.setText("5000")
    editor.line.textEdited.emit("5000")
    assert estimating(window).samples == 100
    assert "from 1 to 4096" in editor.refusal.text()


@pytest.mark.proof
def test_new_samples_change_the_estimates_and_a_q_of_the_user_is_named(qtbot, window, put):
    before = put.repeats.dots[1].places.copy()
    qtbot.mouseClick(put.new, Qt.MouseButton.LeftButton)
    assert estimating(window) == EstimatingSettings(seed=2)
    edit(window, Latent().with_input(FromData(3)).with_q(GaussianQ(0.5, 0.2, 0.6, 0.3)))
    settle(qtbot, window)
    assert put.words[1].text().startswith("q set manually")
    assert not np.array_equal(put.repeats.dots[1].places, before)


@pytest.mark.slow
def test_ticks_do_not_overlap_and_are_round_numbers_of_nats(put):
    view = put.bands.shown
    unit = (view.top - view.bottom) / view.rows
    marks = ticks(view, unit)
    assert (0.0, "0") in marks
    places = sorted(at for at, _ in marks)
    assert min(np.diff(places)) >= put.bands.fontMetrics().height() * unit
    for at, text in marks:
        assert np.sinh(at) == pytest.approx(float(text.replace("−", "-")), abs=1e-9)


def test_numbers_have_two_significant_digits():
    assert [figure(value) for value in (212.7, 35.2, 3.512, 0.0421)] == ["213", "35", "3.5", "0.042"]


@pytest.mark.slow
def test_eight_latents_have_bounds_instead_of_a_grid(qtbot, monkeypatch, window, panel):
    monkeypatch.setattr("engine.latent.unboxing.estimating_ln_p_x.POOL", 2**11)
    document = Latent(model="mnist-8").with_input(FromData(3))
    edit(window, document.with_setting(EstimatingSettings(temperatures=8)))
    settle(qtbot, window)
    bound, drawn, cost = (line.text() for line in panel.bounds)
    lower = panel.estimated.bracket.chains.lower
    assert f"T = 8: ln p ≥ −{-lower:.2f}" in bound and "no upper bound" in bound
    assert "bounds " in drawn and "lower −" in drawn and "upper −" in drawn and "301⁸ = 6.7·10¹⁹" in cost
    assert "of the upper bound" in panel.caution.text() and "larger than its ±" in panel.caution.text()
    assert panel.annealing.isVisibleTo(panel) and not panel.optimum.isVisibleTo(panel)
    assert "nats from the bound" in panel.bands._names and "standard error" in panel.words[1].text()
    edit(window, Latent().with_input(FromData(3)))
    settle(qtbot, window)
    assert not panel.annealing.isVisibleTo(panel) and not panel.caution.isVisibleTo(panel)
    assert "from ln p(x)" in panel.bands._names


def test_chains_that_disagree_are_named_with_their_effective_sample_size():
    one, many = (Annealed(np.empty((64, 8)), np.r_[np.full(63, low), 0.0], 1.0) for low in (-9.0, -0.1))
    drawn = Bounds(-80.0, 0.1, -79.0, 0.1, effective=6.0, upper_effective=50.0)
    assert cautions(Bracket(8, 64, many, 3.0, 9.0), 64) == ""
    assert "only 64 temperatures" in cautions(Bracket(8, 64, one, 3.0, 9.0), 128)
    assert "the selected image (ESS 1 of 64) disagree" in cautions(Bracket(8, 64, one, 3.0, 9.0), 64)
    said = cautions(Bracket(8, 64, many, 3.0, 9.0, drawn), 64)
    assert "the drawn image (ESS 6 of 64) disagree" in said and "selected" not in said
    assert "come from one exact sample" in said
    said = cautions(Bracket(8, 64, many, 3.0, 9.0, replace(drawn, upper_effective=20.0)), 64)
    assert "upper bound disagree (ESS 20 of 64)" in said and "one exact sample" not in said
