"""Texts that are cut: what a window shows of its labels, buttons, combo boxes and axes, and what it hides."""

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QScrollArea,
    QStyle,
    QStyleOptionComboBox,
    QTabBar,
    QTableView,
    QToolButton,
)

from gui.plots.axes import Axes
from gui.widgets.elided import ElidedLabel

ALLOWED = 1  # pixels: advances of texts are rounded


def needed(widget):
    """The width that the text of a widget needs, in pixels, and the width that it has."""
    if isinstance(widget, QComboBox):
        option = QStyleOptionComboBox()
        widget.initStyleOption(option)
        part = QStyle.SubControl.SC_ComboBoxEditField
        field = widget.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, widget)
        return widget.fontMetrics().horizontalAdvance(widget.currentText()), field.width()
    if (
        isinstance(widget, QLabel)
        and not isinstance(widget, ElidedLabel)
        and widget.text()
        and not widget.wordWrap()
        and widget.pixmap().isNull()
    ):
        return widget.sizeHint().width(), widget.width()
    if isinstance(widget, QAbstractButton) and widget.text() and not isinstance(widget, QToolButton):
        return widget.minimumSizeHint().width(), widget.width()
    return 0, 1


def is_whole(widget, window):
    """Whether no widget around a widget hides a part of it, apart from scroll areas, which can show it."""
    seen, around = QRect(QPoint(0, 0), widget.size()), widget
    while around is not window:
        seen, around = seen.translated(around.pos()), around.parentWidget()
        if isinstance(around.parentWidget(), QScrollArea):
            return True
        if not around.rect().adjusted(-ALLOWED, -ALLOWED, ALLOWED, ALLOWED).contains(seen):
            return False
    return True


def shown(window, kind):
    """The visible widgets of a class. For Qt a widget behind the tab of another panel is visible as well."""
    view = window.page.view if hasattr(window, "page") else None
    hidden = [dock for title, dock in view.docks.items() if title not in view.seen_titles] if view else []
    for widget in window.findChildren(kind):
        if widget.isVisible() and not any(dock.isAncestorOf(widget) for dock in hidden):
            yield widget


def texts(window):
    """The visible widgets of a window that show a text on one line."""
    for kind in (QLabel, QAbstractButton, QComboBox):
        yield from (widget for widget in shown(window, kind) if not isinstance(widget.parentWidget(), QTabBar))


def cut(window):
    """One text for each visible widget whose text is cut."""
    found = []
    for widget in texts(window):
        wants, has = needed(widget)
        text = widget.currentText() if isinstance(widget, QComboBox) else widget.text()
        lack = widget.minimumSizeHint().height() - widget.height() if isinstance(widget, QComboBox) else 0
        if lack > ALLOWED:
            found.append(f"{text!r} lacks {lack} pixels of height")
        elif wants > has + ALLOWED:
            found.append(f"{text!r} has {has} of {wants} pixels")
        elif text and not is_whole(widget, window):
            found.append(f"{text!r} is partly hidden")
    return found


def cut_columns(window):
    """One text for each column of a table that is narrower than its heading."""
    headers = [table.horizontalHeader() for table in shown(window, QTableView)]
    return [
        f"the column {header.model().headerData(i, header.orientation())!r} has {header.sectionSize(i)} pixels"
        for header in headers
        for i in range(header.count())
        if header.isVisible() and header.sectionSizeHint(i) > header.sectionSize(i) + ALLOWED
    ]


def cut_labels_of_axes(window):
    """One text for each label of an axis that is elided. Small plots with large text have no room for long labels."""
    axes = [axis for plot in shown(window, Axes) for axis in plot.sides.values()]
    return [axis.labelText for axis in axes if axis.label.toPlainText() != axis.labelText.strip()]
