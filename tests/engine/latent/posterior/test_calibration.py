"""Simulation-based calibration: the posterior of an image that a model drew contains the true z as often as it says.

For z ~ p(z), x ~ p(x | z) and y ~ p(y | x), the probability of all latents whose posterior density is higher than that
of the true z is uniform between 0 and 1 (Talts et al. 2018). The 95 % region then contains z in 95 % of cases. This
tests p(y | z) and the grid together, for every observation and likelihood, the approximate ones included.

A proof sets IMAGES to 200, with `CALIBRATION_IMAGES=200 python -m pytest …`; docs/decisions/025 has its results.
"""

import os
from functools import lru_cache, partial

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from scipy.stats import binom, irwinhall

from engine.latent.inputs.stroke import Stroke
from engine.latent.observations.blur import Blur
from engine.latent.observations.brushed import Brushed
from engine.latent.observations.grey_from_colour import GreyFromColour
from engine.latent.observations.measurement import Projection
from engine.latent.observations.observation import OBSERVATIONS
from engine.latent.observations.pixel_noise import GaussianNoise, SaltAndPepper
from engine.latent.posterior.grid_density import prior
from engine.latent.posterior.refinement import integrate
from engine.latent.posterior.scoring.at_latents import log_likelihoods
from engine.latent.posterior.scoring.lattice import Lattice
from engine.latent.vae import load_model
from engine.latent.vae.architectures.mlp import Mlp
from engine.latent.vae.likelihoods import LIKELIHOODS, GreyBernoulli, LinearGaussian
from engine.latent.vae.networks.build import networks_for
from engine.latent.vae.networks.sampling import sample
from engine.latent.vae.networks.vae import VAE
from engine.latent.vae.recipe import Card, Elbo, Recipe

IMAGES = int(os.environ.get("CALIBRATION_IMAGES", "6"))  # for each observation and likelihood
# The probability that any of the cases below fails though all are calibrated. Each case has two tests, of the share in
# the region and of the mean rank; each test gets an equal part of it (Bonferroni), which holds for dependent cases too.
# With 1e-3 for each of 48 tests it would be 5 %. A mean rank 3.4 standard errors from ½, as decision 025 has one, has a
# probability of 7e-4 by itself, and of 3 % among 48 tests.
CHANCE = 1e-3
DIGITS = max(2, IMAGES - 6)  # blurred digits, of which each takes seconds
SIZE = 61  # nodes on each axis of the lattice
STROKES = (Stroke(((0.1, 0.2, 0.5), (0.7, 0.3, 0.5)), 0.3), Stroke(((0.5, 0.8, 0.5),), 0.3))
# A grey Bernoulli is no density of grey values, and a linear Gaussian has a closed form, to which other tests compare.
DRAWN = [kind() for kind in LIKELIHOODS if kind not in (GreyBernoulli, LinearGaussian)]

pytestmark = pytest.mark.slow


def model(likelihood, shape):
    """A random decoder of images with a shape, and its decoded lattice."""
    torch.manual_seed(5)
    form = Mlp((24,), "tanh")
    networks = networks_for(form, likelihood, shape).eval()
    with torch.no_grad():
        for weight in networks.decoder.parameters():
            weight.mul_(2.5)
        if networks.log_sigma is not None:
            networks.log_sigma.fill_(np.log(0.2))
    recipe = Recipe(architecture=form, likelihood=likelihood)
    vae = VAE(Card("random", recipe, shape, 1, Elbo(0.0, 0.0), 10, "none", "nobody", 1.0, "a test"), networks)
    return decoded(vae)


def decoded(vae):
    lattice = Lattice(vae, SIZE)
    list(lattice.decode())
    return vae, lattice


@pytest.fixture(scope="module")
def models():
    """The models by likelihood and shape, each built when it is needed."""
    return lru_cache(model)


def measured(observation, x, rng):
    """Measure an image with the noise that the observation states."""
    if isinstance(observation, GaussianNoise | SaltAndPepper):
        observation = replace(observation, seed=int(rng.integers(2**31)))
    measurements = observation.measure(x).measurements
    return [
        replace(each, values=each.values + each.deviation * rng.standard_normal(each.values.shape))
        if isinstance(each, Projection)
        else each
        for each in measurements
    ]


def rank(vae, lattice, observation, rng):
    """The posterior probability (0 to 1) of the latents whose density is higher than that of the true z."""
    z = rng.standard_normal((1, 2))
    measurements = measured(observation, sample(vae, z, rng)[0].astype(float), rng)
    score = partial(log_likelihoods, vae, measurements)
    grid = prior(lattice.axis)
    for measurement in measurements:
        grid = grid.update(lattice.log_likelihood(measurement))
    mass, log_evidence, _ = integrate(grid, score, z)
    own = score(z)[0] - 0.5 * np.sum(z**2) - np.log(2 * np.pi) - log_evidence
    density = np.log(np.maximum(mass.shares, 1e-300)) - 2 * np.log(mass.side)
    return float(mass.shares[density > own].sum())


def assert_calibrated(ranks):
    """Assert that ranks (n,) are uniform as far as their mean and the number in the 95 % region tell."""
    n, contained, chance = len(ranks), int(np.sum(ranks <= 0.95)), CHANCE / (2 * len(CASES))
    print(f"{contained} of {n} in the 95 % region, mean rank {np.mean(ranks):.3f}")
    low, high = binom.interval(1 - chance, n, 0.95)
    assert low <= contained <= high
    low, high = irwinhall.interval(1 - chance, n)  # the sum of n uniform ranks: far out a Gaussian is too wide for 6
    assert low <= np.sum(ranks) <= high


CASES = [
    (Brushed(STROKES) if kind is Brushed else kind(), likelihood)
    for kind in OBSERVATIONS
    for likelihood in DRAWN
]  # fmt: skip


@pytest.mark.parametrize("ranks", [np.full(6, 0.96), np.full(6, 0.05), np.full(200, 0.4), np.full(200, 0.6)])
def test_ranks_that_are_not_uniform_fail(ranks):
    with pytest.raises(AssertionError):
        assert_calibrated(ranks)


@pytest.mark.parametrize(("observation", "likelihood"), CASES, ids=lambda value: type(value).__name__)
def test_the_95_percent_region_contains_the_true_z_in_95_percent_of_cases(models, observation, likelihood):
    shape = (6, 6, 3) if isinstance(observation, GreyFromColour) else (9, 9)
    vae, lattice = models(likelihood, shape)
    rng = np.random.default_rng(7)
    ranks = [rank(vae, lattice, observation, rng) for _ in range(IMAGES)]
    assert_calibrated(np.array(ranks))


@pytest.mark.proof
def test_the_posterior_of_a_blurred_digit_is_calibrated():
    vae, lattice = decoded(load_model("mnist"))
    rng = np.random.default_rng(11)
    assert_calibrated(np.array([rank(vae, lattice, Blur(), rng) for _ in range(DIGITS)]))
