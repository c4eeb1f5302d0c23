"""The panel Ledger: its rows are the engine's, keys and mouse edit the document, and it is linked to data space."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from engine.lecture import steps
from engine.regression import Observations
from engine.regression.document import Regression
from engine.regression.evidence import log_evidence
from engine.regression.ledger import ledger
from gui.regression.data_space import DataSpace
from gui.regression.ledger import Ledger
from gui.regression.rows import LEFT_OUT, NOT_USED
from gui.regression.weight_space import NO_OBSERVATION
from gui.widgets.numbers import nats
from tests.gui.acting import commit, run
from tests.gui.conftest import settle

NO_KEYS = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def panel(qtbot, window):
    page = window.page
    commit(window, "Lecture", steps()[2].document)
    page.view.docks["Ledger"].raise_()
    settle(qtbot, window)
    return page.view.panel(Ledger)


def column(panel, i):
    model = panel.table.model()
    return [model.index(row, i).data() for row in range(model.rowCount())]


@pytest.mark.slow
def test_the_rows_are_the_observations_and_their_terms(window, panel):
    entries = ledger(window.page.store.document)
    assert column(panel, 0) == ["1", "▸ 2", *(str(n) for n in range(3, 21))]
    assert column(panel, 3)[:3] == [*(nats(value) for value in entries.surprise), NOT_USED]
    assert column(panel, 5)[:3] == [*(nats(value) for value in entries.evidence), ""]


@pytest.mark.slow
def test_rows_are_moved_removed_and_stepped_to(qtbot, window, panel):
    page, before = window.page, window.page.store.document
    panel.table.selectRow(0)
    qtbot.keyClick(panel.table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    settle(qtbot, window)
    assert page.store.document == before.reorder(0, 1)
    assert panel.table.currentIndex().row() == 1
    evidence = [log_evidence(document) for document in (before, page.store.document)]
    assert evidence[0] == pytest.approx(evidence[1], abs=1e-12)
    panel.table.selectRow(4)
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    settle(qtbot, window)
    assert page.store.document.step == 5
    assert column(panel, 3)[4] != NOT_USED
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    settle(qtbot, window)
    assert len(page.store.document.observations) == 19
    for _ in range(3):
        page.store.stack.undo()
    assert page.store.document == before


@pytest.mark.slow
def test_rows_cannot_be_moved_beyond_the_ends(qtbot, window, panel):
    before = window.page.store.document
    panel.table.selectRow(0)
    qtbot.keyClick(panel.table, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    panel.table.selectRow(19)
    qtbot.keyClick(panel.table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert window.page.store.document == before


@pytest.mark.slow
def test_a_hidden_ledger_is_up_to_date_when_it_comes_back(qtbot, window, panel):
    window.page.view.docks["Predictive"].raise_()
    settle(qtbot, window)
    assert ledger not in window.page._wanted_values  # a hidden ledger is not computed
    run(window, "Last")
    settle(qtbot, window)
    assert NOT_USED in column(panel, 3)
    window.page.view.docks["Ledger"].raise_()
    settle(qtbot, window)
    assert NOT_USED not in column(panel, 3)


@pytest.mark.slow
def test_without_observations_a_notice_names_the_next_action(qtbot, window, panel):
    run(window, "Clear")
    settle(qtbot, window)
    assert panel.notice.text() == NO_OBSERVATION
    assert panel.notice.isVisible()


def middle(panel, row, column=1):
    return panel.table.visualRect(panel.table.model().index(row, column)).center()


def box(panel, row):
    rect = panel.table.visualRect(panel.table.model().index(row, 0))
    return QPoint(rect.left() + 10, rect.center().y())


@pytest.mark.slow
def test_a_tick_box_leaves_out_and_takes_in(qtbot, window, panel):
    page, before = window.page, window.page.store.document
    view = panel.table.viewport()
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=box(panel, 0))
    settle(qtbot, window)
    assert page.store.document == before.leave_out(0)
    assert column(panel, 3)[:3] == [LEFT_OUT, nats(1.23359510469 + lost(before)), NOT_USED]
    assert column(panel, 5)[0] == ""
    assert "1 left out" in page.view.docks["Ledger"].titleBarWidget().caption.text()
    faded = panel.table.model().index(0, 1).data(Qt.ItemDataRole.ForegroundRole)
    assert faded.color() == panel.palette().placeholderText().color()
    page.store.stack.undo()
    settle(qtbot, window)
    assert page.store.document == before
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=box(panel, 7))
    settle(qtbot, window)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=box(panel, 7))
    assert page.store.document == before
    assert page.store.stack.undoText() == "Use observation 8 again"


def lost(document):
    """Return the increase of the second observation's surprise, in nats, when the first is left out."""
    x, t = (column[:2] for column in (document.observations.x, document.observations.t))
    fit = document.model.condition
    alone, after = fit(x[1:], t[1:]).log_evidence, fit(x, t).log_evidence - fit(x[:1], t[:1]).log_evidence
    return after - alone


