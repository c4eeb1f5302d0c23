"""The ledger's panel: its rows are the engine's, and its keys edit the document."""

import pytest
from PySide6.QtCore import Qt

from engine.lecture import steps
from gui.regression.ledger import ROWS, Ledger
from gui.shell.numbers import nats
from tests.gui.conftest import settle


@pytest.fixture
def panel(qtbot, window):
    page = window.page
    page.view.edit("Lecture", steps()[2].document)
    page.view.docks["Ledger"].raise_()
    settle(qtbot, window)
    return page.view.panel(Ledger)


def column(panel, i):
    model = panel.table.model()
    return [model.index(row, i).data() for row in range(model.rowCount())]


def test_the_rows_are_the_observations_and_what_they_were_worth(window, panel):
    scene = window.page.store.document.resolve({"ledger": ROWS})
    assert column(panel, 0) == ["1", "▸ 2", *(str(n) for n in range(3, 21))]
    assert column(panel, 3)[:3] == [*(nats(value) for value in scene.pictures["ledger"].surprise), "waits"]
    assert column(panel, 5)[:3] == [*(nats(value) for value in scene.pictures["ledger"].evidence), ""]


def test_rows_are_moved_removed_and_stepped_to(qtbot, window, panel):
    page, before = window.page, window.page.store.document
    panel.table.selectRow(0)
    qtbot.keyClick(panel.table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    settle(qtbot, window)
    assert page.store.document == before.reorder(0, 1)
    assert panel.table.currentIndex().row() == 1
    evidence = [scene.log_evidence for scene in (before.resolve({}), page.store.document.resolve({}))]
    assert evidence[0] == pytest.approx(evidence[1], abs=1e-12)
    panel.table.selectRow(4)
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    settle(qtbot, window)
    assert page.store.document.step == 5
    assert column(panel, 3)[4] != "waits"
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    settle(qtbot, window)
    assert len(page.store.document.observations) == 19
    for _ in range(3):
        page.store.stack.undo()
    assert page.store.document == before


def test_the_ends_cannot_be_moved_beyond(qtbot, window, panel):
    before = window.page.store.document
    panel.table.selectRow(0)
    qtbot.keyClick(panel.table, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    panel.table.selectRow(19)
    qtbot.keyClick(panel.table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert window.page.store.document == before


def test_a_hidden_ledger_is_up_to_date_when_it_comes_back(qtbot, window, panel):
    window.page.view.docks["Data space"].raise_()
    settle(qtbot, window)
    assert "ledger" not in window.page._viewports  # nor is it computed
    window.page.view.step_last()
    settle(qtbot, window)
    assert "waits" in column(panel, 3)
    window.page.view.docks["Ledger"].raise_()
    settle(qtbot, window)
    assert "waits" not in column(panel, 3)


def test_without_observations_it_says_what_to_do(qtbot, window, panel):
    window.page.view.clear()
    settle(qtbot, window)
    assert "click in data space" in panel.notice.text()
    assert panel.notice.isVisible()
