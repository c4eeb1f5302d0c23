"""The panel ELBO decomposition in the real window: q is edited, reset, and set to the optimal q*."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from engine.derived import Scene
from engine.latent.document import Latent
from engine.latent.gaussian_q import GaussianQ
from engine.latent.inputs.input import FromData
from engine.latent.unboxing.elbo_decomposition import elbo_decomposition
from engine.latent.unboxing.latent_space import NO_IMAGE
from gui.latent.unboxing.elbo_decomposition import EDIT, INFINITE, NONE, RESET, ElboDecomposition
from tests.gui.conftest import settle
from tests.gui.latent.acting import edit, run

IMAGE = Latent(input=FromData(3))


@pytest.fixture
def window(open_window):
    return open_window("unboxing")


@pytest.fixture
def view(window):
    return window.page.view


@pytest.fixture
def panel(qtbot, window, view):
    panel = view.bring(ElboDecomposition)
    edit(window, IMAGE)
    settle(qtbot, window)
    return panel


@pytest.fixture
def store(window, panel):
    return window.page.store


def type_into(qtbot, editor, text):
    editor.window().activateWindow()
    editor.line.setFocus()
    qtbot.waitUntil(editor.line.hasFocus)
    editor.line.selectAll()
    qtbot.keyClicks(editor.line, text)
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)


@pytest.mark.slow
def test_the_empty_state_names_the_ways_to_select_an_image(qtbot, window, view):
    panel = view.bring(ElboDecomposition)
    settle(qtbot, window)
    assert panel.notice.text() == NO_IMAGE
    assert not panel.content.isVisible()
    run(window, EDIT)
    assert window.banner.text.text() == NONE


@pytest.mark.slow
@pytest.mark.parametrize("width", [180, 230, 420])
def test_the_column_fits_into_a_narrow_panel(qtbot, panel, width):
    panel.content.setFixedWidth(width)
    qtbot.waitUntil(lambda: panel.content.horizontalScrollBar().maximum() == 0)
    rows = {button.y() for button in (panel.optimum, panel.reset, panel.edit)}
    assert len(rows) == {180: 3, 230: 2, 420: 1}[width]


@pytest.mark.proof
def test_the_bars_add_up(panel):
    shown = panel.bars.sum
    assert shown.reconstruction - shown.kl + shown.gap == pytest.approx(shown.log_evidence)
    assert shown.best is not None
    assert shown.elbo <= shown.best <= shown.log_evidence + 0.01
    assert panel.values["KL(q‖p)"].text().startswith(f"{shown.gap:.2f}")


@pytest.mark.proof
def test_q_is_set_to_the_optimum_and_that_is_undone(qtbot, window, panel, store):
    panel.optimum.click()
    settle(qtbot, window)
    best, q = panel.decomposition.gap_parts.best, store.document.q
    assert q.mean == pytest.approx(best.mean, rel=1e-5)
    assert q.deviation == pytest.approx(best.deviation, rel=1e-5)
    assert panel.decomposition.by_hand
    assert panel.decomposition.gap_parts.amortisation == pytest.approx(0, abs=1e-3)
    assert panel.decomposition.ahead > 1  # nats: the amortisation gap of this image
    window.undo.trigger()
    settle(qtbot, window)
    assert store.document == IMAGE
    assert not panel.decomposition.by_hand


@pytest.mark.slow
def test_q_is_set_to_the_optimum_as_soon_as_it_is_computed(qtbot, window, view, panel, store):
    edit(window, Latent(input=FromData(57)))
    panel.set_to_optimum()
    settle(qtbot, window)
    assert store.document.q is not None
    assert panel.decomposition.gap_parts.amortisation == pytest.approx(0, abs=1e-3)


@pytest.mark.slow
def test_q_stays_unchanged_if_another_image_is_selected_meanwhile(qtbot, window, view, panel, store):
    edit(window, Latent(input=FromData(58)))
    panel.set_to_optimum()
    edit(window, Latent(input=FromData(59)))
    settle(qtbot, window)
    assert store.document.q is None


@pytest.mark.slow
def test_editing_starts_from_the_q_of_the_encoder_and_is_reset(qtbot, window, view, panel, store):
    encoder = panel.decomposition.unboxing.bound
    run(window, EDIT)
    settle(qtbot, window)
    assert store.document.q.mean == pytest.approx(encoder.mean, rel=1e-5)
    assert panel.decomposition.ahead == pytest.approx(0, abs=1e-3)
    run(window, RESET)
    settle(qtbot, window)
    assert store.document.q is None
    with qtbot.waitSignal(view.refused):
        run(window, RESET)


@pytest.mark.slow
def test_a_typed_mean_moves_q_and_an_invalid_deviation_is_refused(qtbot, window, panel, store):
    type_into(qtbot, panel.mean.editors["mean_0"], "2.05")
    settle(qtbot, window)
    assert store.document.q.mean_0 == 2.05
    assert panel.bars.sum.encoder is not None
    before = store.document
    type_into(qtbot, panel.deviation.editors["deviation_1"], "-3")
    settle(qtbot, window)
    assert store.document is before


@pytest.mark.proof
def test_q_is_compared_with_the_encoder(qtbot, window, view, panel):
    for q, words in ((GaussianQ(0.0, 0.0, 1.0, 1.0), "worse than the encoder's"), (None, "The encoder's q")):
        edit(window, IMAGE.with_q(q))
        settle(qtbot, window)
        assert words in panel.contest.text()


@pytest.mark.slow
def test_an_elbo_that_is_not_finite_is_said_and_not_drawn(panel):
    known = panel.decomposition
    bound = replace(known.unboxing.bound, reconstruction=-np.inf)
    endless = replace(known, unboxing=replace(known.unboxing, bound=bound))
    panel.draw(Scene(panel.document, {elbo_decomposition: endless}))
    assert panel.notice.text() == INFINITE
    assert panel.content.isHidden()
    panel.draw(Scene(panel.document, {elbo_decomposition: known}))
    assert panel.notice.isHidden()
