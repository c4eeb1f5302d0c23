"""Marks and handles: few or many marks are painted at their places at every zoom, and handles can be dragged."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QTransform

from engine.plane import Viewport
from gui.plots.marks import FEW, SINGLY, Marks
from gui.plots.plot import Plot

HOME = Viewport(0, 10, 0, 10)


@pytest.fixture
def plot(qtbot):
    plot = Plot("A plot", ("x", "y"), HOME, square=False)
    qtbot.addWidget(plot)
    plot.resize(400, 300)
    with qtbot.waitExposed(plot):
        plot.show()
    return plot


def centre_of_ink(plot, colour):
    """Return the mean position of all pixels of a colour."""
    image = plot.viewport().grab().toImage()
    pixels = [
        (x, y) for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y) == QColor(colour)
    ]
    return np.mean(pixels, axis=0) + 0.5


@pytest.mark.slow
@pytest.mark.parametrize("copies", [1, FEW + 1], ids=["drawn", "stamped"])
def test_a_mark_is_at_its_place_in_every_viewport(plot, copies):
    marks = Marks("disc", 9)
    marks.dress(QPen(Qt.PenStyle.NoPen), QColor("#ff0000"))
    plot.add(marks)
    marks.show_places(np.tile([4.0, 6.0], (copies, 1)))
    for viewport in (HOME, Viewport(2, 8, 1, 12), Viewport(2, 8, 2, 13), Viewport(3, 9, 2, 13)):
        plot.look_at(viewport)
        at = plot.pixel_of(4.0, 6.0)
        np.testing.assert_allclose(centre_of_ink(plot, "#ff0000"), [at.x(), at.y()], atol=1.01)


@pytest.mark.parametrize("pixels", [13, 26])
def test_the_number_of_a_mark_is_inside_its_disc_at_every_text_size(qtbot, pixels):
    marks = Marks("disc", 17, numbered=True)
    marks.dress(QPen(Qt.PenStyle.NoPen), QColor("#ff0000"))
    marks.show_places([[50.0, 50.0]])
    image = QImage(100, 100, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    font = painter.font()
    font.setPixelSize(pixels)
    painter.setFont(font)
    marks.paint(painter, QTransform())
    painter.end()
    blue = np.array([[image.pixelColor(x, y).blue() for x in range(100)] for y in range(100)])
    red = np.array([[image.pixelColor(x, y).red() for x in range(100)] for y in range(100)])
    rows = [np.flatnonzero(mask.any(axis=1)) for mask in (red < 100, blue < 100)]  # of the number; of number and disc
    assert rows[1][0] < rows[0][0] and rows[0][-1] < rows[1][-1]


def test_outside_the_axes_nothing_is_clicked_or_hovered(qtbot, plot, hand):
    events = []
    plot.clicked.connect(lambda x, y: events.append((x, y)))
    plot.moved.connect(lambda x, y: events.append((x, y)))
    margin, pointer = QPointF(5, 100), hand(plot)
    pointer.send_at(QEvent.Type.MouseMove, margin)
    pointer.send_at(QEvent.Type.MouseButtonPress, margin, Qt.MouseButton.LeftButton)
    pointer.send_at(QEvent.Type.MouseButtonRelease, margin, Qt.MouseButton.LeftButton)
    assert events == []
    pointer.click(5, 5)
    assert len(events) == 1


def test_a_handle_that_is_removed_while_it_is_dragged_is_released(plot, hand):
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
def test_a_place_outside_the_screen_is_not_painted(place):
    image = QImage(20, 20, QImage.Format.Format_ARGB32)
    image.fill(0)
    marks = Marks("disc", 8)
    marks.dress(QPen(Qt.PenStyle.NoPen), QColor("black"))
    marks.show_places([place])
    painter = QPainter(image)
    marks.paint(painter, QTransform())
    painter.end()
    assert not any(image.pixel(i, j) for i in range(20) for j in range(20))


@pytest.mark.parametrize("ratio", [1, 2])
@pytest.mark.parametrize("kinds", [1, 3])
def test_marks_that_are_copied_together_are_those_that_are_copied_one_by_one(qapp, ratio, kinds):
    places = np.random.default_rng(0).uniform(-10, 110, (SINGLY + 12, 2))
    places[3] = np.nan
    kind = np.arange(len(places)) % kinds
    order = np.argsort(kind, kind="stable")
    together = painted(ratio, (places, kind))
    singly = painted(ratio, *((places[i : i + 1], kind[i : i + 1]) for i in order))
    assert (together != together[0, 0]).sum() > 500
    np.testing.assert_array_equal(together, singly)


def painted(ratio, *layers):
    """Return the pixels of an image, of which each pixel is `ratio` × `ratio` ones, with layers of (places, kinds)."""
    image = QImage(100 * ratio, 100 * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    for places, kinds in layers:
        marks = Marks("disc", 9)
        marks.dress(QPen(QColor("#000000"), 1), QColor("#ff0000"), QColor("#00a000"), QColor("#0000ff"))
        marks.show_places(places, kinds)
        marks.paint(painter, QTransform())
    painter.end()
    return np.frombuffer(image.constBits(), np.uint32).reshape(100 * ratio, 100 * ratio).copy()
