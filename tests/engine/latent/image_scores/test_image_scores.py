"""Scores of images, against mixtures of Gaussians whose scores are known, and against brute force."""

import numpy as np
import pytest
from scipy.linalg import sqrtm
from scipy.spatial.distance import cdist

from engine.latent.image_scores.frechet import frechet_distance
from engine.latent.image_scores.neighbours import neighbour_scores, squared_distances
from engine.latent.image_scores.sharpness import edge_per_ink, grey_pixels


def mixture(centres, n, seed, deviation=0.05):
    """Draw n points, as many from each Gaussian around one of the centres (c, f)."""
    rng = np.random.default_rng(seed)
    centres = np.asarray(centres, float)
    chosen = np.arange(n) % len(centres)
    return centres[chosen] + deviation * rng.standard_normal((n, centres.shape[1]))


FOUR = [(0, 0), (10, 0), (0, 10), (10, 10)]


def test_lost_modes_lower_recall_and_coverage_to_the_fraction_that_is_left_and_not_the_precision():
    real, two = mixture(FOUR, 1000, 0), mixture(FOUR[:2], 1000, 1)
    same, lost = neighbour_scores(real, mixture(FOUR, 1000, 2)), neighbour_scores(real, two)
    assert lost.precision > 0.95 and same.precision > 0.95
    assert lost.recall == pytest.approx(0.5, abs=0.03) and same.recall > 0.95
    assert lost.coverage == pytest.approx(0.5, abs=0.03)
    # Half of the real balls contain twice as many generated images, so that the density stays.
    assert same.density == pytest.approx(1, abs=0.1) and lost.density == pytest.approx(1, abs=0.1)


def test_invented_modes_lower_the_precision_and_not_the_recall():
    real, more = mixture(FOUR[:2], 1000, 0), mixture([*FOUR[:2], (50, 50), (70, 70)], 1000, 1)
    found = neighbour_scores(real, more)
    assert found.precision == pytest.approx(0.5, abs=0.03)
    assert found.recall > 0.95
    assert found.coverage == pytest.approx(1 - (2 / 3) ** 5, abs=0.05)  # of three neighbours, two are real
    assert found.density == pytest.approx(0.5, abs=0.06)


def test_of_equal_distributions_the_coverage_is_1_minus_2_to_minus_k():
    """A real ball holds no generated image if its k nearest points of both sets are real: (½)^k for large sets.

    Naeem et al. 2020, eq. 9: the exact value is 1 − (n − 1)…(n − k) / ((2n − 1)…(2n − k)).
    """
    n, k = 1000, 3
    exact = 1 - np.prod([(n - i) / (2 * n - i) for i in range(1, k + 1)])
    found = [
        neighbour_scores(*(np.random.default_rng((seed, i)).standard_normal((n, 8)) for i in (0, 1)), k).coverage
        for seed in range(3)
    ]
    assert np.mean(found) == pytest.approx(exact, abs=0.015)


def test_the_scores_equal_those_by_brute_force():
    rng = np.random.default_rng(3)
    real, generated, k = rng.standard_normal((40, 5)), 0.7 * rng.standard_normal((30, 5)) + 0.3, 4
    radius = [np.sort(cdist(points, points), axis=1)[:, k] for points in (real, generated)]
    between = cdist(real, generated)
    found = neighbour_scores(real, generated, k)
    assert found.precision == np.mean([(between[:, j] <= radius[0]).any() for j in range(30)])
    assert found.recall == np.mean([(between[i] <= radius[1]).any() for i in range(40)])
    assert found.density == pytest.approx(sum((between[:, j] <= radius[0]).sum() for j in range(30)) / (k * 30))
    assert found.coverage == np.mean([(between[i] <= radius[0][i]).any() for i in range(40)])
    np.testing.assert_allclose(squared_distances(real, generated), between**2, rtol=1e-9)


def test_too_few_images_are_refused():
    with pytest.raises(ValueError, match="At least 6 images"):
        neighbour_scores(np.zeros((5, 2)), np.zeros((9, 2)))


def test_the_frechet_distance_equals_the_formula_and_vanishes_for_equal_sets():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((300, 6)) @ rng.standard_normal((6, 6)), 2 + rng.standard_normal((200, 6))
    covariances = [np.cov(points.T) for points in (a, b)]
    root = sqrtm(covariances[0] @ covariances[1]).real
    expected = np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(sum(covariances) - 2 * root)
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(a, a + 3) == pytest.approx(9 * 6, rel=1e-9)  # a shift by 3 on each of 6 axes


def test_the_frechet_distance_of_two_scaled_gaussians_is_known_exactly():
    """For N(0, s²I) and N(0, t²I) it is f(s − t)²; the sample with exact moments has no sampling error."""
    corners = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]], float) * np.sqrt(3 / 4)  # covariance I with n − 1
    assert frechet_distance(2 * corners, 5 * corners) == pytest.approx(2 * 9)


def test_the_edge_of_a_step_and_of_a_ramp_is_their_height_per_ink():
    step = np.zeros((1, 5, 7))
    step[0, :, 3] = 1  # a line of ink: two edges of height 1 in each of 4 rows, and ink in 5 rows
    assert edge_per_ink(step) == pytest.approx(2 * 4 / 5)
    ramp = np.tile(np.arange(7) / 6, (1, 5, 1))
    assert edge_per_ink(ramp) == pytest.approx(4 * 6 * (1 / 6) / ramp.sum(), rel=1e-6)
    assert np.isnan(edge_per_ink(np.zeros((2, 4, 4))))


def test_grey_pixels_are_those_between_paper_and_ink():
    images = np.array([[[0.0, 0.05, 0.5, 0.95], [1.0, 0.2, 0.8, 0.0]]])
    assert grey_pixels(images) == 3 / 8
