"""Panels that scroll: what a window shows only after scrolling, although its panels could wrap or fold."""

from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QGraphicsView

from gui.page.panel_area import PanelArea
from gui.widgets.notice import Notice
from tests.gui.cut import shown

LOW = 6  # lines of text; a lower panel may scroll down
ROUNDED = 3  # pixels


def scrolled(window):
    """One text for each panel that scrolls down without need, and for each that scrolls sideways.

    Right are: tables and lists; down, a column of fields, images or texts inside a panel, which has no natural height;
    down, a panel that is lower than six lines of text; and down, a panel with an explanation in place of its content.
    """
    found = []
    for area in shown(window, QAbstractScrollArea):
        if isinstance(area, QAbstractItemView | QGraphicsView):
            continue
        panel = next((around.panel.title for around in above(area) if isinstance(around, PanelArea)), "")
        if panel and area.horizontalScrollBar().maximum():
            found.append(f"{panel}: {area.horizontalScrollBar().maximum()} pixels sideways")
        is_low = area.height() < LOW * window.fontMetrics().height()
        explains = any(notice.isVisible() for notice in area.findChildren(Notice))
        down = area.verticalScrollBar().maximum()
        if isinstance(area, PanelArea) and down > ROUNDED and not is_low and not explains:
            found.append(f"{panel}: {down} pixels down")
    return found


def above(widget):
    """Yield a widget and those around it."""
    while widget is not None:
        yield widget
        widget = widget.parentWidget()
