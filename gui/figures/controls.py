"""The parts of a panel in a figure: controls are left out, lines of text are written below, rows become columns."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QBoxLayout,
    QComboBox,
    QGraphicsView,
    QHeaderView,
    QLabel,
    QLayout,
    QLineEdit,
    QProgressBar,
    QProxyStyle,
    QScrollBar,
    QStyle,
    QStyleOption,
    QTableView,
    QWidget,
)

from gui.forms.form_line import FormLine
from gui.forms.forms import Form
from gui.plots.axes import Axes
from gui.widgets.controls import CONTROL
from gui.widgets.elided import GAP, Elided, Spans
from gui.widgets.folding import Folding
from gui.widgets.progress import Progress
from gui.widgets.rows.stacking import Stacking

TAKEN = "taken"  # the property of a line of text that is written below the panel
BUTTONS = (QAbstractButton, Progress)
CONTROLS = (*BUTTONS, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit, QProgressBar, Form, FormLine)

CHECK = 0.65  # the side of a check box for the height of the text


class FlatStyle(QProxyStyle):
    """A style without gradients, which a PDF file cannot hold, and with check boxes that fit into a line of text."""

    def pixelMetric(  # noqa: N802
        self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> int:
        found = super().pixelMetric(metric, option, widget)
        if widget is not None and metric in (
            QStyle.PixelMetric.PM_IndicatorWidth,
            QStyle.PixelMetric.PM_IndicatorHeight,
        ):
            return min(found, round(CHECK * widget.fontMetrics().height()))
        return found


def pictures(panel: QWidget) -> list[QWidget]:
    """The plots, images and tables of a panel."""
    return [
        child
        for child in panel.findChildren(QWidget)
        if isinstance(child, QTableView) or any(kind.__module__.startswith("gui.plots.") for kind in type(child).mro())
    ]


def without_controls(panel: QWidget) -> None:
    """Hide the controls and selections of a panel. A panel that is only controls keeps all but its buttons."""
    hidden = CONTROLS if pictures(panel) else BUTTONS
    for row in panel.findChildren(Folding):
        row.unfold()
    for column in panel.findChildren(Stacking):
        column.unfold()
    for child in panel.findChildren(QWidget):
        of_hidden = isinstance(child, QLabel) and isinstance(child.buddy(), hidden)
        is_control = isinstance(child, hidden) and not isinstance(child, QScrollBar)
        if is_control or of_hidden or child.property(CONTROL):
            child.hide()
        if isinstance(child, QAbstractScrollArea):
            child.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            child.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        if isinstance(child, QAbstractItemView):  # a selection and a focus look different in the window that is active
            child.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
            child.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            child.clearFocus()
            child.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)  # so that _lack counts pixels
        if isinstance(child, QTableView):
            flat = FlatStyle("Windows")
            flat.setParent(child)
            for view in (child, *child.findChildren(QHeaderView), *child.findChildren(QAbstractButton)):  # the corner
                view.setStyle(flat)
                view.setFont(child.font())  # an own style may have a font of its own


def taken_lines(panel: QWidget) -> list[Spans]:
    """Hide the lines of text that do not fit beside the pictures, and return them, to be written below the panel."""
    lines = [line for line in panel.findChildren(Elided) if line.property(TAKEN) or _is_cut(line, panel)]
    for line in lines:
        line.setProperty(TAKEN, True)
        line.hide()
    return [line.spans for line in lines if line.text()]


def _is_cut(line: Elided, panel: QWidget) -> bool:
    wide = sum(line.fontMetrics().horizontalAdvance(text) + GAP * bool(role) for role, text in line.spans)
    return line.isVisibleTo(panel) and wide + GAP * (len(line.spans) - 1) > line.width()


def stack(panel: QWidget, least: int, high: int) -> bool:
    """Put the parts of rows below one another if a plot is narrower than `least` pixels, or text is cut off.

    Each plot is then at least `high` pixels high. Return whether a row has changed.
    """
    plots = [plot for plot in panel.findChildren(Axes) if plot.isVisibleTo(panel)]
    if all(plot.width() >= least for plot in plots) and width_needed(panel) <= panel.width():
        return False
    rows = [row for row in panel.findChildren(QBoxLayout) if _is_row(row) and _has_picture(row, panel)]
    for row in rows:
        row.setDirection(QBoxLayout.Direction.TopToBottom)
    for plot in plots if rows else ():
        plot.setMinimumHeight(high)
    return bool(rows)


def width_needed(panel: QWidget) -> int:
    """The width in pixels that the panel, or something that scrolls in it, needs."""
    areas = panel.findChildren(QAbstractScrollArea)
    bars = [
        area.horizontalScrollBar() for area in areas if area.isVisibleTo(panel) and not isinstance(area, QTableView)
    ]
    hidden = max((bar.maximum() for bar in bars), default=0)
    return max(panel.minimumSizeHint().width(), panel.width() + hidden)


def _is_row(layout: QBoxLayout) -> bool:
    return layout.direction() == QBoxLayout.Direction.LeftToRight and layout.count() > 1


def _has_picture(layout: QLayout, panel: QWidget) -> bool:
    """Whether a plot, image or table is in a layout or in a layout inside it."""
    shown = set(pictures(panel))
    items = [item for i in range(layout.count()) if (item := layout.itemAt(i)) is not None]
    widgets = [widget for item in items if (widget := item.widget()) is not None]
    if any(widget in shown or shown & set(widget.findChildren(QWidget)) for widget in widgets):
        return True
    return any(_has_picture(inner, panel) for item in items if (inner := item.layout()) is not None)


def fit_columns(panel: QWidget) -> None:
    """Make the columns of tables wider than their content by equal parts of the free width, or else equally wide."""
    for table in panel.findChildren(QTableView):
        header = table.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        columns = [i for i in range(header.count()) if not header.isSectionHidden(i)]
        sizes, free = [header.sectionSize(i) for i in columns], table.viewport().width() - header.length()
        if free < 0:
            header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
            continue
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        for i, size in zip(columns, sizes, strict=True):
            header.resizeSection(i, size + free // len(columns))
        header.setStretchLastSection(True)  # the rest of the division


def scrolled_away(panel: QWidget) -> int:
    """The pixels of height that scroll areas of the panel lack to show all of their content."""
    areas = [area for area in panel.findChildren(QAbstractScrollArea) if area.isVisibleTo(panel)]
    return max((_lack(area) for area in areas if not isinstance(area, QGraphicsView)), default=0)


def _lack(area: QAbstractScrollArea) -> int:
    if isinstance(area, QTableView):
        return max(0, area.verticalHeader().length() - area.viewport().height())
    return area.verticalScrollBar().maximum()
