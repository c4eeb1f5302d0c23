"""Every plot takes the colours of a new theme and the weight of a lecture, as one that is made then."""

import re

import pytest

from engine.plane import Viewport
from gui.plots.curves.curves import CurvesPlot
from gui.plots.layer import Layer
from gui.plots.planes.heatmap import HeatmapPlot
from gui.plots.planes.inference_plane import InferencePlane
from gui.plots.planes.judged import JudgedPlot
from gui.plots.planes.mosaic import MosaicPlot
from gui.plots.planes.primer import PrimerPlot
from gui.plots.planes.surface import SurfacePlot
from gui.shell import theme

PLACE = re.compile(r" at 0x\w+")
KINDS = [CurvesPlot, HeatmapPlot, InferencePlane, JudgedPlot, MosaicPlot, PrimerPlot, SurfacePlot]


def looks(plot):
    """The pens, brushes, colours and sizes of all layers, as text."""
    return [
        (name, key, [PLACE.sub("", str(each)) for each in (value if isinstance(value, list | tuple) else [value])])
        for name, layer in vars(plot).items()
        if isinstance(layer, Layer)
        for key, value in vars(layer).items()
        if key in ("_pens", "_pen", "_brush", "_colours", "size") and not hasattr(value, "dtype")
    ]


@pytest.fixture
def light(qapp):
    theme.apply("light", 1.0)
    yield
    theme.apply("light", 1.0)
    theme.use_weight(1.0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("look", "weight"), [("high contrast dark", 1.0), ("light", 1.5), ("dark", 1.5)])
def test_a_plot_that_is_dressed_looks_like_a_new_one(qtbot, light, kind, look, weight):
    def made():
        plot = kind("a plot", ("x", "y"), Viewport(-1, 1, -1, 1))
        qtbot.addWidget(plot)
        return plot

    plot = made()
    before = looks(plot)
    theme.apply(look, 1.0)
    theme.use_weight(weight)
    plot.dress()
    assert looks(plot) == looks(made()) != before
    theme.apply("light", 1.0)
    theme.use_weight(1.0)
    plot.dress()
    assert looks(plot) == before