@pytest.mark.slow
def test_space_leaves_out_and_takes_in(qtbot, window, panel):
    page, before = window.page, window.page.store.document
    panel.table.selectRow(1)
    qtbot.keyClick(panel.table, Qt.Key.Key_Space)
    settle(qtbot, window)
    assert page.store.document == before.leave_out(1)
    assert panel.table.currentIndex().row() == 1
    qtbot.keyClick(panel.table, Qt.Key.Key_Space)
    assert page.store.document == before


def drag(qtbot, panel, start, end):
    """Press in the middle of a row and release at a pixel."""
    view, left = panel.table.viewport(), Qt.MouseButton.LeftButton
    qtbot.mousePress(view, left, pos=middle(panel, start))
    for fraction in (0.2, 0.6, 1.0):
        at = QPointF(middle(panel, start)) * (1 - fraction) + QPointF(end) * fraction
        move = QMouseEvent(QEvent.Type.MouseMove, at, view.mapToGlobal(at), Qt.MouseButton.NoButton, left, NO_KEYS)
        QApplication.sendEvent(view, move)
    qtbot.mouseRelease(view, left, pos=end)


@pytest.mark.slow
@pytest.mark.parametrize(("start", "over", "below", "to"), [(0, 3, 4, 3), (0, 3, -4, 2), (4, 1, 4, 2), (4, 1, -4, 1)])
def test_a_row_is_dragged_to_where_the_line_shows_it(qtbot, window, panel, start, over, below, to):
    page = window.page
    run(window, "Last")
    settle(qtbot, window)
    panel.table.scrollToTop()  # the last step is in sight
    before = page.store.document
    total = page.view.scene.get(log_evidence)
    drag(qtbot, panel, start, middle(panel, over) + QPoint(0, below))
    settle(qtbot, window)
    x = np.delete(before.observations.x, start)
    assert page.store.document.observations.x.tolist() == np.insert(x, to, before.observations.x[start]).tolist()
    assert page.view.scene.get(log_evidence) == pytest.approx(total, abs=1e-10)
    assert panel.table.currentIndex().row() == to
    assert page.store.stack.undoText() == "Reorder observations"
    page.store.stack.undo()
    assert page.store.document == before


@pytest.mark.slow
def test_a_row_that_is_dropped_where_it_was_stays(qtbot, window, panel):
    before = window.page.store.document
    drag(qtbot, panel, 2, middle(panel, 2) + QPoint(30, 3))
    drag(qtbot, panel, 2, middle(panel, 1) + QPoint(0, 6))
    assert window.page.store.document is before


@pytest.mark.slow
def test_a_row_is_dragged_below_the_last(qtbot, window, panel):
    page = window.page
    commit(window, "Three", Regression(observations=Observations([0.1, 0.2, 0.3], [0, 0, 0]), step=3))
    settle(qtbot, window)
    drag(qtbot, panel, 0, QPoint(60, panel.table.viewport().height() - 2))
    assert page.store.document.observations.x.tolist() == [0.2, 0.3, 0.1]


@pytest.fixture
def both(qtbot, window, panel):
    """The ledger and data space, both visible."""
    window.page.view.docks["Ledger"].setFloating(True)
    window.page.view.docks["Predictive"].raise_()
    settle(qtbot, window)
    return panel, window.page.view.panel(DataSpace)


def rings(data):
    return data.curves.rings.places.tolist()


def place(document, n):
    return [document.observations.x[n], document.observations.t[n]]


@pytest.mark.slow
def test_a_selected_row_is_ringed_in_data_space_and_read_out(qtbot, window, both):
    (panel, data), document = both, window.page.store.document
    panel.table.selectRow(4)
    settle(qtbot, window)
    assert rings(data) == [place(document, 4)]
    assert window.status.readout.text().startswith(f"observation 5 ({NOT_USED}): x = ")
    assert window.page.store.document is document
    assert not window.page.store.stack.canUndo() or window.page.store.stack.undoText() == "Lecture"
    qtbot.keyClick(panel.table, Qt.Key.Key_Escape)
    settle(qtbot, window)
    assert rings(data) == []
    assert panel.table.selectionModel().selectedRows() == []


