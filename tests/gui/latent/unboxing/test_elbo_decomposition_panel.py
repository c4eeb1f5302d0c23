"""The identity through the real window: q is put by hand, put back, and put where it is best."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from engine.latent.document import Latent
from engine.latent.gaussian_q import GaussianQ
from engine.latent.inputs.input import FromData
from gui.latent.unboxing.elbo_decomposition import NONE, Identity
from tests.gui.conftest import settle

IMAGE = Latent(input=FromData(3))


@pytest.fixture
def window(open_window):
    return open_window("unboxing")


@pytest.fixture
def view(window):
    return window.page.view


@pytest.fixture
def panel(qtbot, window, view):
    found = view.bring(Identity)
    view.edit("Choose image", IMAGE)
    settle(qtbot, window)
    return found


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


def test_without_an_image_it_says_what_to_do(qtbot, window, view):
    panel = view.bring(Identity)
    settle(qtbot, window)
    assert "Gallery" in panel.notice.text()
    assert not panel.content.isVisible()
    with qtbot.waitSignal(panel.refused) as said:
        panel.hand.click() if panel.hand.isVisible() else panel.take()
    assert said.args == [NONE]


@pytest.mark.parametrize("width", [230, 300, 420])
def test_the_column_fits_into_a_narrow_panel(qtbot, panel, width):
    panel.content.setFixedWidth(width)
    qtbot.waitUntil(lambda: panel.content.horizontalScrollBar().maximum() == 0)
    rows = {button.y() for button in (panel.snap, panel.back, panel.hand)}
    assert len(rows) == {230: 3, 300: 2, 420: 1}[width]


def test_what_is_shown_adds_up(panel):
    shown = panel.bars.sum
    assert shown.reconstruction - shown.kl + shown.gap == pytest.approx(shown.log_evidence)
    assert shown.best is not None
    assert shown.elbo <= shown.best <= shown.log_evidence + 0.01
    assert panel.values["KL(q‖p)"].text().startswith(f"{shown.gap:.2f}")


def test_snapping_puts_q_where_it_is_best_and_can_be_undone(qtbot, window, panel, store):
    panel.snap.click()
    settle(qtbot, window)
    best, hand = panel.found.split.best, store.document.q
    assert hand.mean == pytest.approx(best.mean, rel=1e-5)
    assert hand.deviation == pytest.approx(best.deviation, rel=1e-5)
    assert panel.found.by_hand
    assert panel.found.split.amortisation == pytest.approx(0, abs=1e-3)
    assert panel.found.ahead > 1  # nats that the encoder leaves on the table for this image
    window.undo.trigger()
    settle(qtbot, window)
    assert store.document == IMAGE
    assert not panel.found.by_hand


def test_snapping_before_the_best_is_known_happens_when_it_is(qtbot, window, view, panel, store):
    view.edit("Choose image", Latent(input=FromData(57)))
    panel.snap_to_best()
    settle(qtbot, window)
    assert store.document.q is not None
    assert panel.found.split.amortisation == pytest.approx(0, abs=1e-3)


def test_a_wish_for_the_best_q_is_forgotten_with_its_image(qtbot, window, view, panel, store):
    view.edit("Choose image", Latent(input=FromData(58)))
    panel.snap_to_best()
    view.edit("Choose image", Latent(input=FromData(59)))
    settle(qtbot, window)
    assert store.document.q is None


def test_a_q_by_hand_starts_from_the_encoders_and_goes_back(qtbot, window, view, panel, store):
    encoder = panel.found.unboxing.bound
    view.hand_q()
    settle(qtbot, window)
    assert store.document.q.mean == pytest.approx(encoder.mean, rel=1e-5)
    assert panel.found.ahead == pytest.approx(0, abs=1e-3)
    view.encoder_q()
    settle(qtbot, window)
    assert store.document.q is None
    with qtbot.waitSignal(view.refused):
        view.encoder_q()


def test_typing_a_mean_moves_q_and_a_bad_one_is_refused_there(qtbot, window, panel, store):
    type_into(qtbot, panel.mean.editors["mean_0"], "2.05")
    settle(qtbot, window)
    assert store.document.q.mean_0 == 2.05
    assert panel.bars.sum.encoder is not None
    before = store.document
    type_into(qtbot, panel.deviation.editors["deviation_1"], "-3")
    settle(qtbot, window)
    assert store.document is before


def test_it_says_by_how_much_the_hand_beats_the_encoder(qtbot, window, view, panel):
    for q, words in ((GaussianQ(0.0, 0.0, 1.0, 1.0), "worse than the encoder's"), (None, "The encoder's q")):
        view.edit("Move q", replace(IMAGE, trick=replace(IMAGE.trick, q=q)))
        settle(qtbot, window)
        assert words in panel.contest.text()
