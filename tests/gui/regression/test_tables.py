"""Import and export of tables: an import needs the user's consent, and an export has the numbers of the scene."""

import threading

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from engine.lecture import steps
from engine.regression import Observations
from engine.regression.data.reading.table import Table
from engine.regression.document import Regression
from engine.regression.evidence import log_evidence
from engine.regression.weight_space import true_weights
from gui.regression.data_space import DataSpace
from gui.regression.ledger import Ledger
from gui.regression.model import Model
from gui.regression.tables import NOTHING, Tables
from gui.regression.truth_and_data import DRAW_ONE
from gui.regression.weight_space import Posterior
from tests.gui.acting import commit, run
from tests.gui.conftest import settle

TABLE = "year;level;note\n2001;1,5;a\n2002;2,5;b\n2003;;c\n2004;4,5;d\n"


@pytest.fixture
def view(window):
    return window.page.view


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "levels.csv"
    file.write_text(TABLE)
    return file


def wait(qtbot, view):
    """Return the import dialog, after it has read its table."""
    dialog = view.controller(Tables).dialog
    qtbot.waitUntil(dialog.progress.isHidden)
    return dialog


def observed(window):
    document = window.pages["regression"].store.document
    return list(zip(document.observations.x.tolist(), document.observations.t.tolist(), strict=True))


@pytest.mark.slow
def test_a_table_is_previewed_and_then_imported_in_one_step(qtbot, window, view, path):
    run(window, DRAW_ONE.text)
    before = window.page.store.document
    window.open_file(path)
    dialog = wait(qtbot, view)
    assert window.page.store.document is before
    assert [dialog.preview.item(1, i).text() for i in range(3)] == ["2002", "2,5 → 2.5", "b"]
    assert [dialog.bad.item(i).text() for i in range(dialog.bad.count())] == ["Line 4: t is missing."]
    qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    assert observed(window) == [(2001, 1.5), (2002, 2.5), (2004, 4.5)]
    assert view.position == (3, 3)
    assert view.controller(Tables).dialog is None
    window.page.store.stack.undo()
    assert window.page.store.document is before


@pytest.mark.slow
def test_data_space_shows_the_imported_observations_and_returns_after_undo(qtbot, window, view, path):
    plot = view.panel(DataSpace).plot
    home = plot.shown
    window.open_file(path)
    wait(qtbot, view).go.click()
    assert plot.shown.left < 2001 < 2004 < plot.shown.right < 2006
    window.page.store.stack.undo()
    assert plot.shown == home


@pytest.mark.slow
def test_adding_keeps_the_present_observations(qtbot, window, view, path):
    run(window, DRAW_ONE.text)
    first = observed(window)
    window.open_file(path)
    dialog = wait(qtbot, view)
    dialog.add.click()
    dialog.go.click()
    assert observed(window) == [*first, (2001, 1.5), (2002, 2.5), (2004, 4.5)]
    assert view.position == (4, 4)


@pytest.mark.slow
def test_other_columns_are_read_when_they_are_chosen(qtbot, window, view, path):
    window.open_file(path)
    dialog = wait(qtbot, view)
    assert not dialog.add.isVisible()  # the page has no observations
    dialog.column_x.setCurrentIndex(2)
    qtbot.waitUntil(lambda: "No line has" in dialog.words.text())
    assert not dialog.go.isEnabled()
    dialog.column_x.setCurrentIndex(1)
    dialog.column_t.setCurrentIndex(0)
    qtbot.waitUntil(dialog.go.isEnabled)
    assert dialog.preview.horizontalHeaderItem(1).text() == "x: level"
    dialog.go.click()
    assert observed(window) == [(1.5, 2001), (2.5, 2002), (4.5, 2004)]


@pytest.mark.slow
def test_the_result_for_columns_chosen_before_is_not_shown(qtbot, window, view, path, monkeypatch):
    gate, shown = threading.Event(), []

    def reading(source, layout, x, t):
        gate.wait(10)
        return Table(Observations([x], [t]), (), 0)

    monkeypatch.setattr("gui.importing.table_dialog.reading", reading)
    window.open_file(path)
    dialog = view.controller(Tables).dialog
    dialog.line.delivered.connect(lambda _: shown.append(dialog.table))
    qtbot.waitUntil(lambda: not dialog.line.idle)
    dialog.column_x.setCurrentIndex(2)
    gate.set()
    qtbot.waitUntil(lambda: len(shown) == 2)
    assert shown[0] is None
    assert shown[1].observations.x[0] == 2
    dialog.reject()


@pytest.mark.slow
def test_cancelling_changes_nothing(qtbot, window, view, path):
    before = window.page.store.document
    window.open_file(path)
    view.controller(Tables).dialog.reject()  # while it may still be reading
    assert view.controller(Tables).dialog is None
    window.open_file(path)
    wait(qtbot, view)
    qtbot.keyClick(view.controller(Tables).dialog, Qt.Key.Key_Escape)
    assert view.controller(Tables).dialog is None
    assert window.page.store.document is before
    assert window.page.store.stack.count() == 0