@pytest.mark.slow
def test_the_ring_is_there_when_data_space_comes_to_the_front(qtbot, window, panel):
    panel.table.selectRow(3)
    settle(qtbot, window)
    window.page.view.docks["Predictive"].raise_()
    settle(qtbot, window)
    assert rings(window.page.view.panel(DataSpace)) == [place(window.page.store.document, 3)]


@pytest.mark.slow
def test_the_ring_stays_with_its_observation(qtbot, window, both):
    (panel, data), page = both, window.page
    panel.table.selectRow(4)
    point = place(page.store.document, 4)
    for edit in (
        lambda document: document.observe(0.05, 0.05),
        lambda document: document.remove(0),
        lambda document: document.reorder(4, 10),
        lambda document: document.leave_out(2),
    ):
        commit(window, "Something", edit(page.store.document))
        settle(qtbot, window)
        assert rings(data) == [point]
    assert panel.table.currentIndex().row() == 10
    commit(window, "Remove", page.store.document.remove(10))
    settle(qtbot, window)
    assert rings(data) == []


@pytest.mark.slow
def test_the_row_after_a_removed_one_is_selected(qtbot, window, both):
    panel, data = both
    panel.table.selectRow(4)
    point = place(window.page.store.document, 5)
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    settle(qtbot, window)
    assert rings(data) == [point]
    assert panel.table.currentIndex().row() == 4


@pytest.mark.slow
def test_hovering_a_point_shows_its_row_and_leaving_the_selected_one(qtbot, window, both, hand):
    (panel, data), document = both, window.page.store.document
    panel.table.selectRow(0)
    mouse = hand(data.plot)
    mouse.move(*place(document, 2))
    settle(qtbot, window)
    assert panel.table.currentIndex().row() == 2
    assert sorted(rings(data)) == sorted([place(document, 0), place(document, 2)])
    assert window.status.readout.text().startswith(f"observation 3 ({NOT_USED}): x = 0.200, t = −0.200")
    data.plot.left.emit()
    settle(qtbot, window)
    assert panel.table.currentIndex().row() == 0
    assert rings(data) == [place(document, 0)]


@pytest.mark.slow
def test_a_click_on_a_point_selects_it_and_a_second_click_deselects_it(qtbot, window, both, hand):
    (panel, data), page = both, window.page
    document, mouse = page.store.document, hand(data.plot)
    mouse.click(*place(document, 2))
    data.plot.left.emit()
    settle(qtbot, window)
    assert panel.table.currentIndex().row() == 2
    assert rings(data) == [place(document, 2)]
    mouse.click(*place(document, 2))
    data.plot.left.emit()
    settle(qtbot, window)
    assert rings(data) == []
    assert page.store.document is document


@pytest.mark.slow
def test_removing_a_point_removes_its_ring(qtbot, window, both, hand):
    (_, data), document = both, window.page.store.document
    mouse = hand(data.plot)
    mouse.move(*place(document, 2))
    settle(qtbot, window)
    assert rings(data) == [place(document, 2)]
    mouse.click(*place(document, 2), Qt.MouseButton.RightButton)
    settle(qtbot, window)
    assert len(window.page.store.document.observations) == 19
    assert rings(data) == []


@pytest.mark.slow
def test_an_observation_that_is_left_out_is_crossed_out_and_can_be_dragged(qtbot, window, both, hand):
    (_, data), page = both, window.page
    commit(window, "Leave out", page.store.document.step_to(20).leave_out(2))
    settle(qtbot, window)
    document = page.store.document
    assert data.curves.left_out.places.tolist() == [place(document, 2)]
    assert len(data.curves.points.places) == 18
    assert data.curves.latest.places.tolist() == [place(document, 19)]
    hand(data.plot).drag(place(document, 2), (0.9, 1.2))
    assert place(page.store.document, 2) == pytest.approx([0.9, 1.2], abs=0.02)
    assert page.store.document.left_out == (2,)


@pytest.mark.slow
def test_the_present_step_is_marked(qtbot, window, panel):
    run(window, "Forward")
    settle(qtbot, window)
    assert [text for text in column(panel, 0) if "▸" in text] == ["▸ 3"]
    fonts = [panel.table.model().index(row, 1).data(Qt.ItemDataRole.FontRole) for row in range(4)]
    assert [font is not None and font.bold() for font in fonts] == [False, False, True, False]
