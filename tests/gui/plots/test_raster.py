"""An image in a plot: which colours it has, and which images share them."""

import numpy as np
import pytest

from engine.plane import Viewport
from gui.plots.raster import Raster, colour_map

VIEW = Viewport(0, 1, 0, 1, 3, 2)
GREY, VIRIDIS = colour_map("grey"), colour_map("viridis")


@pytest.fixture
def pixels():
    """Six indices (2, 3) that cannot change."""
    made = np.array([[0, 1, 2], [200, 201, 255]], np.uint8)
    made.setflags(write=False)
    return made


def shown(pixels, table, *, top_first):
    raster = Raster(smooth=False)
    raster.show_pixels(pixels, VIEW, table, top_first=top_first)
    return raster


def colours(raster):
    """The colours (rows, columns) of the image, from the top."""
    image = raster._image
    return [[image.pixel(x, y) for x in range(image.width())] for y in range(image.height())]


@pytest.mark.parametrize("table", [GREY, VIRIDIS], ids=["grey", "viridis"])
@pytest.mark.parametrize("top_first", [True, False])
def test_each_pixel_has_the_colour_of_its_index_after_any_other_image(pixels, table, top_first):
    for other, first in ((GREY, True), (VIRIDIS, True), (GREY, False), (VIRIDIS, False)):
        shown(pixels, other, top_first=first)
        raster = shown(pixels, table, top_first=top_first)
        assert colours(raster) == [[table[i] for i in row] for row in (pixels if top_first else pixels[::-1])]


def test_an_image_that_cannot_change_is_coloured_once(pixels):
    posterior, prior = (shown(pixels, VIRIDIS, top_first=False) for _ in range(2))
    assert posterior._colours is prior._colours


def test_an_image_that_has_changed_is_coloured_again(pixels):
    changing = pixels.copy()
    before = shown(changing, GREY, top_first=True)
    changing[0, 0] = 255
    assert colours(shown(changing, GREY, top_first=True))[0][0] == GREY[255]
    assert colours(before)[0][0] == GREY[0]