@pytest.mark.slow
def test_closing_the_window_ends_the_reading(qtbot, window, view, path):
    window.open_file(path)
    line = view.controller(Tables).dialog.line
    window.close()
    assert line._closed
    assert view.controller(Tables).dialog is None


@pytest.mark.slow
def test_a_line_of_bytes_that_are_not_text_is_left_out(qtbot, window, view, tmp_path):
    path = tmp_path / "levels.txt"
    path.write_bytes(b"1,2\n" * 40_000 + b"\xff\xff\n")
    window.open_file(path)
    dialog = wait(qtbot, view)
    bad = [dialog.bad.item(i).text() for i in range(dialog.bad.count())]
    assert bad == ["Line 40,001: x is “ÿÿ”, which is not a number."]
    assert dialog.go.isEnabled()
    dialog.reject()


@pytest.mark.slow
@pytest.mark.parametrize("content", [b"", b"\0\1\2", b"1\n2\n", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"])
def test_a_file_that_is_not_a_table_is_refused_with_a_reason_and_changes_nothing(window, view, tmp_path, content):
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    before = window.page.store.document
    window.open_file(path)
    assert "bad.csv was not imported. " in window.banner.text.text()
    window.open_file(tmp_path / "nothing.csv")
    assert "The file does not exist." in window.banner.text.text()
    assert view.controller(Tables).dialog is None
    assert window.page.store.document is before


def be_active(qtbot, window):
    """Activate the window, because only an active window receives shortcuts."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


@pytest.mark.slow
def test_a_table_is_pasted(qtbot, window, view):
    clipboard = QApplication.clipboard()
    be_active(qtbot, window)
    clipboard.setText("x\tt\r\n0.1\t0.2\r\n0.3\t−0.4\r\n")
    qtbot.keyClick(window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    wait(qtbot, view).go.click()
    assert observed(window) == [(0.1, 0.2), (0.3, -0.4)]
    clipboard.setText("")
    run(window, "Paste observations…")
    assert "Copy two columns" in window.banner.text.text()


@pytest.mark.slow
def test_a_paste_into_a_field_goes_to_the_field(qtbot, window, view):
    be_active(qtbot, window)
    editor = view.panel(Model).model.editors["prior_precision"].line
    editor.setFocus()
    editor.selectAll()
    QApplication.clipboard().setText("7")
    qtbot.keyClick(editor, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert window.page.store.document.model.prior_precision == 7
    assert view.controller(Tables).dialog is None


@pytest.mark.slow
def test_the_import_command_opens_a_file_dialog(qtbot, window, view, path, monkeypatch):
    monkeypatch.setattr("PySide6.QtWidgets.QFileDialog.getOpenFileName", lambda *_: (str(path), ""))
    run(window, "Import observations…")
    wait(qtbot, view).go.click()
    assert len(observed(window)) == 3


def drop(widget, *paths):
    """Drop files on a widget, and return whether it accepts them."""
    dragged, keys = QMimeData(), (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    dragged.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    enter = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, dragged, *keys)
    QApplication.sendEvent(widget, enter)
    if enter.isAccepted():
        QApplication.sendEvent(
            widget, QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, dragged, *keys, QEvent.Type.Drop)
        )
    return enter.isAccepted()


@pytest.mark.slow
def test_a_table_is_dropped_on_any_page(qtbot, window, path, tmp_path):
    window.show_page("latent")
    assert drop(window, path)
    view = window.pages["regression"].view
    assert window.page.view is view
    wait(qtbot, view).go.click()
    assert len(observed(window)) == 3
    assert not drop(window, path, path)
    assert not drop(window)


@pytest.mark.slow
def test_a_table_is_dropped_into_data_space(qtbot, window, view, path):
    assert drop(view.panel(DataSpace).plot.viewport(), path)
    assert len(wait(qtbot, view).table.observations) == 3
    view.controller(Tables).dialog.reject()


def exported(qtbot, window, text, path, monkeypatch):
    """Return the header and the columns of the file that a menu command writes."""
    monkeypatch.setattr("PySide6.QtWidgets.QFileDialog.getSaveFileName", lambda *_: (str(path), ""))
    run(window, text)
    qtbot.waitUntil(lambda: window.page.view.controller(Tables).files.idle)
    lines = path.read_text().splitlines()
    return lines[0], np.loadtxt(lines[1:], delimiter=",", ndmin=2)


@pytest.mark.slow
def test_exports_have_the_numbers_on_the_screen(qtbot, window, view, tmp_path, monkeypatch):
    window.open_session(steps()[3])
    run(window, "Standardise x and t")
    settle(qtbot, window)
    document, plot = window.page.store.document, view.panel(DataSpace).curves
    names, rows = exported(qtbot, window, "Observations…", tmp_path / "o.csv", monkeypatch)
    assert (names, rows[:, 1].tobytes()) == ("x,t", document.observations.t.tobytes())
    names, rows = exported(qtbot, window, "Predictive curve…", tmp_path / "p.csv", monkeypatch)
    assert names == "x,mean,epistemic_sd,noise_sd,total_sd"
    np.testing.assert_array_equal(rows[:, 1], plot.mean.lines[0])
    names, rows = exported(qtbot, window, "Samples…", tmp_path / "s.csv", monkeypatch)
    assert names.startswith("x,sample_1,")
    np.testing.assert_array_equal(rows[:, 1:].T, plot.samples.lines)
    names, rows = exported(qtbot, window, "Ledger…", tmp_path / "l.csv", monkeypatch)
    assert names == "n,x,t,surprise_nats,gained_nats,log_evidence_nats"
    assert rows[-1, 5] == pytest.approx(log_evidence(document))


@pytest.mark.slow
def test_an_impossible_export_is_refused_with_a_reason(qtbot, window, view, tmp_path, monkeypatch):
    for text, name in (("Observations…", "observations"), ("Ledger…", "ledger")):
        run(window, text)
        assert NOTHING.format(name) in window.banner.text.text()
    target = str(tmp_path / "nowhere" / "x.csv")
    monkeypatch.setattr("PySide6.QtWidgets.QFileDialog.getSaveFileName", lambda *_: (target, ""))
    run(window, "Samples…")
    qtbot.waitUntil(lambda: "cannot be written" in window.banner.text.text())


@pytest.mark.slow
def test_standardising_is_stated_in_every_panel_and_is_undone(qtbot, window, view, hand):
    run(window, "Standardise x and t")
    assert "No observations to standardise" in window.banner.text.text()
    window.open_session(steps()[3])
    before = window.page.store.document
    view.docks["Ledger"].raise_()
    settle(qtbot, window)
    ledger, units = view.panel(Ledger), view.panel(Model).units
    shown = [ledger.table.model().index(4, i).data() for i in (1, 2)]
    assert not units.isVisible()
    run(window, "Standardise x and t")
    settle(qtbot, window)
    assert "standardised t" in view.docks["Ledger"].titleBarWidget().caption.text()
    for title, words in (
        ("Evidence", "of standardised t"),
        ("Model size", "of standardised t"),
        ("Compare", "original"),
    ):
        view.docks[title].raise_()
        settle(qtbot, window)
        assert words in view.docks[title].titleBarWidget().caption.text()
    view.docks["Ledger"].raise_()
    settle(qtbot, window)
    assert [ledger.table.model().index(4, i).data() for i in (1, 2)] == shown
    assert units.isVisible()
    assert f"(x {'−' if before.observations.x.mean() > 0 else '+'} " in units.text()
    view.docks["Data space"].raise_()
    settle(qtbot, window)
    cross = view.panel(Posterior).heatmap.truth.places
    np.testing.assert_allclose(cross, [true_weights(window.page.store.document)])
    assert "fitted on standardised x and t" in view.docks["Data space"].titleBarWidget().caption.text()
    plot = view.panel(DataSpace).plot
    hand(plot).click(0.5, 0.9)
    assert window.page.store.document.observations.x[-1] == pytest.approx(0.5, abs=0.01)
    window.page.store.stack.undo()
    hand(plot).move(0.25, 0.1)
    settle(qtbot, window)
    assert "x = 0.25" in window.status.readout.text()
    run(window, "Standardise x and t")
    assert window.page.store.document == before
    assert window.page.store.document.observations.t.tobytes() == before.observations.t.tobytes()
    while window.page.store.stack.canUndo():
        window.page.store.stack.undo()
    assert window.page.store.document == Regression()


@pytest.mark.slow
def test_ticks_of_large_numbers_fit_beside_the_axis(qtbot, window, view):
    """The room left of the axis is at least the painted width of the widest tick label."""
    document = window.page.store.document
    commit(window, "Import", document.imported(Observations([1, 2], [-222_000, 333_000])))
    settle(qtbot, window)
    plot = view.panel(DataSpace).plot
    side, metrics = plot.sides["left"], window.fontMetrics()
    spacing, values = side.tickValues(plot.shown.bottom, plot.shown.top, plot.shown.rows)[0]
    labels = side.tickStrings(values, 1.0, spacing)
    assert max(map(len, labels)) >= 6
    room = side.width() - metrics.height() - side.style["tickTextOffset"][0] - side.style["tickLength"]
    assert max(map(metrics.horizontalAdvance, labels)) <= room
