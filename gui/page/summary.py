"""Summaries: what a panel shows at present, as text for screen readers and for the clipboard."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QListView,
    QWidget,
)

from gui.page.panel import Panel
from gui.plots.axes import Axes
from gui.widgets.elided import Elided
from gui.widgets.notice import Notice
from gui.widgets.value_label import ValueLabel

MOST_ROWS = 12  # of a table


def summary(panel: Panel, caption: str = "") -> str:
    """The title with the caption, then one line for each plot, image, value, setting, note and table of a panel."""
    lines = [f"{panel.title}: {caption}" if caption else panel.title]
    for widget in _inside(panel):
        if widget.isVisibleTo(panel):
            lines += [line for line in _lines(widget) if line]
    return "\n".join(dict.fromkeys(lines))


def _inside(widget: QWidget) -> Iterator[QWidget]:
    """The widgets inside another one, at every depth.

    Each that `findChildren` finds keeps a Python object until the panel ends, also when Qt has deleted the widget.
    """
    for child in widget.children():
        if isinstance(child, QWidget):
            yield child
            yield from _inside(child)


def describe(panel: Panel, caption: str = "") -> None:
    """Give a panel and its plots descriptions for screen readers that follow the data."""
    panel.setAccessibleDescription(f"{panel.sentence}\n{summary(panel, caption)}")
    for plot in panel.findChildren(Axes):
        notice = " ".join(note.text() for note in plot.findChildren(Notice))
        plot.setAccessibleDescription(f"{notice} {plot.summary()} {plot.usage}".strip())


def _lines(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, Axes):
        yield f"{widget.accessibleName()}: {widget.summary()}"
    elif isinstance(widget, QAbstractItemView):
        yield from _rows(widget)
    elif isinstance(widget, ValueLabel | Elided):
        name, text = widget.accessibleName(), widget.text()
        yield text if not name else name if text in name else f"{name}: {text}" if text else ""
    elif isinstance(widget, QComboBox | QLineEdit | QAbstractSpinBox | QCheckBox):
        yield _setting(widget)
    elif isinstance(widget, QLabel) and widget.buddy() is None and widget.objectName() != "refusal":
        yield widget.text()
    elif type(widget).__module__.startswith("gui.plots") and widget.accessibleName():
        yield f"{widget.accessibleName()}: {widget.accessibleDescription()}".removesuffix(": ")


def _setting(control: QComboBox | QLineEdit | QAbstractSpinBox | QCheckBox) -> str:
    """A field, a choice or a box with its value; "" for one without a name, such as the field in a spin box."""
    name = control.accessibleName() or (control.text() if isinstance(control, QCheckBox) else "")
    if isinstance(control, QCheckBox):
        value = "yes" if control.isChecked() else "no"
    else:
        value = control.currentText() if isinstance(control, QComboBox) else control.text()
    return f"{name}: {value}" if name else ""


def _rows(table: QAbstractItemView) -> Iterator[str]:
    """The first rows of a table or list."""
    model = table.model()
    columns = 1 if isinstance(table, QListView) else model.columnCount()
    yield f"{table.accessibleName()}: {model.rowCount():,} rows"
    for row in range(min(model.rowCount(), MOST_ROWS)):
        cells = [model.index(row, column).data() for column in range(columns)]
        yield ", ".join(str(cell) for cell in cells if cell not in (None, ""))
