"""The pointer in a plot: the wheel zooms around it, and a click that trembles is no drag."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from engine.plane import Viewport
from gui.plots.plot import Plot


@pytest.fixture
def plot(qtbot):
    plot = Plot("A plot", ("x", "y"), Viewport(0, 10, 0, 10), square=False)
    qtbot.addWidget(plot)
    plot.resize(400, 300)
    plot.show()
    return plot


def turned(plot, place, steps):
    """Send the event of a wheel that is turned by `steps` notches away from the user, and return the widths before and
    after.
    """
    at, before = plot.pixel_of(*place), plot.shown
    everywhere = QPointF(plot.mapToGlobal(at.toPoint()))
    nothing, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(
        at, everywhere, QPoint(), QPoint(0, 120 * steps), Qt.MouseButton.NoButton, nothing, phase, False
    )
    QApplication.sendEvent(plot.viewport(), event)
    return before.right - before.left, plot.shown.right - plot.shown.left


@pytest.mark.parametrize("steps", [1, 3, -1])
def test_a_wheel_that_is_turned_away_from_the_user_zooms_in_around_the_pointer(plot, steps):
    pixel = plot.pixel_of(3.0, 7.0)
    before, after = turned(plot, (3.0, 7.0), steps)
    assert after < before if steps > 0 else after > before
    assert plot.place_of(pixel) == pytest.approx((3.0, 7.0))


@pytest.mark.parametrize("place", [(5.0, 5.0), (2.0, 2.0)], ids=["on a handle", "on the plane"])
def test_a_click_that_trembles_by_a_pixel_neither_drags_nor_pans(plot, hand, place):
    events, before = [], plot.shown
    plot.dragged.connect(lambda *_: events.append("dragged"))
    plot.clicked.connect(lambda *_: events.append("clicked"))
    plot.picked.connect(lambda *_: events.append("picked"))
    plot.set_handles([(5.0, 5.0)])
    pointer, at = hand(plot), plot.pixel_of(*place)
    pointer.press(*place)
    pointer.send_at(QEvent.Type.MouseMove, at + QPointF(1, 1))
    pointer.release(*place)
    assert events == ["picked" if place == (5.0, 5.0) else "clicked"]
    assert plot.shown == before


def test_a_longer_movement_drags_the_handle(plot, hand):
    dragged = []
    plot.dragged.connect(lambda i, *_: dragged.append(i))
    plot.set_handles([(5.0, 5.0)])
    hand(plot).drag((5.0, 5.0), (8.0, 8.0))
    assert set(dragged) == {0}
