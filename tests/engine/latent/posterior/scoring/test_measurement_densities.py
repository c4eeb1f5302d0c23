"""Densities of measurements against enumeration, integration and scipy."""

import itertools

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import multivariate_normal, norm

from engine.latent.observations.block_average import BlockAverage
from engine.latent.observations.blur import Blur
from engine.latent.observations.grey_from_colour import GreyFromColour
from engine.latent.observations.measurement import NoisyPixels, Pixels, Projection
from engine.latent.posterior.scoring.measurement_densities import log_density, mean_and_variance
from engine.latent.vae.likelihoods import LIKELIHOODS, Bernoulli, ContinuousBernoulli, Gaussian, GreyBernoulli
from engine.latent.vae.networks import likelihood_densities as densities

NO_SIGMA = torch.empty(0, dtype=torch.double)
OUT = torch.tensor([[0.3, -2.0, 1.5, 4.0], [-0.01, 0.02, -6.0, 2.0]], dtype=torch.double)
SIGMA = torch.log(torch.tensor([0.1, 0.3, 0.2, 0.05], dtype=torch.double))
ALL_BINARY = np.array(list(itertools.product((0.0, 1.0), repeat=4)))


def probability_of(image, out):
    """p(x|z) of each latent, by the definition of the Bernoulli distribution."""
    ink = 1 / (1 + np.exp(-out.numpy()))
    return np.prod(np.where(image > 0.5, ink, 1 - ink), axis=1)


def projection(disjoint, rows, columns, weights, values, deviation):
    return Projection(*map(np.asarray, (values, rows, columns, weights)), deviation, disjoint)


def test_the_density_of_some_pixels_is_a_product():
    measurement = Pixels(np.array([0, 2]), np.array([1.0, 0.0]))
    ink = torch.sigmoid(OUT)
    expected = torch.log(ink[:, 0]) + torch.log(1 - ink[:, 2])
    assert torch.allclose(log_density(measurement, Bernoulli(), OUT, NO_SIGMA), expected)


def test_no_pixels_have_density_one():
    measurement = Pixels(np.empty(0, int), np.empty(0))
    assert log_density(measurement, Gaussian(), OUT, SIGMA).tolist() == [0, 0]


def test_a_gaussian_pixel_has_its_own_standard_deviation():
    measurement = Pixels(np.array([1, 3]), np.array([0.4, 0.9]))
    mean = torch.sigmoid(OUT).numpy()
    expected = norm.logpdf([0.4, 0.9], mean[:, [1, 3]], [0.3, 0.05]).sum(axis=1)
    assert log_density(measurement, Gaussian(), OUT, SIGMA).numpy() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("values", [[0.2, 1.3, -0.4, 0.8], [0.5, 0.5, 2.0, 9.0]])
def test_binary_pixels_with_gaussian_noise_are_a_mixture_over_all_images(values):
    expected = sum(probability_of(image, OUT) * np.prod(norm.pdf(values, image, 0.6)) for image in ALL_BINARY)
    for likelihood in (Bernoulli(), GreyBernoulli()):
        found = log_density(NoisyPixels(np.array(values), "gaussian", 0.6), likelihood, OUT, NO_SIGMA)
        assert found.numpy() == pytest.approx(np.log(expected), rel=1e-10)


def test_binary_pixels_with_salt_and_pepper_are_a_sum_over_all_images():
    values, rate = np.array([1.0, 0.0, 0.0, 1.0]), 0.3
    expected = sum(
        probability_of(image, OUT) * np.prod(np.where(image == values, 1 - rate / 2, rate / 2)) for image in ALL_BINARY
    )
    found = log_density(NoisyPixels(values, "impulse", rate), Bernoulli(), OUT, NO_SIGMA)
    assert found.numpy() == pytest.approx(np.log(expected), rel=1e-10)


def test_a_gaussian_with_noise_has_the_sum_of_both_variances():
    values = np.array([0.2, 0.9, 0.5, 1.4])
    expected = norm.logpdf(values, torch.sigmoid(OUT).numpy(), np.hypot(SIGMA.exp().numpy(), 0.25)).sum(axis=1)
    found = log_density(NoisyPixels(values, "gaussian", 0.25), Gaussian(), OUT, SIGMA)
    assert found.numpy() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("y", [-0.5, 0.1, 0.97, 1.6])
