"""The import dialog: what it shows of a table, and how each of its settings is changed."""

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from engine.regression.data.observations import Observations
from engine.regression.data.reading.table import Table
from engine.regression.data.reading.table_layout import Pasted, TextFile, sniffed
from gui.importing.table_dialog import ImportDialog


@pytest.fixture
def show(qtbot):
    """Return a function that shows the dialog of a source; the dialog is closed after the test."""
    shown = []

    def make(source, present=0):
        dialog = ImportDialog(None, source, sniffed(source), present=present)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        shown.append(dialog)
        dialog.show()
        finish(qtbot, dialog)
        return dialog

    yield make
    for dialog in shown:
        dialog.reject()


def finish(qtbot, dialog):
    """Wait until the table is read."""
    qtbot.waitUntil(lambda: dialog.progress.isHidden() and dialog.line.idle)


def pick(qtbot, dialog, combo, value):
    """Choose an entry of an option by its value, as a user does."""
    combo.setCurrentIndex(combo.findData(value))
    combo.activated.emit(combo.currentIndex())
    finish(qtbot, dialog)


def imported(dialog):
    """Return the observations that the button imports."""
    agreed = []
    dialog.agreed.connect(lambda observations, add: agreed.append((observations, add)))
    dialog.go.click()
    (observations, _), *_ = agreed
    return list(zip(observations.x.tolist(), observations.t.tolist(), strict=True))


def previewed(dialog, row):
    return [dialog.preview.item(row, column).text() for column in range(dialog.preview.columnCount())]


def test_the_preview_shows_the_values_that_the_cells_are_read_as(show):
    dialog = show(Pasted("name;x;t\na;1,5;1.250,75\nb;2,5;abc\nc;3;2\n"))
    assert dialog.how.text() == "3 columns with names, separated by semicolons, decimal comma."
    assert previewed(dialog, 0) == ["a", "1,5 → 1.5", "1.250,75 → 1250.75"]
    assert previewed(dialog, 1) == ["b", "2,5 → 2.5", "abc → no number"]
    assert previewed(dialog, 2) == ["c", "3", "2"]
    assert [dialog.preview.horizontalHeaderItem(i).text() for i in range(3)] == ["name", "x: x", "t: t"]
    assert [dialog.bad.item(i).text() for i in range(dialog.bad.count())] == [
        "Line 3: t is “abc”, which is not a number."
    ]
    assert dialog.words.text() == "2 observations. 1 line is left out:"
    assert imported(dialog) == [(1.5, 1250.75), (3, 2)]


def test_an_ambiguous_number_is_said_and_the_decimal_mark_chosen_by_hand(qtbot, show):
    dialog = show(Pasted("year\tpeople\n1901\t12,480\n1911\t13,020\n"))
    assert "t: “12,480” is ambiguous; with a decimal point it is 12480" in dialog.remarks.text()
    assert dialog.remarks.isVisible()
    assert previewed(dialog, 0) == ["1901", "12,480 → 12480"]
    pick(qtbot, dialog, dialog.options.decimal, ",")
    assert not dialog.remarks.isVisible()
    assert previewed(dialog, 0) == ["1901", "12,480 → 12.48"]
    assert imported(dialog) == [(1901, 12.48), (1911, 13.02)]


@pytest.mark.slow
def test_separator_and_line_of_the_names_are_chosen_by_hand(qtbot, show):
    dialog = show(Pasted("2019 2020\n1,5;2,5\n3,5;4,5\n"))
    pick(qtbot, dialog, dialog.options.separator, ",")
    assert dialog.layout_of_table.names == ("column 1", "column 2", "column 3")
    pick(qtbot, dialog, dialog.options.separator, ";")
    assert imported(dialog) == [(1.5, 2.5), (3.5, 4.5)]
    dialog = show(Pasted("1,2\n3,4\n5,6\n"))
    dialog.options.header.setValue(1)
    finish(qtbot, dialog)
    assert [dialog.column_x.itemText(i) for i in range(2)] == ["1", "2"]
    assert imported(dialog) == [(3, 4), (5, 6)]


