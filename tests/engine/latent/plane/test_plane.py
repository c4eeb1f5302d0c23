"""The plane: the home viewport grows with encoder means that lie outside the prior."""

import numpy as np
import pytest

from engine.latent.charts import EqualProbability, Linear
from engine.latent.plane.plane import STEP, home_of
from engine.plane import Viewport


@pytest.mark.parametrize(("spread", "steps"), [(1.0, 0), (3.3, 1), (4.9, 2), (17.0, 5)])
def test_the_home_of_the_linear_chart_shows_all_but_a_few_means(spread, steps):
    """3.2 · 1.5ᵏ is the first half width that is not smaller than the means: 3.2, 4.8, 7.2, 10.8, 16.2, 24.3."""
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    mean = spread * np.column_stack([np.sign(np.cos(angle)), np.sin(angle)])
    mean[:3] = 900.0  # fewer than 2 % of them
    half = 3.2 * STEP**steps
    assert home_of(Linear(), mean) == pytest.approx(Viewport(-half, half, -half, half))


def test_other_charts_and_planes_without_images_keep_their_home():
    assert home_of(EqualProbability(), np.full((9, 2), 50.0)) == EqualProbability.home
    assert home_of(Linear(), np.empty((0, 2))) == Linear.home
