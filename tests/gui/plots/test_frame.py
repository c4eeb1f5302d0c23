"""The numbers on the axes of a plot do not overlap, however low the plot and however large the text."""

import pytest
from PySide6.QtGui import QFont, QFontMetrics

from engine.plane import Viewport
from gui.plots.plot import Plot


@pytest.mark.parametrize(("size", "points"), [((300, 240), 9), ((300, 160), 18), ((400, 140), 22)])
def test_the_numbers_of_an_axis_have_room(qtbot, size, points):
    plot = Plot("A low plot", ("x", "y"), Viewport(0, 1, 0, 1), square=False)
    qtbot.addWidget(plot)
    plot.resize(*size)
    plot.show()
    axis, font = plot.sides["left"], QFont()
    font.setPointSize(points)
    axis.setTickFont(font)
    for high in (0.9, 1.0, 1.3, 4.0):
        (spacing, _), *_ = axis.tickSpacing(0.0, high, plot.area.height())
        assert spacing * plot.area.height() / high >= QFontMetrics(font).height() - 1


def test_an_axis_without_a_length_or_a_range_has_no_ticks_to_place(qtbot):
    plot = Plot("A plot without a size", ("x", "y"), Viewport(0, 1, 0, 1), square=False)
    qtbot.addWidget(plot)
    for axis in plot.sides.values():
        assert axis.tickSpacing(1.0, 1.0, 100.0) == []
        assert axis.tickSpacing(0.0, 1.0, 0.0) == [] or axis.tickSpacing(0.0, 1.0, 0.0)[0][0] > 0
