"""Gradients of measurements with respect to z against finite differences, under every likelihood."""

import numpy as np
import pytest
import torch

from engine.latent.observations.blur import Blur
from engine.latent.observations.measurement import NoisyPixels, Pixels, Projection
from engine.latent.posterior.scoring import blurred_pixels
from engine.latent.posterior.scoring.at_latents import log_likelihoods
from engine.latent.posterior.scoring.measurement_gradients import log_likelihood_slopes
from engine.latent.vae.likelihoods import LIKELIHOODS, Bernoulli, Gaussian
from tests.engine.latent.vae.tiny import SHAPE, tiny

Z = np.array([[0.3, -0.4], [1.0, 0.2], [-1.5, 0.9]])
RNG = np.random.default_rng(1)
PIXELS = int(np.prod(SHAPE))
MEASUREMENTS = {
    "all": lambda x: [Pixels(np.arange(PIXELS), x)],
    "two strokes": lambda x: [Pixels(np.arange(4), x[:4]), Pixels(np.arange(4, 9), x[4:9])],
    "noise": lambda x: [NoisyPixels(x + 0.3 * RNG.standard_normal(PIXELS), "gaussian", 0.3)],
    "salt and pepper": lambda x: [NoisyPixels(x, "impulse", 0.2)],
    "means": lambda x: [
        Projection(
            np.array([x[:4].mean(), x[4:8].mean()]), np.repeat([0, 1], 4), np.arange(8), np.full(8, 0.25), 0.2, True
        )
    ],
    "blur": lambda x: list(Blur(0.9, 0.2).measure(x.reshape(SHAPE)).measurements),
    "nothing": lambda _: [],
}


@pytest.mark.parametrize("kind", MEASUREMENTS)
@pytest.mark.parametrize("likelihood", [member() for member in LIKELIHOODS], ids=str)
def test_gradients_are_those_of_the_log_likelihood(likelihood, kind, monkeypatch):
    monkeypatch.setattr(blurred_pixels, "ENOUGH", (1e-12, 0.1))  # the differences show the last step of Newton's method
    vae = tiny(likelihood, torch.double)
    grey = RNG.uniform(0.1, 0.9, PIXELS)
    measurements = MEASUREMENTS[kind](np.round(grey) if isinstance(likelihood, Bernoulli) else grey)
    values, slopes = log_likelihood_slopes(vae, measurements, Z)
    assert values == pytest.approx(log_likelihoods(vae, measurements, Z), abs=1e-9)
    h = 1e-5
    for axis in (0, 1):
        step = h * np.eye(2)[axis]
        expected = (log_likelihoods(vae, measurements, Z + step) - log_likelihoods(vae, measurements, Z - step)) / (
            2 * h
        )
        assert slopes[:, axis] == pytest.approx(expected, abs=1e-5, rel=1e-5)
    assert kind == "nothing" or np.abs(slopes).max() > 1e-3


def test_a_gaussian_in_float32_has_the_precision_of_its_networks():
    vae = tiny(Gaussian(), torch.float)
    measurements = MEASUREMENTS["all"](RNG.uniform(0.1, 0.9, PIXELS))
    values, _ = log_likelihood_slopes(vae, measurements, Z)
    assert values == pytest.approx(log_likelihoods(vae, measurements, Z), rel=1e-5)
