"""The density of blurred pixels at the saddle point against scipy and against all binary images."""

from itertools import product

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from scipy.stats import multivariate_normal

from engine.latent.observations.blur import Blur
from engine.latent.observations.observation import EXACT, SADDLE
from engine.latent.posterior.scoring import blurred_pixels
from engine.latent.posterior.scoring.blurred_pixels import Directions, Values, log_density_of_blur
from engine.latent.posterior.scoring.measurement_densities import log_density
from engine.latent.posterior.scoring.saddle_point import Pixels
from engine.latent.vae.likelihoods import Bernoulli, ContinuousBernoulli, Gaussian

LATENTS = 4
VARIANCE = 0.2  # of Gaussian pixels, whose density has a closed form
NORMAL = Pixels(lambda out: VARIANCE * out**2 / 2, lambda out: (VARIANCE * out, torch.full_like(out, VARIANCE)))


@pytest.fixture(autouse=True)
def _no_forms_of_other_limits():
    blurred_pixels._form.cache_clear()
    yield
    blurred_pixels._form.cache_clear()


def dense(measurement, pixels):
    matrix = np.zeros((len(measurement.values), pixels))
    matrix[measurement.rows, measurement.columns] = measurement.weights
    return matrix


def measured(x, width, deviation, rng):
    (measurement,) = Blur(width, deviation).measure(x).measurements
    return replace(measurement, values=measurement.values + deviation * rng.standard_normal(len(measurement.values)))


@pytest.mark.parametrize("pixels_first", [False, True], ids=["directions", "pixels"])
@pytest.mark.parametrize(("shape", "width"), [((5, 6), 0.7), ((5, 4, 3), 0.6)], ids=str)
def test_gaussian_pixels_have_the_joint_normal_density(shape, width, pixels_first, monkeypatch):
    monkeypatch.setattr(blurred_pixels, "STRONG", 0.0)
    monkeypatch.setattr(blurred_pixels, "MOST", 0 if pixels_first else 1000)
    rng = np.random.default_rng(0)
    measurement = measured((rng.random(shape) > 0.6).astype(float), width, 0.1, rng)
    out, matrix = rng.normal(0, 2, (LATENTS, np.prod(shape))), dense(measurement, np.prod(shape))
    covariance = VARIANCE * matrix @ matrix.T + 0.01 * np.eye(len(matrix))
    exact = [multivariate_normal(VARIANCE * matrix @ logits, covariance).logpdf(measurement.values) for logits in out]
    found = log_density_of_blur(measurement, NORMAL, torch.from_numpy(out)).numpy()
    assert found == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("scale", [1.0, 2.0, 5.0])
@pytest.mark.parametrize("deviation", [0.05, 0.15])
def test_ink_has_nearly_the_density_of_the_sum_over_all_binary_images(scale, deviation):
    """With the means and covariances alone, differences between latents were up to 20 nats off."""
    rng = np.random.default_rng(1)
    out = rng.normal(0, scale, (20, 16))
    x = (rng.random(16) < 1 / (1 + np.exp(-out[0]))).astype(float).reshape(4, 4)
    measurement = measured(x, 0.8, deviation, rng)
    images = np.array(list(product([0.0, 1.0], repeat=16)))
    away = (measurement.values - images @ dense(measurement, 16).T) / deviation
    noise = -0.5 * np.sum(away**2 + np.log(2 * np.pi * deviation**2), axis=1)
    exact = np.logaddexp.reduce(noise[:, None] + images @ out.T - np.logaddexp(0, out).sum(axis=1), axis=0)
    found = log_density(measurement, Bernoulli(), torch.from_numpy(out), torch.empty(0)).numpy()
    high = exact > exact.max() - 15
    off = (found - exact)[high]
    assert len(off) >= 3
    assert np.std(off) < (0.6 if deviation > 0.1 else 1.2)


@pytest.mark.parametrize(("shape", "width"), [((9, 8), 1.4), ((6, 5, 3), 1.0)], ids=str)
@pytest.mark.parametrize("likelihood", [Bernoulli(), ContinuousBernoulli()], ids=str)
def test_weak_directions_and_certain_pixels_change_the_density_little(shape, width, likelihood, monkeypatch):
    rng = np.random.default_rng(0)
    measurement = measured((rng.random(shape) > 0.6).astype(float), width, 0.1, rng)
    out = torch.from_numpy(rng.normal(0, 2, (12, np.prod(shape))))
    values = {}
    for kind, strong, most in ((Directions, 0.0, 1000), (Directions, 1.0, 1000), (Values, 0.0, 0)):
        monkeypatch.setattr(blurred_pixels, "STRONG", strong)
        monkeypatch.setattr(blurred_pixels, "MOST", most)
        blurred_pixels._form.cache_clear()
        assert isinstance(blurred_pixels._form(measurement), kind)
        values[kind, strong] = log_density(measurement, likelihood, out, torch.empty(0)).numpy()
    whole = values[Directions, 0.0]
    assert np.ptp(whole) > 5
    for found in values.values():
        assert found - whole == pytest.approx(np.mean(found - whole), abs=0.6)
    assert values[Values, 0.0] == pytest.approx(whole, abs=0.01)


def test_sums_without_factors_are_those_with_factors(monkeypatch):
    monkeypatch.setattr(blurred_pixels, "STRONG", 0.0)
    rng = np.random.default_rng(2)
    measurement = measured((rng.random((4, 5)) > 0.5).astype(float), 1.0, 0.1, rng)
    out = torch.from_numpy(rng.normal(0, 2, (LATENTS, 20)))
    found = [
        log_density(each, Bernoulli(), out, torch.empty(0)).numpy()
        for each in (measurement, replace(measurement, factors=()))
    ]
    assert found[0] == pytest.approx(found[1], abs=1e-3)


def test_a_kernel_of_one_pixel_is_exact_for_ink():
    (measurement,) = Blur(0.3, 0.1).measure(np.eye(4)).measurements
    assert measurement.disjoint
    assert Blur(0.3).density(Bernoulli()) == EXACT
    assert Blur(0.5).density(Bernoulli()) == Blur(0.3).density(ContinuousBernoulli()) == SADDLE
    assert Blur(0.5).density(Gaussian()) == EXACT
