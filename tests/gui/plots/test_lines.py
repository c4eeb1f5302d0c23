"""Lines and marks paint what they show, and ask for a paint only if it has changed."""

import numpy as np
import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QTransform

from gui.plots.lines import Lines
from gui.plots.marks import Marks
from gui.plots.planes.ellipse import Ellipse, stride

SEGMENTS = np.array([[5.0, 10.0, 35.0, 10.0], [5.0, 20.0, 35.0, 20.0], [20.0, 3.0, 20.0, 37.0]])


class Canvas:
    """Counts how often a paint is asked for."""

    def __init__(self):
        self.asked = 0

    def update(self, _area):
        """Count."""
        self.asked += 1


def ink(lines):
    """Return which pixels (40, 40) of an image are dark."""
    image = QImage(40, 40, QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    lines.paint(painter, QTransform())
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(40, image.bytesPerLine())[:, :40]
    return pixels < 100


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_each_segment_is_painted_and_no_other(count):
    lines = Lines()
    lines.dress(QPen(QColor("black"), 3))
    lines.show_outline(SEGMENTS[:count])
    expected = np.zeros((40, 40), bool)
    for rows, columns in ((slice(9, 11), slice(5, 35)), (slice(19, 21), slice(5, 35)), (slice(3, 37), slice(19, 21)))[
        :count
    ]:
        expected[rows, columns] = True
    seen = ink(lines)
    assert seen[expected].all()
    assert seen.sum() <= 1.4 * expected.sum()  # the ends reach half a width further, and edges are smooth


def test_segments_may_be_a_view_of_other_numbers():
    wide = np.repeat(SEGMENTS, 2, axis=0)[::-2]  # not contiguous, in the other order
    plain, view = Lines(), Lines()
    for lines, segments in ((plain, SEGMENTS), (view, wide)):
        lines.dress(QPen(QColor("black"), 3))
        lines.show_outline(segments)
    assert not wide.flags["C_CONTIGUOUS"]
    np.testing.assert_array_equal(ink(plain), ink(view))


def test_marks_that_have_not_changed_ask_for_no_paint():
    marks, canvas = Marks("disc", 9), Canvas()
    marks.dress(QPen(Qt.PenStyle.NoPen), QColor("red"), QColor("blue"))
    marks.canvas = canvas
    places, kinds = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0, 1])
    marks.show_places(places, kinds)
    first = canvas.asked
    assert first > 0
    marks.show_places(places.copy(), kinds.copy())
    assert canvas.asked == first
    marks.show_places(places, kinds[::-1])
    assert canvas.asked > first


@pytest.mark.parametrize("size", [0.0, 5.0, 80.0, 500.0, 2000.0])
def test_a_small_ellipse_has_fewer_corners_and_is_as_round(size):
    """The corners that are left are places of the ellipse, and its arcs are nowhere far from them."""
    angles = np.linspace(0, 2 * np.pi, 181)
    circle = np.column_stack([np.cos(angles), 0.3 * np.sin(angles)]) * size / 2
    ends = np.column_stack([circle[:-1], circle[1:]])
    layer = Ellipse()
    layer.show_outline(circle)
    needed = layer._needed(ends)
    assert len(needed) == (180 if size == 2000 else pytest.approx(180 / stride(180, size), abs=1))
    assert {tuple(start) for start in needed[:, :2]} <= {tuple(place) for place in circle}
    np.testing.assert_array_equal(needed[:, 2:], np.roll(needed[:, :2], -1, axis=0))  # closed, without a gap
    t = np.linspace(0, 1, 50)[:, None, None]
    chords = (needed[:, :2] + t * (needed[:, 2:] - needed[:, :2])).reshape(-1, 2)
    radius = np.hypot(chords[:, 0], chords[:, 1] / 0.3)  # of the circle that is squeezed
    assert np.abs(radius - size / 2).max() <= 0.21


@pytest.mark.parametrize("size", [np.nan, np.inf])
def test_an_ellipse_without_a_finite_size_keeps_its_corners(size):
    assert stride(180, size) == 1


def test_the_same_line_is_prepared_once_and_after_an_outline_again():
    lines, x = Lines(), np.array([5.0, 20.0, 35.0])
    lines.dress(QPen(QColor("black"), 3))
    lines.show_line(x, np.array([10.0, 10.0, 10.0]))
    shown = ink(lines)
    lines.canvas = canvas = Canvas()
    lines.show_line(x, np.array([10.0, 10.0, 10.0]))
    assert canvas.asked == 0
    lines.show_line(x + 0.0, np.array([10.0, 10.0, 10.0]))  # another array of places
    lines.show_line(x, np.array([10.0, 10.0, 30.0]))  # another line
    assert canvas.asked == 2
    assert not np.array_equal(ink(lines), shown)
    lines.show_line(x, np.array([10.0, 10.0, 10.0]))
    np.testing.assert_array_equal(ink(lines), shown)
    lines.show_outline(SEGMENTS)
    lines.show_line(x, np.array([10.0, 10.0, 10.0]))
    np.testing.assert_array_equal(ink(lines), shown)


@pytest.mark.parametrize("with_others", [False, True])
def test_a_mark_that_moves_is_painted_alone_or_with_the_whole_plot(with_others):
    marks = Marks("disc", 8, with_others=with_others)
    marks.show_places([(5.0, 5.0), (20.0, 20.0)])
    marks.canvas = canvas = Canvas()
    marks.area = QRect(0, 0, 40, 40)
    marks.show_places([(5.0, 5.0), (20.0, 20.0)])
    assert canvas.asked == 0
    marks.show_places([(5.0, 5.0), (30.0, 20.0)])
    assert canvas.asked == (1 if with_others else 2)  # or around the old place and around the new one