@pytest.mark.parametrize("logit", [-35.0, -3.0, -1e-7, 0.4, 12.0])
@pytest.mark.parametrize("noise", [0.03, 0.3, 2.0])
def test_a_continuous_bernoulli_with_noise_is_a_convolution(y, logit, noise):
    out = torch.tensor([[logit]], dtype=torch.double)

    def joint(x):
        at = torch.tensor([[x]], dtype=torch.double)
        return float(densities.log_density(ContinuousBernoulli(), out, at, NO_SIGMA).exp()) * norm.pdf(y, x, noise)

    inside = [place for place in (y, y + logit * noise**2) if 0 < place < 1]
    expected, _ = quad(
        joint,
        0,
        1,
        points=[*inside, *np.clip(np.array([y - 5 * noise, y + 5 * noise]), 1e-4, 1 - 1e-4)],
        limit=400,
        epsabs=0,
    )
    found = log_density(NoisyPixels(np.array([y]), "gaussian", noise), ContinuousBernoulli(), out, NO_SIGMA)
    assert float(found[0]) == pytest.approx(np.log(expected), abs=1e-6)


@pytest.mark.parametrize("end", [0, 1])
def test_noise_on_a_continuous_bernoulli_is_continuous_where_the_convolved_mean_is_at_an_end(end):
    """With y + ηs² = 0 or 1 to the last digit, the logarithm was that of a negative number."""
    near = torch.tensor([[-2.0 - 1e-6], [-2.0], [-2.0 + 1e-6]]) if end == 0 else torch.tensor([[2.0], [2.0 + 1e-6]])
    measurement = NoisyPixels(np.array([0.5]), "gaussian", 0.5)
    found = log_density(measurement, ContinuousBernoulli(), near, torch.empty(0)).numpy()
    expected = log_density(measurement, ContinuousBernoulli(), near[:1].double() + 1e-3, NO_SIGMA).numpy()
    assert found == pytest.approx(float(expected[0]), abs=1e-3)


def test_salt_and_pepper_on_grey_is_a_mixture_with_a_uniform_density():
    values = np.array([0.2, 0.9, 0.5, 0.0])
    plain = norm.pdf(values, torch.sigmoid(OUT).numpy(), SIGMA.exp().numpy())
    found = log_density(NoisyPixels(values, "impulse", 0.2), Gaussian(), OUT, SIGMA)
    assert found.numpy() == pytest.approx(np.log(0.8 * plain + 0.2).sum(axis=1), rel=1e-12)


@pytest.mark.parametrize("deviation", [0.02, 0.3])
@pytest.mark.parametrize("rows", [[0, 0, 0, 0], [0, 0, 1, 1], [0, 0, 0, 1]], ids=str)
def test_the_mean_of_a_block_of_binary_pixels_is_exact(rows, deviation):
    rows = np.array(rows)
    sizes = np.bincount(rows)
    values = np.array([0.4, 0.5])[: len(sizes)]
    means = np.stack([np.bincount(rows, image) / sizes for image in ALL_BINARY])
    weights = np.stack([probability_of(image, OUT) for image in ALL_BINARY])
    expected = np.log(weights.T @ np.prod(norm.pdf(values, means, deviation), axis=1))
    measurement = projection(True, rows, range(4), 1 / sizes[rows], values, deviation)
    assert log_density(measurement, Bernoulli(), OUT, NO_SIGMA).numpy() == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("disjoint", [True, False])
def test_sums_of_gaussian_pixels_are_jointly_gaussian(disjoint):
    dense = np.array([[0.5, 0.5, 0, 0], [0, 0, 0.3, 0.7]] if disjoint else [[0.5, 0.5, 0, 0], [0, 0.4, 0.3, 0.3]])
    rows, columns = np.nonzero(dense)
    values, mean = np.array([0.3, 0.8]), torch.sigmoid(OUT).numpy()
    joint = dense @ np.diag(SIGMA.exp().numpy() ** 2) @ dense.T + 0.1**2 * np.eye(2)
    expected = [multivariate_normal.logpdf(values, dense @ at, joint) for at in mean]
    measurement = projection(disjoint, rows, columns, dense[rows, columns], values, 0.1)
    assert log_density(measurement, Gaussian(), OUT, SIGMA).numpy() == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("observation", [BlockAverage(side=2), GreyFromColour()], ids=lambda o: type(o).__name__)
