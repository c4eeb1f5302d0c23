"""The panel Ledger of an image and its steps, in the real window: keys, mouse, tool bar and playing."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.latent.document import Latent
from engine.latent.inputs.input import Blank, FromData
from engine.latent.observations.half import Half
from engine.latent.probes import MeasurementPlace
from engine.latent.unboxing import brushing
from engine.latent.unboxing.latent_space import NO_IMAGE
from engine.latent.unboxing.ledger import Ledger as LedgerValues
from engine.latent.unboxing.ledger import ledger
from engine.lecture import steps as lecture_steps
from engine.plane import Viewport
from gui.latent.image.gallery import GalleryPanel
from gui.latent.unboxing.latent_space import Posterior
from gui.latent.unboxing.ledger import NOT_SEEN, SINGLE, Ledger
from gui.latent.unboxing.observed_image import CLEAR_STROKES, UNDO_STROKE
from gui.page.stepper import BACK, FIRST, FORWARD, LAST, PLAY, Stepper
from gui.widgets.numbers import nats
from tests.gui.conftest import settle
from tests.gui.latent.acting import change, edit, run

NO_KEYS = Qt.KeyboardModifier.NoModifier
ALT = Qt.KeyboardModifier.AltModifier
ONCE = Viewport(0, 1, 0, 1, 1, 1)


def three_strokes():
    """Return a document with three strokes over test image 7."""
    document = Latent().with_input(FromData(7))
    for x, y in ((0.4, 0.35), (0.6, 0.5), (0.3, 0.8)):
        document = brushing.begun(document, (x, y, 0.5), 0.25)
    return document


@pytest.fixture
def window(qtbot, open_window):
    window = open_window("unboxing")
    edit(window, three_strokes().step_to(2))
    settle(qtbot, window)
    return window


@pytest.fixture
def panel(qtbot, window, page):
    panel = page.view.bring(Ledger)
    qtbot.waitUntil(panel.isVisible)
    QApplication.processEvents()
    settle(qtbot, window)
    return panel


def column(panel, i):
    model = panel.table.model()
    return [model.index(row, i).data() for row in range(model.rowCount())]


def values_of(document):
    """Return the final values of the ledger of a document."""
    return [values for values in ledger(document, ONCE) if isinstance(values, LedgerValues)][-1]


def steps(page):
    return page.store.document.step, page.store.document.observation.steps


@pytest.mark.slow
def test_all_observations_have_rows_and_later_ones_are_pale(page, panel):
    expected = values_of(page.store.document)
    assert column(panel, 0) == ["1", "▸ 2", "3"]
    assert column(panel, 1) == list(expected.what)
    for i, values in ((2, expected.gain), (3, expected.information), (4, expected.evidence)):
        assert column(panel, i) == [nats(value) for value in values]
    model = panel.table.model()
    pale = [model.index(row, 1).data(Qt.ItemDataRole.ForegroundRole) is not None for row in range(3)]
    assert pale == [False, False, True]
    assert nats(expected.evidence[1]) in page.view.docks["Ledger"].titleBarWidget().caption.text()


@pytest.mark.proof
def test_enter_and_a_double_click_step_to_the_row(qtbot, window, page, panel):
    panel.table.selectRow(2)
    QTest.keyClick(panel.table, Qt.Key.Key_Return)
    settle(qtbot, window)
    assert steps(page) == (3, 3)
    assert column(panel, 0) == ["1", "2", "▸ 3"]
    panel.table.doubleClicked.emit(panel.table.model().index(0, 0))
    settle(qtbot, window)
    assert steps(page) == (1, 3)
    assert column(panel, 0) == ["▸ 1", "2", "3"]
    assert page.view.selection == MeasurementPlace(2)


@pytest.mark.proof
def test_delete_removes_a_stroke_and_is_undone(qtbot, window, page, panel):
    before = page.store.document
    panel.table.selectRow(0)
    QTest.keyClick(panel.table, Qt.Key.Key_Delete)
    settle(qtbot, window)
    assert page.store.document.observation.strokes == before.observation.strokes[1:]
    assert steps(page) == (1, 2)
    assert len(column(panel, 0)) == 2
    page.store.stack.undo()
    assert page.store.document == before


@pytest.mark.proof
def test_another_order_changes_the_numbers_and_not_their_sum(qtbot, window, page, panel):
    before, gains, sums = page.store.document, column(panel, 2), column(panel, 4)
    panel.table.selectRow(0)
    QTest.keyClick(panel.table, Qt.Key.Key_Down, ALT)
    settle(qtbot, window)
    assert page.store.document == brushing.reordered(before, 0, 1)
    assert column(panel, 2)[:2] != gains[:2]
    assert column(panel, 4)[1:] == sums[1:]
    assert page.view.selection == MeasurementPlace(1)
    page.store.stack.undo()
    assert page.store.document == before


@pytest.mark.proof
def test_a_row_is_dragged_to_another_place(qtbot, window, page, panel):
    table, before = panel.table, page.store.document
    height = table.rowHeight(0)
    at = [QPointF(60, table.rowViewportPosition(row) + height / 2) for row in (0, 2)]
    moves = [(QEvent.Type.MouseButtonPress, at[0]), (QEvent.Type.MouseMove, at[1] + QPointF(0, height / 3))]
    for kind, place in [*moves, (QEvent.Type.MouseButtonRelease, at[1] + QPointF(0, height / 3))]:
        moving = kind == QEvent.Type.MouseMove
        button = Qt.MouseButton.NoButton if moving else Qt.MouseButton.LeftButton
        held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else Qt.MouseButton.LeftButton
        everywhere = QPointF(table.viewport().mapToGlobal(QPoint(round(place.x()), round(place.y()))))
        QApplication.sendEvent(table.viewport(), QMouseEvent(kind, place, everywhere, button, held, NO_KEYS))
    assert page.store.document == brushing.reordered(before, 0, 2)


@pytest.mark.slow
def test_an_observation_that_is_not_a_stroke_is_not_removed(qtbot, window, page, panel):
    edit(window, page.store.document.with_observation(Half()))
    settle(qtbot, window)
    before = page.store.document
    assert column(panel, 1) == ["one half: 392 pixels"]
    panel.table.selectRow(0)
    QTest.keyClick(panel.table, Qt.Key.Key_Delete)
    assert page.store.document is before
    assert SINGLE.format("removed") in window.banner.text.text()


@pytest.mark.proof
def test_the_empty_states(qtbot, window, page, panel):
    run(window, CLEAR_STROKES)
    settle(qtbot, window)
    assert panel.notice.text() == NOT_SEEN
    change(window, Latent.with_input, Blank())
    settle(qtbot, window)
    assert panel.notice.text() == NO_IMAGE
    assert column(panel, 0) == []


@pytest.mark.slow
def test_the_tool_bar_and_the_planes_change_the_step(qtbot, window, page):
    menus = window.menus
    assert menus.position.text() == "2 of 3"
    for command, expected in ((LAST, 3), (BACK, 2), (FIRST, 0), (FORWARD, 1)):
        menus.action(command).trigger()
        assert page.store.document.step == expected
    plot = page.view.panel(Posterior).plot
    QTest.keyClick(plot, Qt.Key.Key_Space)
    assert page.store.document.step == 2
    QTest.keyClick(plot, Qt.Key.Key_Space, Qt.KeyboardModifier.ShiftModifier)
    assert page.store.document.step == 1
    menus.action(FIRST).trigger()
    assert not menus.action(BACK).isEnabled()


@pytest.mark.slow
def test_stepping_is_enabled_only_if_there_are_observations(qtbot, window, page):
    menus = window.menus
    assert menus.action(BACK) in window.bar.actions()
    window.show_page("latent")
    assert page.view.position is None
    assert menus.action(BACK) not in window.bar.actions()
    qtbot.waitUntil(lambda: not menus.position.isVisible())
    run(window, BACK)
    assert steps(page) == (2, 3)
    window.show_page("unboxing")
    assert menus.action(BACK) in window.bar.actions()
    change(window, Latent.with_input, Blank())
    assert menus.action(BACK) not in window.bar.actions()


@pytest.mark.slow
def test_each_page_has_its_own_step(window, page):
    window.show_page("regression")
    edit(window, lecture_steps()[3].document)
    step = window.page.store.document.step
    window.menus.action(BACK).trigger()
    assert window.page.store.document.step == step - 1
    assert steps(page) == (2, 3)


@pytest.mark.proof
def test_playing_steps_through_the_observations_and_stops(window, page):
    player, play = page.view.controller(Stepper).player, window.menus.action(PLAY)
    run(window, LAST)
    play.trigger()
    assert steps(page) == (0, 3)
    assert play.text() == "Pause"
    for n in (1, 2):
        player.timeout.emit()
        assert (page.store.document.step, player.isActive()) == (n, True)
    player.timeout.emit()
    assert (page.store.document.step, player.isActive()) == (3, False)
    assert play.text() == "Play"


@pytest.mark.slow
def test_another_edit_stops_playing(window, page):
    player = page.view.controller(Stepper).player
    run(window, FIRST)
    run(window, PLAY)
    assert player.isActive()
    run(window, UNDO_STROKE)
    assert not player.isActive()


@pytest.mark.slow
def test_page_keys_still_scroll_the_gallery(page):
    wall = page.view.panel(GalleryPanel).wall
    for key, is_own in ((Qt.Key.Key_PageDown, True), (Qt.Key.Key_PageUp, True), (Qt.Key.Key_F5, False)):
        override = QKeyEvent(QEvent.Type.ShortcutOverride, key, NO_KEYS)
        override.ignore()
        QApplication.sendEvent(wall, override)
        assert override.isAccepted() == is_own
