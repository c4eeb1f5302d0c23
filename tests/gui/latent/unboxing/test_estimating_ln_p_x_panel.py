"""The Why variational panel: estimates about the grid's value, and an upright at K that is dragged or typed."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from engine.latent.document import Latent
from engine.latent.gaussian_q import GaussianQ
from engine.latent.image.reparameterisation import ReparameterisationSettings
from engine.latent.inputs.input import FromData
from engine.latent.unboxing.estimating_ln_p_x import NO_IMAGE, NOTHING_SEEN, EstimatingSettings
from gui.latent.unboxing.estimating_ln_p_x import WhyVariational, figure
from gui.plots.curves.scatters import bent, ticks
from tests.gui.conftest import settle


@pytest.fixture
def window(open_window):
    return open_window("unboxing")


@pytest.fixture
def panel(qtbot, window):
    window.page.view.show_why_variational()
    settle(qtbot, window)
    return window.page.view.panel(WhyVariational)


@pytest.fixture
def put(qtbot, window, panel):
    """Image 3 with its estimates drawn."""
    window.page.view.edit("Put", Latent().with_input(FromData(3)))
    settle(qtbot, window)
    return panel


def estimating(window):
    return window.page.store.document[EstimatingSettings]


def test_without_an_image_it_says_what_to_do(qtbot, window, panel):
    assert panel.lacking.text() == NO_IMAGE
    assert not panel.content.isVisible()
    window.page.view.edit("See nothing", Latent().with_input(FromData(3)).step_to(0))
    settle(qtbot, window)
    assert panel.lacking.text() == NOTHING_SEEN


def test_every_repeat_is_a_dot_at_its_distance_from_the_grids_value(put):
    found = put.estimated
    assert put.content.isVisible()
    for way, dots in ((found.prior, put.repeats.dots[0]), (found.q, put.repeats.dots[1])):
        assert len(dots.places) == 512
        np.testing.assert_allclose(np.sinh(dots.places[:, 1]), way.repeats - found.log_evidence, atol=1e-9)
    for way, dots in zip((found.prior, found.q), put.bands.dots, strict=True):
        np.testing.assert_allclose(2 ** dots.places[:, 0], way.counts)
        np.testing.assert_allclose(np.sinh(dots.places[:, 1]), way.median - found.log_evidence, atol=1e-9)
    np.testing.assert_allclose(np.sinh(put.bands.bound.places), [[0, found.elbo - found.log_evidence]], atol=1e-9)
    assert put.repeats.home == replace(put.bands.home, left=put.repeats.home.left, right=put.repeats.home.right)
    assert put.bands.home.bottom < bent(min(found.prior.low.min(), found.prior.repeats.min()) - found.log_evidence)
    assert put.bands.home.top > bent(max(found.prior.repeats.max(), found.q.repeats.max()) - found.log_evidence)


def test_the_words_say_how_far_off_and_why(put):
    prior, q = (line.text() for line in put.words)
    found = put.estimated
    assert f"{np.median(found.prior.repeats):.1f}".replace("-", "−") in prior
    assert f"{figure(found.log_evidence - np.median(found.prior.repeats))} nats short" in prior
    assert f"{found.prior.effective:.1f} effective" in prior
    assert q.startswith("q, K = 64")


def test_the_upright_is_dragged_to_powers_of_two(qtbot, window, put, hand):
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


def test_any_k_can_be_typed_and_a_bad_one_is_refused(qtbot, window, put):
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


def test_drawing_again_changes_the_estimates_and_q_by_hand_is_named(qtbot, window, put):
    document = window.page.store.document
    known = put.repeats.dots[1].places.copy()
    qtbot.mouseClick(put.again, Qt.MouseButton.LeftButton)
    assert estimating(window) == EstimatingSettings(seed=2)
    hand_made = document.with_setting(replace(document[ReparameterisationSettings], q=GaussianQ(0.5, 0.2, 0.6, 0.3)))
    window.page.view.edit("Put q", hand_made)
    settle(qtbot, window)
    assert put.words[1].text().startswith("q by hand")
    assert not np.array_equal(put.repeats.dots[1].places, known)


def test_ticks_have_room_and_are_round_numbers_of_nats(put):
    view = put.bands.shown
    unit = (view.top - view.bottom) / view.rows
    found = ticks(view, unit)
    assert (0.0, "0") in found
    places = sorted(at for at, _ in found)
    assert min(np.diff(places)) >= put.bands.fontMetrics().height() * unit
    for at, text in found:
        assert np.sinh(at) == pytest.approx(float(text.replace("−", "-")), abs=1e-9)


def test_figures():
    assert [figure(value) for value in (212.7, 35.2, 3.512, 0.0421)] == ["213", "35", "3.5", "0.0"]
