"""The joint normal density of blurred pixels against scipy, and its moments against all binary images."""

from itertools import product

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal

from engine.latent.observations.blur import Blur
from engine.latent.observations.observation import EXACT, JOINT
from engine.latent.posterior.scoring import blurred_pixels
from engine.latent.posterior.scoring.blurred_pixels import log_density_of_blur
from engine.latent.posterior.scoring.measurement_densities import log_density
from engine.latent.vae.likelihoods import Bernoulli, ContinuousBernoulli, Gaussian

LATENTS = 4


def case(shape, width, deviation, seed=0):
    """A measurement, means and variances (4, pixels), and its exact joint normal density (4,)."""
    rng = np.random.default_rng(seed)
    (measurement,) = Blur(width, deviation).measure((rng.random(shape) > 0.6).astype(float)).measurements
    mean = rng.beta(0.3, 0.6, (LATENTS, np.prod(shape)))
    dense = np.zeros((mean.shape[1], mean.shape[1]))
    dense[measurement.rows, measurement.columns] = measurement.weights
    noise = deviation**2 * np.eye(len(dense))
    exact = [
        multivariate_normal(dense @ m, dense @ np.diag(m * (1 - m)) @ dense.T + noise).logpdf(measurement.values)
        for m in mean
    ]
    mean = torch.from_numpy(mean)
    return measurement, mean, mean * (1 - mean), np.array(exact)


@pytest.mark.parametrize(("shape", "width"), [((5, 6), 0.7), ((5, 4, 3), 0.6)], ids=str)
def test_a_blur_with_all_directions_is_the_joint_normal_density(shape, width):
    measurement, mean, variance, exact = case(shape, width, 0.02)
    assert log_density_of_blur(measurement, mean, variance).numpy() == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize(("shape", "width"), [((9, 8), 1.4), ((6, 5, 3), 1.0)], ids=str)
def test_weak_directions_change_the_density_little(shape, width):
    """Their covariances are a tenth of a nat together, beside differences of tens of nats between latents."""
    measurement, mean, variance, exact = case(shape, width, 0.05)
    found = log_density_of_blur(measurement, mean, variance).numpy()
    assert np.ptp(exact) > 10
    assert found - exact == pytest.approx(np.mean(found - exact), abs=0.15)


@pytest.mark.parametrize(("shape", "width"), [((8, 9), 0.5), ((4, 5, 3), 0.9)], ids=str)
def test_a_sum_over_pixels_is_the_joint_normal_density(shape, width, monkeypatch):
    monkeypatch.setattr(blurred_pixels, "MOST", 0)
    measurement, mean, variance, exact = case(shape, width, 0.1)
    assert log_density_of_blur(measurement, mean, variance).numpy() == pytest.approx(exact, abs=0.02)


def test_the_posterior_of_a_blurred_image_is_that_of_all_binary_images():
    """With noise as large as a pixel's weight, the density is close to the sum over all 2⁹ images."""
    rng = np.random.default_rng(1)
    out = torch.from_numpy(rng.normal(0, 2, (6, 9)))
    x = (rng.random(9) < 1 / (1 + np.exp(-out[0].numpy()))).astype(float).reshape(3, 3)
    (measurement,) = Blur(0.9, 0.15).measure(x).measurements
    dense = np.zeros((9, 9))
    dense[measurement.rows, measurement.columns] = measurement.weights
    images = np.array(list(product([0.0, 1.0], repeat=9)))
    p = torch.sigmoid(out).numpy()[:, None]
    probabilities = np.prod(np.where(images, p, 1 - p), axis=2)
    scores = multivariate_normal(np.zeros(9), 0.15**2 * np.eye(9)).pdf(measurement.values - images @ dense.T)
    exact = np.log(probabilities @ scores)
    found = log_density(measurement, Bernoulli(), out, torch.empty(0)).numpy()
    assert np.ptp(exact) > 4
    assert found - found.mean() == pytest.approx(exact - exact.mean(), abs=1.5)


def test_a_kernel_of_one_pixel_is_exact_for_ink():
    (measurement,) = Blur(0.3, 0.1).measure(np.eye(4)).measurements
    assert measurement.disjoint
    assert Blur(0.3).density(Bernoulli()) == EXACT
    assert Blur(0.5).density(Bernoulli()) == Blur(0.3).density(ContinuousBernoulli()) == JOINT
    assert Blur(0.5).density(Gaussian()) == EXACT
