"""The ledger of an image and its steps: keys, mouse, tool bar and play, through the real window."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.observations.half import Half
from engine.latent.unboxing import brushing
from engine.latent.unboxing.ledger import Ledger as Found
from engine.latent.unboxing.ledger import ledger
from engine.latent.unboxing.observed_image import MeasurementPlace
from engine.plane import Viewport
from gui.latent.image.gallery import GalleryPanel
from gui.latent.unboxing.latent_space import Posterior
from gui.latent.unboxing.ledger import Ledger
from gui.widgets.numbers import nats
from tests.gui.conftest import settle

NO_KEYS = Qt.KeyboardModifier.NoModifier
ALT = Qt.KeyboardModifier.AltModifier
ONCE = Viewport(0, 1, 0, 1, 1, 1)


def three():
    document = Latent().with_input(FromData(7))
    for x, y in ((0.4, 0.35), (0.6, 0.5), (0.3, 0.8)):
        document = brushing.begun(document, (x, y, 0.5), 0.25)
    return document


@pytest.fixture
def window(qtbot, open_window):
    window = open_window("unboxing")
    window.page.view.edit("Brush", three().step_to(2))
    settle(qtbot, window)
    return window


@pytest.fixture
def page(window):
    return window.page


@pytest.fixture
def panel(qtbot, window, page):
    made = page.view.bring(Ledger)
    qtbot.waitUntil(made.isVisible)
    QApplication.processEvents()
    settle(qtbot, window)
    return made


def column(panel, i):
    model = panel.table.model()
    return [model.index(row, i).data() for row in range(model.rowCount())]


def worth(document):
    return [found for found in ledger(document, ONCE) if isinstance(found, Found)][-1]


def steps(page):
    return page.store.document.step, page.store.document.observation.steps


def test_the_rows_are_all_that_is_seen_also_what_waits(page, panel):
    found = worth(page.store.document)
    assert column(panel, 0) == ["1", "▸ 2", "3"]
    assert column(panel, 1) == list(found.what)
    for i, values in ((2, found.gain), (3, found.information), (4, found.evidence)):
        assert column(panel, i) == [nats(value) for value in values]
    model = panel.table.model()
    pale = [model.index(row, 1).data(Qt.ItemDataRole.ForegroundRole) is not None for row in range(3)]
    assert pale == [False, False, True]
    assert nats(found.evidence[1]) in page.view.docks["Ledger"].titleBarWidget().caption.text()


def test_enter_and_a_double_click_step_there(qtbot, window, page, panel):
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


def test_delete_takes_a_stroke_back_undoably(qtbot, window, page, panel):
    before = page.store.document
    panel.table.selectRow(0)
    QTest.keyClick(panel.table, Qt.Key.Key_Delete)
    settle(qtbot, window)
    assert page.store.document.observation.strokes == before.observation.strokes[1:]
    assert steps(page) == (1, 2)
    assert len(column(panel, 0)) == 2
    page.store.stack.undo()
    assert page.store.document == before


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


def test_what_is_no_stroke_is_neither_reordered_nor_taken_back(qtbot, window, page, panel):
    page.view.edit("Half", page.store.document.with_observation(Half()))
    settle(qtbot, window)
    before = page.store.document
    assert column(panel, 1) == ["one half: 392 pixels"]
    panel.table.selectRow(0)
    QTest.keyClick(panel.table, Qt.Key.Key_Delete)
    assert page.store.document is before
    assert "Only strokes can be taken back" in window.banner.text.text()


def test_an_empty_ledger_says_why(qtbot, window, page, panel):
    page.view.clear_strokes()
    settle(qtbot, window)
    assert "brush over it" in panel.notice.text()
    page.view.clear_subject()
    settle(qtbot, window)
    assert "Gallery" in panel.notice.text()
    assert column(panel, 0) == []


def test_steps_go_by_the_tool_bar_and_the_planes(qtbot, window, page):
    actions = window.actions_made
    assert window.position.text() == "2 of 3"
    for verb, expected in (("step_last", 3), ("step_back", 2), ("step_first", 0), ("step_forward", 1)):
        actions.action(verb, "latent").trigger()
        assert page.store.document.step == expected
    plot = page.view.panel(Posterior).plot
    QTest.keyClick(plot, Qt.Key.Key_Space)
    assert page.store.document.step == 2
    QTest.keyClick(plot, Qt.Key.Key_Space, Qt.KeyboardModifier.ShiftModifier)
    assert page.store.document.step == 1
    actions.action("step_first", "latent").trigger()
    assert not actions.action("step_back", "latent").isEnabled()
    assert not actions.action("step_back", "regression").isEnabled()


def test_steps_are_offered_only_where_there_is_something_to_step_through(qtbot, window, page):
    step = window.actions_made.action("step_back", "latent")
    assert step.isVisible()
    window.show_latent()
    assert page.view.position is None
    assert not step.isVisible()
    assert not window.position_shown.isVisible()
    page.view.step_back()
    assert steps(page) == (2, 3)
    window.show_unboxing()
    assert step.isVisible()
    page.view.clear_subject()
    assert not step.isVisible()


def test_each_page_steps_by_itself(window, page):
    window.show_regression()
    window.page.view.draw_twenty()
    window.actions_made.action("step_back", "regression").trigger()
    assert window.page.store.document.step == 19
    assert steps(page) == (2, 3)
    assert not window.actions_made.action("step_back", "latent").isVisible()
    assert window.actions_made.action("step_back", "regression").isVisible()


def test_play_goes_through_what_is_seen_and_stops(window, page):
    view, play = page.view, window.actions_made.action("play", "latent")
    page.view.step_last()
    play.trigger()
    assert steps(page) == (0, 3)
    assert play.text() == "Pause"
    for n in (1, 2):
        view.player.timeout.emit()
        assert (page.store.document.step, view.player.isActive()) == (n, True)
    view.player.timeout.emit()
    assert (page.store.document.step, view.player.isActive()) == (3, False)
    assert play.text() == "Play"


def test_whoever_brushes_stops_the_playing(page):
    page.view.play()
    page.view.take_stroke_back()
    assert not page.view.player.isActive()


def test_page_keys_still_turn_the_pages_of_the_gallery(page):
    wall = page.view.panel(GalleryPanel).wall
    for key, kept in ((Qt.Key.Key_PageDown, True), (Qt.Key.Key_PageUp, True), (Qt.Key.Key_F5, False)):
        asked = QKeyEvent(QEvent.Type.ShortcutOverride, key, NO_KEYS)
        asked.ignore()
        QApplication.sendEvent(wall, asked)
        assert asked.isAccepted() == kept
