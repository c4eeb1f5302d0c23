"""The class leak: the colours are the posterior of the most frequent class, against densities by scipy."""

import numpy as np
import pytest
from scipy import stats

from engine.derived import PENDING
from engine.latent.charts import CHARTS
from engine.latent.model import Embedding
from engine.latent.plane.cell_grid import grid_over
from engine.latent.plane.classes import leak_of
from engine.latent.plane.overlays.class_leak import NO_CLASSES, ClassLeak
from engine.latent.plane.overlays.overlay import CLEAR, SHADES
from engine.plane import Viewport

MEANS, DEVIATION, SMOOTHING = ((-0.5, 0.2), (0.7, 0.0)), 0.6, 0.25


class Known:
    """A model whose encoded images are given by the test."""

    def __init__(self, embedding):
        self.embedding = embedding


def embedded(means, images=(40, 60), classes=("a", "b")):
    """Images of each class, all with the same q."""
    labels = np.repeat(np.arange(len(means)), images).astype(np.uint8)
    mean = np.array(means)[labels]
    return Embedding(mean, np.full_like(mean, DEVIATION), labels, classes)


def laid(embedding, chart):
    side = 2.0 if type(chart).__name__ == "Linear" else 1.0
    grid = grid_over(chart, Viewport(side / 2 - 1, side / 2 if side == 1 else 2.0, 0.0, side, 100, 100))
    values = [each for each in ClassLeak(smoothing=SMOOTHING).lay(Known(embedding), grid, ()) if each is not PENDING]
    return grid, values[-1]


@pytest.mark.parametrize("chart", [kind() for kind in CHARTS], ids=lambda chart: type(chart).__name__)
def test_the_colours_are_the_posterior_of_the_most_frequent_class(chart):
    """By Bayes' rule with 40 and 60 images; cells are small against the densities."""
    embedding = embedded(MEANS)
    grid, found = laid(embedding, chart)
    z = np.stack(np.meshgrid(*grid.latents), axis=-1)
    spread = (DEVIATION**2 + SMOOTHING**2) * np.eye(2)
    both = [
        share * stats.multivariate_normal(mean, spread).pdf(np.nan_to_num(z))
        for mean, share in zip(MEANS, (40, 60), strict=True)
    ]
    expected = np.max(both, axis=0) / np.sum(both, axis=0)
    shown = (found.image != CLEAR) & np.isfinite(z).all(axis=-1) & (np.sum(both, axis=0) > 3)
    assert shown.mean() > 0.2
    np.testing.assert_allclose(found.image[shown] / SHADES, expected[shown], atol=0.02)
    read, largest = found.findings
    assert (read.value, largest.value) == (100 * leak_of(embedding).read, 60.0)


def test_equal_classes_do_not_leak():
    _, found = laid(embedded([(0.1, 0.3), (0.1, 0.3)], images=(50, 50)), next(iter(CHARTS))())
    shown = found.image[found.image != CLEAR]
    assert len(shown)
    assert set(np.unique(shown)) <= {126, 127, 128}


def test_images_without_classes_have_no_leak():
    _, found = laid(embedded([(0.0, 0.0)], images=(5,), classes=("all",)), next(iter(CHARTS))())
    assert found.unavailable == NO_CLASSES
