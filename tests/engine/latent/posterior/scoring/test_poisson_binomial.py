"""Sums of binary pixels against a recursion in logarithms, enumeration, and scipy's binomial."""

import itertools

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from scipy.stats import binom, norm

from engine.latent.observations.measurement import Projection
from engine.latent.posterior.scoring.measurement_densities import log_density
from engine.latent.vae.likelihoods import Bernoulli

NO_SIGMA = torch.empty(0, dtype=torch.double)


def scored(out, value, deviation):
    """ln p of the mean of all pixels (n,), for outputs (n, pixels)."""
    k = out.shape[1]
    measurement = Projection(
        np.array([value]), np.zeros(k, int), np.arange(k), np.full(k, 1 / k), deviation, disjoint=True
    )
    return log_density(measurement, Bernoulli(), torch.as_tensor(out), NO_SIGMA)


def in_logarithms(logits, value, deviation):
    """The same for one latent, by a recursion over the pixels in logarithms."""
    k = len(logits)
    logs = np.full(k + 1, -np.inf)
    logs[0] = 0
    for logit in logits:
        ink, paper = -np.logaddexp(0, -logit), -np.logaddexp(0, logit)
        logs = np.logaddexp(logs + paper, np.concatenate([[-np.inf], logs[:-1] + ink]))
    return logsumexp(logs + norm.logpdf(value, np.arange(k + 1) / k, deviation))


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5, 9, 12, 16, 25, 64, 100])
@pytest.mark.parametrize("deviation", [0.001, 0.05])
def test_any_number_of_pixels(k, deviation):
    out = np.random.default_rng(k).normal(-1, 3, (4, k))
    value = np.rint(0.4 * k) / k
    expected = [in_logarithms(logits, value, deviation) for logits in out]
    assert scored(out, value, deviation).numpy() == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("k", [16, 256])
@pytest.mark.parametrize("value", [0.0, 0.5, 0.8125, 1.0])
@pytest.mark.parametrize("spread", [0.0, 30.0])
def test_very_small_probabilities_do_not_underflow(k, value, spread):
    """The probabilities are far below the smallest number of double precision."""
    out = np.random.default_rng(0).normal(0, 1, (5, k)) * spread + np.array([-90.0, -50.0, -20.0, 30.0, 120.0])[:, None]
    expected = [in_logarithms(logits, value, 0.001) for logits in out]
    assert min(expected) < -800
    assert scored(out, value, 0.001).numpy() == pytest.approx(expected, rel=1e-9)


def test_gradients_exist_where_probabilities_underflow():
    out = torch.full((1, 100), -40.0, dtype=torch.double)
    out[0, :3] = torch.tensor([2.0, -70.0, 5.0])
    moving = out.clone().requires_grad_()
    (slope,) = torch.autograd.grad(scored(moving, 0.5, 0.005).sum(), moving)
    for i in (0, 1, 50):
        step = torch.zeros_like(out)
        step[0, i] = 1e-4
        difference = (scored(out + step, 0.5, 0.005) - scored(out - step, 0.5, 0.005)) / 2e-4
        assert float(slope[0, i]) == pytest.approx(float(difference), rel=1e-5, abs=1e-6)


def test_equal_pixels_are_binomial_and_without_noise_have_a_probability():
    out = torch.full((1, 9), -0.7, dtype=torch.double)
    masses = [float(scored(out, c / 9, 0.0).exp()) for c in range(10)]
    assert masses == pytest.approx(binom.pmf(np.arange(10), 9, 1 / (1 + np.exp(0.7))), rel=1e-10)
    assert sum(masses) == pytest.approx(1, abs=1e-12)
    assert float(scored(out, 0.4, 0.0)) == -np.inf


def test_blocks_of_several_sizes_without_noise_by_enumeration():
    rows = np.array([0, 0, 0, 1, 1, 2])
    sizes = np.bincount(rows)
    out = torch.tensor([[0.5, -2.0, 1.0, 3.0, -0.3, 0.8], [9.0, -9.0, 0.1, 0.0, 30.0, -30.0]], dtype=torch.double)
    ink = torch.sigmoid(out).numpy()
    images = np.array(list(itertools.product((0.0, 1.0), repeat=6)))
    probability = np.prod(np.where(images[:, None] > 0.5, ink, 1 - ink), axis=2)
    means = np.stack([np.bincount(rows, image) / sizes for image in images])
    for seen in np.unique(means, axis=0):
        measurement = Projection(seen, rows, np.arange(6), 1 / sizes[rows], 0.0, disjoint=True)
        expected = probability[(means == seen).all(axis=1)].sum(axis=0)
        assert log_density(measurement, Bernoulli(), out, NO_SIGMA).exp().numpy() == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("deviation", [0.0, 0.02, 0.3])
def test_few_pixels_with_unequal_weights_by_enumeration(deviation):
    """Rows of 3, 1 and 2 pixels, as the grey value of a colour, against all 64 images."""
    rows, weights = np.array([0, 0, 0, 1, 2, 2]), np.array([0.299, 0.587, 0.114, 0.8, 0.25, 0.75])
    out = torch.tensor([[0.5, -2.0, 1.0, 3.0, -0.3, 0.8], [9.0, -9.0, 0.1, 0.0, 30.0, -30.0]], dtype=torch.double)
    images = np.array(list(itertools.product((0.0, 1.0), repeat=6)))
    ink = 1 / (1 + np.exp(-out.numpy()))
    probability = np.prod(np.where(images[:, None] > 0.5, ink, 1 - ink), axis=2)
    sums = np.stack([np.bincount(rows, weights * image) for image in images])
    for seen in (sums[41], sums[10] + (0.01 if deviation else 0)):
        measurement = Projection(seen, rows, np.arange(6), weights, deviation, disjoint=True)
        away = seen - sums
        likely = np.all(np.abs(away) < 1e-9, 1) if not deviation else norm.pdf(away, scale=deviation).prod(1)
        expected = likely @ probability
        assert expected.min() > 0
        assert log_density(measurement, Bernoulli(), out, NO_SIGMA).exp().numpy() == pytest.approx(expected, rel=1e-7)