def test_disjoint_and_overlapping_sums_agree_where_both_are_exact(observation):
    shape = (2, 4, 3)
    rng = np.random.default_rng(0)
    out = torch.from_numpy(rng.normal(size=(3, 24)))
    sigma = torch.from_numpy(rng.normal(-1.5, 0.3, 24))
    (measurement,) = observation.measure(rng.random(shape)).measurements
    other = Projection(
        measurement.values,
        measurement.rows,
        measurement.columns,
        measurement.weights,
        measurement.deviation,
        disjoint=False,
    )
    found, same = (log_density(one, Gaussian(), out, sigma) for one in (measurement, other))
    assert found.numpy() == pytest.approx(same.numpy(), rel=1e-9)


def test_moments_of_sums_by_sampling():
    """Grey pixels have the right mean and variance, and overlapping sums of them nearly the right density."""
    rng = np.random.default_rng(1)
    out = torch.tensor([[-1.0, 0.5, 3.0, -4.0]], dtype=torch.double)
    (measurement,) = Blur(width=0.6, deviation=0.1).measure(np.array([[0.2, 0.9], [0.8, 0.1]])).measurements
    mean, variance = mean_and_variance(ContinuousBernoulli(), out, NO_SIGMA)
    eta = out.numpy()
    x = np.log1p(rng.random((200_000, 4)) * np.expm1(eta)) / eta  # by the inverse of the distribution function
    assert mean.numpy()[0] == pytest.approx(x.mean(axis=0), abs=0.003)
    assert variance.numpy()[0] == pytest.approx(x.var(axis=0), rel=0.02)
    dense = np.zeros((4, 4))
    dense[measurement.rows, measurement.columns] = measurement.weights
    away = (measurement.values - x @ dense.T) / 0.1
    exact = np.log(np.mean(np.exp(-0.5 * np.sum(away**2, axis=1)))) - 4 * np.log(0.1 * np.sqrt(2 * np.pi))
    found = float(log_density(measurement, ContinuousBernoulli(), out, NO_SIGMA)[0])
    assert found == pytest.approx(exact, abs=0.2)


@pytest.mark.parametrize("likelihood", [kind() for kind in LIKELIHOODS], ids=lambda v: type(v).__name__)
@pytest.mark.parametrize("logit", [-40.0, -3.0, -0.31, -0.29, 1e-9, 0.2, 2.0, 30.0])
def test_mean_and_variance_are_those_of_the_density(likelihood, logit):
    out = torch.tensor([[logit]], dtype=torch.double)
    sigma = torch.tensor([-1.5], dtype=torch.double)
    mean, variance = (float(part[0, 0]) for part in mean_and_variance(likelihood, out, sigma))

    def p(x):
        at = torch.tensor([[x]], dtype=torch.double)
        return float(densities.log_density(likelihood, out, at, sigma).exp())

    if isinstance(likelihood, Bernoulli | GreyBernoulli):
        first, second = p(1.0), p(1.0)
    else:
        low, high = (0, 1) if isinstance(likelihood, ContinuousBernoulli) else (mean - 3, mean + 3)
        first, second = (quad(lambda x, n=n: x**n * p(x), low, high, limit=200, points=[mean])[0] for n in (1, 2))
    assert mean == pytest.approx(first, abs=1e-8)
    assert variance == pytest.approx(second - first**2, rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("logit", [0.0, 1e-9, -1e-4, 0.3, -2.0, 25.0, -80.0])
def test_the_fast_normaliser_equals_the_normaliser(logit):
    out = torch.tensor([logit], dtype=torch.double)
    expected, _ = quad(lambda x: np.exp(logit * (x - (logit > 0))), 0, 1, limit=200)
    assert float(densities.log_normaliser(out)[0]) == pytest.approx(np.log(expected) + max(logit, 0), abs=1e-10)
