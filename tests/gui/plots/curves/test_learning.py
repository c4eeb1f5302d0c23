"""The plot of the training curve: its range shows the curve, whatever single values are."""

import numpy as np
import pytest

from gui.plots.curves.learning import LearningPlot, readable
from gui.plots.curves.trace import TracePlot

STEPS = np.arange(400.0)
ELBO = -150 - 400 * np.exp(-STEPS / 40)


@pytest.fixture(scope="module")
def plot(qapp):
    return LearningPlot("Training curves", ("batches", "ELBO (nats)"))


@pytest.mark.parametrize("outlier", [-1e6, 1e6, np.nan])
def test_a_curve_with_outliers_stays_readable(plot, outlier):
    curve = np.column_stack([STEPS, ELBO])
    curve[200:210, 1] = outlier
    test = np.column_stack([STEPS[::40], ELBO[::40] - 100])
    plot.show_curves(curve, test, 400)
    low, high = plot.home.bottom, plot.home.top
    assert -800 < low < -400 and -150 < high < 100  # the end of the one curve and the beginning of the other
    plot.show_curves(np.column_stack([STEPS, ELBO]), test, 400)
    assert (plot.home.bottom, plot.home.top) == (low, high)


def test_values_that_are_no_outliers_are_all_in_the_range():
    for values in (ELBO[16:], -ELBO[16:], np.array([-500.0, -200.0, -150.0]), np.array([3.0]), np.full(9, 2.0)):
        assert readable(values) == (values.min(), values.max())
    diverged = np.concatenate([np.full(300, -150.0), np.full(100, -5000.0)])
    assert readable(diverged) == (-5000, -150)


def test_a_trace_shows_its_upper_bound_over_all_of_its_width(qtbot):
    plot = TracePlot("ELBO over the steps", ("step", "ELBO"))
    qtbot.addWidget(plot)
    plot.show_trace(np.arange(300.0), np.linspace(-9, -5, 300), -4.0)
    ((x, y),) = plot.level.curves()
    assert y.tolist() == [-4.0, -4.0]
    assert x.min() <= plot.home.left and x.max() >= plot.home.right
    assert plot.home.bottom < -9 and plot.home.top > -4
