"""What a hand notices on the Regression page: an old read-out, Undo in a field, a table that does not follow."""

import pytest
from PySide6.QtCore import Qt

from engine.regression.document import Regression
from engine.regression.probes import ObservationPlace
from gui.page.store import Edit
from gui.regression.evidence import Evidence
from gui.regression.ledger import Ledger
from gui.regression.model import Model
from gui.regression.uncertainty_budget import UncertaintyBudget
from tests.gui.acting import commit
from tests.gui.conftest import settle


@pytest.mark.slow
def test_the_read_out_and_the_hint_go_with_their_panel(qtbot, window):
    view, status = window.page.view, window.status
    commit(window, "Draw", Regression().with_drawn_points(3))
    panel = view.bring(UncertaintyBudget)
    settle(qtbot, window)
    panel.hint_changed.emit(panel.hint)
    assert status.readout.text().startswith("x = ")
    view.bring(Evidence)
    settle(qtbot, window)
    assert (status.readout.text(), status.hints.text()) == ("", "")
    commit(window, "Move", window.page.store.document.move(0, 0.5, 0.5))
    settle(qtbot, window)
    assert status.readout.text() == ""
    view.select(ObservationPlace(1))
    settle(qtbot, window)
    assert status.readout.text().startswith("observation 2")
    commit(window, "New", Regression())
    settle(qtbot, window)
    assert status.readout.text() == ""


@pytest.mark.slow
def test_undo_in_a_field_is_undo_of_the_document(qtbot, window):
    """A refused text is not in the document, so that Undo there takes back what was typed."""
    store = window.page.store
    commit(window, "Draw", Regression().with_drawn_points(2))
    first = store.document
    line = window.page.view.bring(Model).model.editors["prior_precision"].line
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, "37")
    assert store.document.model.prior_precision == 37
    qtbot.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert store.document == first
    assert line.text() == "2"
    qtbot.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not store.document.observations
    qtbot.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert store.document == first
    line.selectAll()
    qtbot.keyClicks(line, "-1")
    qtbot.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert store.document == first
    assert line.text() != "−1"


@pytest.mark.slow
def test_the_ledger_keeps_the_present_step_in_sight(qtbot, window):
    many = Regression().with_drawn_points(60).step_to(1)
    commit(window, "Draw", many)
    table = window.page.view.bring(Ledger).table
    for step in (2, 30, 60, 3):
        window.page.view.edited.emit(Edit("Step", many.step_to(step)))
        settle(qtbot, window)
        assert table.viewport().rect().contains(table.visualRect(table.model().index(step - 1, 0))), step
