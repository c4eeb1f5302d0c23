"""A region that a step of the lecture shows is shown as a whole in every size of the plot, until the user moves it."""

import pytest

from engine.plane import Viewport
from gui.plots.plot import Plot

REGION = Viewport(-3.2, 3.2, -3.2, 3.2)


@pytest.fixture
def plot(qtbot):
    plot = Plot("A plane", ("x", "y"), Viewport(-2, 2, -2, 2), square=True)
    qtbot.addWidget(plot)
    plot.resize(120, 100)
    plot.show()
    plot.show_region(REGION)
    return plot


def narrower(view):
    """The smaller of both extents."""
    return min(view.right - view.left, view.top - view.bottom)


def test_a_region_stays_as_large_when_the_plot_grows_and_shrinks(plot):
    for size in ((120, 100), (600, 500), (200, 500), (600, 500)):
        plot.resize(*size)
        assert narrower(plot.shown) == pytest.approx(6.4)
        assert not plot.is_at_home


@pytest.mark.parametrize(
    "act", [lambda plot: plot.zoom(1.0), lambda plot: plot.look_at(plot.shown)], ids=["zoom", "look"]
)
def test_the_scale_that_the_user_chose_stays_when_the_plot_grows(plot, act):
    act(plot)
    before = (plot.shown.right - plot.shown.left) / plot.shown.columns
    plot.resize(600, 500)
    assert (plot.shown.right - plot.shown.left) / plot.shown.columns == pytest.approx(before)


def test_home_takes_the_place_of_a_region(plot):
    plot.fit()
    plot.resize(600, 500)
    assert plot.is_at_home and narrower(plot.shown) == pytest.approx(4)
