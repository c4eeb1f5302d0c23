"""Marks and lines: what is on the screen is where it should be, few or many, at every zoom."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QTransform

from engine.plane import Viewport
from gui.plots.marks import FEW, Marks
from gui.plots.plot import Plot

HOME = Viewport(0, 10, 0, 10)


@pytest.fixture
def plot(qtbot):
    made = Plot("A plot", ("x", "y"), HOME, square=False)
    qtbot.addWidget(made)
    made.resize(400, 300)
    with qtbot.waitExposed(made):
        made.show()
    return made


def centre_of_ink(plot, colour):
    """The mean of all pixels of a colour."""
    picture = plot.viewport().grab().toImage()
    found = [
        (x, y)
        for x in range(picture.width())
        for y in range(picture.height())
        if picture.pixelColor(x, y) == QColor(colour)
    ]
    return np.mean(found, axis=0) + 0.5


@pytest.mark.parametrize("copies", [1, FEW + 1], ids=["drawn", "stamped"])
def test_a_mark_is_at_its_place_wherever_one_looks(plot, copies):
    marks = Marks("disc", 9)
    marks.dress(QPen(Qt.PenStyle.NoPen), QColor("#ff0000"))
    plot.add(marks)
    marks.show_places(np.tile([4.0, 6.0], (copies, 1)))
    for viewport in (HOME, Viewport(2, 8, 1, 12), Viewport(2, 8, 2, 13), Viewport(3, 9, 2, 13)):
        plot.look_at(viewport)
        at = plot.pixel_of(4.0, 6.0)
        np.testing.assert_allclose(centre_of_ink(plot, "#ff0000"), [at.x(), at.y()], atol=1.01)


def test_outside_the_axes_nothing_is_clicked_or_hovered(qtbot, plot, hand):
    said = []
    plot.clicked.connect(lambda x, y: said.append((x, y)))
    plot.moved.connect(lambda x, y: said.append((x, y)))
    margin, pointer = QPointF(5, 100), hand(plot)
    pointer.send_at(QEvent.Type.MouseMove, margin)
    pointer.send_at(QEvent.Type.MouseButtonPress, margin, Qt.MouseButton.LeftButton)
    pointer.send_at(QEvent.Type.MouseButtonRelease, margin, Qt.MouseButton.LeftButton)
    assert said == []
    pointer.click(5, 5)
    assert len(said) == 1


def test_a_handle_that_goes_while_it_is_held_is_let_go(plot, hand):
    dragged = []
    plot.dragged.connect(lambda i, *_: dragged.append(i))
    plot.set_handles([(5, 5)])
    pointer = hand(plot)
    pointer.press(5, 5)
    pointer.move(6, 6)
    assert dragged == [0]
    plot.set_handles([])
    pointer.move(7, 7)
    assert dragged == [0]


@pytest.mark.parametrize("place", [(float("nan"), 0.0), (1e300, 0.0), (0.0, -1e12)])
def test_a_place_that_is_nowhere_on_the_screen_is_left_out(place):
    image = QImage(20, 20, QImage.Format.Format_ARGB32)
    image.fill(0)
    marks = Marks("disc", 8)
    marks.dress(QPen(Qt.PenStyle.NoPen), QColor("black"))
    marks.show_places([place])
    painter = QPainter(image)
    marks.paint(painter, QTransform())
    painter.end()
    assert not any(image.pixel(i, j) for i in range(20) for j in range(20))
