"""Samples of p(x|z) have the mean and the variance of the likelihood."""

import numpy as np
import pytest
import torch
from scipy import stats

from engine.latent.vae import load_model
from engine.latent.vae.likelihoods import LIKELIHOODS
from engine.latent.vae.networks.likelihood_densities import mean_of
from engine.latent.vae.networks.sampling import drawn, quantile, sample

LOGITS = np.array([-30.0, -4.0, -1.0, -1e-3, 0.0, 1e-9, 0.7, 3.0, 30.0])
LOG_SIGMA = np.linspace(-2, -1, len(LOGITS))
DRAWS = 40_000
P = 1 / (1 + np.exp(-LOGITS))


def curvature(logits):
    """Return the variance of a continuous Bernoulli, the second derivative of ln((e^η − 1)/η)."""
    near = np.abs(logits) < 0.01
    safe = np.where(near, 1.0, logits)
    return np.where(near, 1 / 12 - logits**2 / 240, 1 / safe**2 - 1 / (2 * np.sinh(safe / 2)) ** 2)


VARIANCES = {
    "Bernoulli": P * (1 - P),
    "GreyBernoulli": P * (1 - P),
    "ContinuousBernoulli": curvature(LOGITS),
    "Gaussian": np.exp(2 * LOG_SIGMA),
    "LinearGaussian": np.exp(2 * LOG_SIGMA),
}


@pytest.fixture(params=list(LIKELIHOODS), ids=lambda kind: kind.__name__)
def drawings(request):
    """Return a likelihood and 40,000 draws of each pixel."""
    out = torch.from_numpy(LOGITS).expand(DRAWS, -1)
    found = drawn(request.param(), out, torch.from_numpy(LOG_SIGMA), np.random.default_rng(3))
    return request.param(), found.numpy()


def test_mean_and_variance_are_those_of_the_closed_form(drawings):
    likelihood, found = drawings
    expected = VARIANCES[type(likelihood).__name__]
    mean = mean_of(likelihood, torch.from_numpy(LOGITS)).numpy()
    assert np.all(np.abs(found.mean(axis=0) - mean) <= 5 * np.sqrt(expected / DRAWS) + 1e-9)
    fourth = np.mean((found - mean) ** 4, axis=0)
    assert np.all(np.abs(found.var(axis=0) - expected) <= 5 * np.sqrt(fourth / DRAWS) + 1e-9)


def test_pixels_are_drawn_independently(drawings):
    found = drawings[1][:, 2:7]
    correlations = np.corrcoef(found.T) - np.eye(5)
    assert np.abs(correlations).max() < 5 / np.sqrt(DRAWS)


def test_bernoullis_are_ink_or_paper(drawings):
    likelihood, found = drawings
    if "ContinuousBernoulli" not in type(likelihood).__name__ and "Bernoulli" in type(likelihood).__name__:
        assert set(np.unique(found)) == {0, 1}
    else:
        assert len(np.unique(found)) > DRAWS


def test_a_continuous_bernoullis_quantile_inverts_its_distribution_function():
    share = np.linspace(0.001, 0.999, 41)
    for logit in (-80.0, -5.0, -1e-7, 0.0, 0.3, 12.0):
        x = quantile(torch.full((41,), logit, dtype=torch.double), torch.from_numpy(share)).numpy()
        if logit < 0:
            below = np.expm1(logit * x) / np.expm1(logit)  # F(x)
        else:
            below = x if logit == 0 else (np.exp(logit * (x - 1)) - np.exp(-logit)) / -np.expm1(-logit)
        np.testing.assert_allclose(below, share, atol=1e-8)
        assert np.all(np.diff(x) > 0)


def test_extreme_logits_stay_within_0_and_1():
    share = torch.tensor([0.0, 0.5, 1 - 1e-16], dtype=torch.double)
    for logit in (-1e4, 1e4):
        x = quantile(torch.full((3,), logit, dtype=torch.double), share)
        assert bool(((x >= 0) & (x <= 1)).all())


@pytest.mark.slow
def test_the_shipped_models_pictures():
    """Ink pixels are drawn with the decoder's probability, also near one half."""
    vae, z = load_model("mnist"), np.array([[0.5, -0.5]])
    probability = vae.decode(z)[0]
    found = sample(vae, np.repeat(z, 2000, axis=0), np.random.default_rng(0))
    assert found.shape == (2000, 28, 28)
    ends = stats.binom(2000, probability.astype(float))
    ink = found.sum(axis=0)
    assert np.all((ends.cdf(ink) > 1e-7) & (ends.sf(ink - 1) > 1e-7))
    np.testing.assert_array_equal(sample(vae, z, np.random.default_rng(0)), found[:1])
