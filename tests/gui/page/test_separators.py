"""The separators between docks: Qt must not look for one among docks that have another order meanwhile."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHoverEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

SPLITS = (Qt.CursorShape.SplitHCursor, Qt.CursorShape.SplitVCursor)


def hover_a_separator(view):
    """Rest with the pointer on a separator."""
    places = (QPoint(x, y) for y in range(3, view.height(), 37) for x in range(view.width()))
    place = next(place for place in places if view.childAt(place) is None)
    where = QPointF(place)
    QApplication.sendEvent(view, QHoverEvent(QEvent.Type.HoverMove, where, where, QPointF()))
    assert view.cursor().shape() in SPLITS


def press_the_title(view):
    """Begin to drag a dock, as with a pen: nothing tells Qt that the separator was left."""
    QTest.mousePress(view.docks["The plane"].titleBarWidget(), Qt.MouseButton.LeftButton)


CHANGES = {
    "another tab": lambda window: window.stack.bring("unboxing"),
    "the rows of a lecture": lambda window: window.page.view.show_rows((("The plane", "Decoded image"),)),
    "the default layout": lambda window: window.stack.reset_layout(),
    "one panel alone": lambda window: window.page.view.fill("The plane"),
    "the beginning of a drag": lambda window: press_the_title(window.page.view),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_the_docks_ends_the_resting_on_a_separator(qtbot, open_window, change):
    # Otherwise the next move of the pointer looks for it among the other docks, and often ends the program.
    window = open_window("latent")
    hover_a_separator(window.page.view)
    CHANGES[change](window)
    assert window.page.view.cursor().shape() not in SPLITS
