"""What an image covers is not painted below it, and every pixel is as if it were."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage, QPixmap, QRegion

from engine.plane import Viewport
from gui.plots import axes
from gui.plots.plot import Plot
from gui.plots.raster import Raster, colour_map

HOME = Viewport(-2, 2, -2, 2)


@pytest.fixture
def plot(qtbot):
    plot = Plot("A plane", ("x", "y"), HOME, square=True)
    plot.raster = Raster(smooth=True)
    plot.add(plot.raster)
    qtbot.addWidget(plot)
    plot.resize(230, 210)
    plot.show()
    return plot


def painted(plot, rect):
    """Return the pixels of a rectangle of the plot, painted alone over a red ground."""
    image = QImage(plot.viewport().size(), QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    plot.viewport().render(image, rect.topLeft(), QRegion(rect))
    return image.copy(rect)


def show(plot, *, columns=None, colours=False, table=None):
    """Show an image over the plot's viewport with its own numbers of pixels, or with another one of columns."""
    view = plot.shown
    shape = (view.rows, columns or view.columns)
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3) if colours else shape, np.uint8)
    pixels[: shape[0] // 2] |= 255 if colours else 0
    plot.raster.show_pixels(pixels, view, table or colour_map("viridis"), top_first=True)


@pytest.mark.parametrize(
    "what",
    [{}, {"columns": 40}, {"colours": True}, {"table": tuple(range(0x80000000, 0x80000100))}],
    ids=["its own pixels", "scaled", "white is transparent", "half transparent"],
)
def test_each_pixel_is_as_if_all_layers_were_painted(plot, what):
    show(plot, **what)
    whole = painted(plot, plot.viewport().rect())
    part = painted(plot, plot.area)
    assert part == whole.copy(plot.area)
    assert part.pixelColor(QPoint(3, 3)) != QColor("red")


@pytest.mark.parametrize(("columns", "paints"), [(None, 0), (40, 1)], ids=["its own pixels", "scaled"])
def test_the_frame_is_painted_only_if_it_is_seen(plot, columns, paints, monkeypatch):
    show(plot, columns=columns)
    asked = []
    monkeypatch.setattr(axes, "pixmap_of", lambda of: asked.append(of) or QPixmap(of.size()))
    plot._pixmap = None
    painted(plot, plot.area)
    assert len(asked) == paints


@pytest.mark.parametrize(
    "go",
    [lambda plot: plot.look_at(Viewport(-1, 3, -2, 2)), lambda plot: plot.zoom(2, plot.shown.left, plot.shown.top)],
    ids=["elsewhere", "from farther"],
)
def test_an_image_of_another_viewport_covers_only_its_place(plot, go):
    show(plot)
    go(plot)
    assert not plot.raster.covered(plot._transform()).contains(plot.area)
    whole = painted(plot, plot.viewport().rect())
    assert painted(plot, plot.area) == whole.copy(plot.area)