@pytest.mark.slow
def test_the_encoding_is_chosen_by_hand(qtbot, show, tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes("Länge,t\n1,2\n".encode("mac-roman"))
    dialog = show(TextFile(path))
    assert dialog.options.variant.currentData() == "cp1252"
    pick(qtbot, dialog, dialog.options.variant, "mac-roman")
    assert dialog.column_x.currentText() == "Länge"


def test_lines_become_variables_by_hand_and_dates_change_their_order(qtbot, show):
    dialog = show(Pasted("0.5 1.0 1.5\n1.2 1.8 2.4\n"))
    dialog.options.across.click()
    finish(qtbot, dialog)
    assert imported(dialog) == [(0.5, 1.2), (1.0, 1.8), (1.5, 2.4)]
    dialog = show(Pasted("date,t\n01/02/2031,1.5\n03/02/2031,2.5\n"))
    assert "x is in days since 2031-01-02." in dialog.remarks.text()
    pick(qtbot, dialog, dialog.options.order, "day first")
    assert "x is in days since 2031-02-01." in dialog.remarks.text()
    assert imported(dialog) == [(0, 1.5), (2, 2.5)]


def test_a_choice_under_which_there_is_no_table_is_explained_and_can_be_changed_back(qtbot, show):
    dialog = show(Pasted("x;t\n1;2\n3;4\n"))
    pick(qtbot, dialog, dialog.options.separator, "|")
    assert "no two columns of numbers" in dialog.words.text()
    assert not dialog.go.isEnabled()
    pick(qtbot, dialog, dialog.options.separator, ";")
    assert imported(dialog) == [(1, 2), (3, 4)]


def test_what_was_read_before_a_choice_is_not_imported_after_it(qtbot, show, monkeypatch):
    dialog, gate = show(Pasted("x,t,u\n1,2,3\n4,5,6\n")), threading.Event()

    def reading(source, layout, x, t):
        gate.wait(10)
        return Table(Observations([x], [t]), (), 0)

    monkeypatch.setattr("gui.importing.table_dialog.reading", reading)
    dialog.column_x.setCurrentIndex(1)
    dialog.column_x.setCurrentIndex(2)
    assert dialog.table is None
    gate.set()
    finish(qtbot, dialog)
    assert imported(dialog) == [(2, 1)]


@pytest.mark.slow
def test_a_wide_table_shows_the_chosen_columns_wherever_they_are(qtbot, show):
    names = ",".join(f"g{i}" for i in range(3000))
    dialog = show(Pasted("\n".join([names, *(",".join(str(i * 7 + j) for i in range(3000)) for j in range(4))])))
    dialog.column_t.setCurrentIndex(2999)
    finish(qtbot, dialog)
    assert dialog.preview.horizontalHeaderItem(dialog.preview.columnCount() - 1).text() == "t: g2999"
    assert dialog.preview.columnCount() < 100


def test_words_of_a_file_are_shown_as_plain_text(show):
    dialog = show(Pasted("<b>x</b>,<img src='/etc/passwd'>\n1,2\n<i>3</i>,4\n", name="<b>table</b>"))
    assert all(
        label.textFormat() == Qt.TextFormat.PlainText
        for label in dialog.findChildren(QLabel)
        if label.text()[:1] == "<"
    )
    assert dialog.column_x.currentText() == "<b>x</b>"


def test_every_control_has_a_name(show):
    dialog = show(Pasted("x,t\n1,2\n"), present=3)
    options = dialog.options
    controls = [options.separator, options.decimal, options.header, dialog.column_x, dialog.column_t, dialog.preview]
    assert all(control.accessibleName() for control in controls)
    assert not options.variant.isVisible()  # the clipboard has no encoding
    assert dialog.add.isVisible()
