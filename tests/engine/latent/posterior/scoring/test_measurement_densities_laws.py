"""Laws of the densities of measurements, over all observation operators and likelihoods."""

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from scipy.integrate import quad

from engine.latent.datasets.mnist import Mnist
from engine.latent.inputs.stroke import Stroke
from engine.latent.model import open_model
from engine.latent.observations.block_average import BlockAverage
from engine.latent.observations.blur import Blur
from engine.latent.observations.brushed import Brushed
from engine.latent.observations.full import Full
from engine.latent.observations.measurement import NoisyPixels, Projection
from engine.latent.observations.observation import EXACT, OBSERVATIONS, STAND_IN
from engine.latent.observations.pixel_noise import GaussianNoise, SaltAndPepper
from engine.latent.posterior.scoring import blurred_pixels
from engine.latent.posterior.scoring.measurement_densities import log_density
from engine.latent.vae.likelihoods import (
    LIKELIHOODS,
    Bernoulli,
    ContinuousBernoulli,
    Gaussian,
    GreyBernoulli,
    LinearGaussian,
)
from engine.latent.vae.networks.likelihood_densities import log_density as score
from engine.latent.vae.networks.likelihood_densities import mean_of

SHAPE = (2, 3, 3)
STROKES = (Stroke(((0.2, 0.2, 0.5),), 0.4), Stroke(((0.1, 0.7, 0.5), (0.8, 0.4, 0.5)), 0.3))


def observations():
    for kind in OBSERVATIONS:
        yield Brushed(STROKES) if kind is Brushed else kind()


def likelihoods():
    return [kind() for kind in LIKELIHOODS]


def named(value):
    return type(value).__name__


every_case = pytest.mark.parametrize(
    ("observation", "likelihood"), [(o, p) for o in observations() for p in likelihoods()], ids=named
)
every_likelihood = pytest.mark.parametrize("likelihood", likelihoods(), ids=named)


def image(likelihood, shape=SHAPE, seed=0):
    grey = np.random.default_rng(seed).random(shape)
    return np.rint(grey) if isinstance(likelihood, Bernoulli) else grey


def outputs(n, pixels=18, seed=0, dtype=torch.double):
    return torch.from_numpy(2 * np.random.default_rng(seed).standard_normal((n, pixels))).to(dtype)


def sigmas(likelihood, pixels=18, dtype=torch.double):
    return torch.linspace(-2, -1, pixels if isinstance(likelihood, Gaussian) else 0, dtype=dtype)


def drawn(likelihood, out, log_sigma, rng):
    """Draw x (pixels,) from p(x | z), by the inverse of the distribution function."""
    u, logit = rng.random(out.shape[1]), out[0].numpy()
    if isinstance(likelihood, Gaussian):
        return mean_of(likelihood, out[:1])[0].numpy() + log_sigma.exp().numpy() * rng.standard_normal(out.shape[1])
    if isinstance(likelihood, ContinuousBernoulli):
        return np.log1p(u * np.expm1(logit)) / logit
    return (u < 1 / (1 + np.exp(-logit))).astype(float)


@every_case
def test_a_latent_has_the_same_density_alone_and_its_precision_is_kept(observation, likelihood):
    out, log_sigma = outputs(5), sigmas(likelihood)
    for measurement in observation.measure(image(likelihood)).measurements:
        together = log_density(measurement, likelihood, out, log_sigma)
        alone = [float(log_density(measurement, likelihood, out[i : i + 1], log_sigma)) for i in range(5)]
        assert together.tolist() == pytest.approx(alone, rel=1e-12)
        assert together.dtype == torch.double
        assert log_density(measurement, likelihood, out.float(), log_sigma.float()).dtype == torch.float


@pytest.fixture
def _to_the_last_digit(monkeypatch):
    """Small differences show where Newton's method ends."""
    monkeypatch.setattr(blurred_pixels, "ENOUGH", (1e-13, 0.1))


@every_case
@pytest.mark.usefixtures("_to_the_last_digit")
def test_gradients_agree_with_finite_differences(observation, likelihood):
    out, log_sigma = outputs(2), sigmas(likelihood)
    out[0, :4] = torch.tensor([0.0, 1e-9, -40.0, 25.0])
    (measurement, *_) = observation.measure(image(likelihood)).measurements
    moving = out.clone().requires_grad_()
    (slope,) = torch.autograd.grad(log_density(measurement, likelihood, moving, log_sigma).sum(), moving)
    steps = 1e-5 * torch.eye(18, dtype=torch.double)
    for i in range(2):
        up, down = (log_density(measurement, likelihood, out[i] + sign * steps, log_sigma) for sign in (1, -1))
        assert slope[i].numpy() == pytest.approx(((up - down) / 2e-5).numpy(), rel=1e-5, abs=1e-7)


@pytest.mark.parametrize(
    ("observation", "likelihood"),
    [(o, p) for o in observations() for p in likelihoods() if o.density(p) in (EXACT, STAND_IN)],
    ids=named,
)
def test_exact_densities_are_normalised(observation, likelihood):
    """The mean of p(y | other) / p(y | one) over measurements of images drawn at one latent is 1."""
    rng, log_sigma = np.random.default_rng(3), sigmas(likelihood)
    one, way = outputs(1), outputs(1, seed=1)
    out = torch.cat([one, one + (0.02 if isinstance(likelihood, LinearGaussian) else 0.25) * way])  # close to `one`
    ratios = []
    for seed in range(600):
        looking = (
            replace(observation, seed=seed) if isinstance(observation, GaussianNoise | SaltAndPepper) else observation
        )
        total = torch.zeros(2, dtype=torch.double)
        for measurement in looking.measure(drawn(likelihood, out, log_sigma, rng).reshape(SHAPE)).measurements:
            total += log_density(_with_its_noise(measurement, rng), as_pixels(likelihood), out, log_sigma)
        ratios.append(float((total[1] - total[0]).exp()))
    assert np.mean(ratios) == pytest.approx(1, abs=4 * np.std(ratios) / np.sqrt(len(ratios)) + 1e-12)
    assert np.std(ratios) > 0.01
    assert np.mean(np.log(ratios)) < 0  # the true latent explains them better


def as_pixels(likelihood):
    """A replaced pixel of a binary image is 0 or 1 with equal probability."""
    return Bernoulli() if isinstance(likelihood, GreyBernoulli) else likelihood


def _with_its_noise(measurement, rng):
    if not isinstance(measurement, Projection):
        return measurement
    noise = measurement.deviation * rng.standard_normal(len(measurement.values))
    return Projection(
        measurement.values + noise,
        measurement.rows,
        measurement.columns,
        measurement.weights,
        measurement.deviation,
        measurement.disjoint,
        measurement.factors,
    )


@every_case
def test_gradients_exist_after_a_call_without_gradients(observation, likelihood):
    """Values that are cached while the lattice is scored can be used for gradients."""
    out, log_sigma = outputs(2), sigmas(likelihood)
    (measurement, *_) = observation.measure(image(likelihood)).measurements
    with torch.inference_mode():
        found = log_density(measurement, likelihood, out, log_sigma)
    again = log_density(measurement, likelihood, out.clone().requires_grad_(), log_sigma)
    assert again.tolist() == pytest.approx(found.tolist(), rel=1e-9)
    again.sum().backward()


@every_likelihood
def test_strokes_one_by_one_have_the_density_of_all_at_once(likelihood):
    x, out, log_sigma = image(likelihood), outputs(4), sigmas(likelihood)
    one_by_one = sum(
        log_density(measurement, likelihood, out, log_sigma) for measurement in Brushed(STROKES).measure(x).measurements
    )
    shown = np.repeat(Brushed(STROKES).measure(x).known[-1].ravel(), 3)
    assert 0 < shown.sum() < 18
    at_once = score(likelihood, out, torch.from_numpy(x.ravel()).expand(4, -1), log_sigma)[:, shown].sum(1)
    assert one_by_one.numpy() == pytest.approx(at_once.numpy(), rel=1e-12)


def test_the_full_observation_has_the_models_own_density():
    vae = open_model("mnist").vae
    pixels = Mnist().test().pixels[7]
    z = np.random.default_rng(0).standard_normal((40, 2))
    (measurement,) = Full().measure((pixels > 127.5).astype(float)).measurements
    with torch.inference_mode():
        out = vae.networks.decoder(torch.from_numpy(z.astype(np.float32)))
    found = log_density(measurement, vae.networks.likelihood, out, torch.empty(0))
    assert found.numpy() == pytest.approx(vae.log_likelihood(pixels / 255, z), abs=1e-3)


@every_likelihood
@pytest.mark.parametrize(
    "observation",
    [GaussianNoise(0.001), GaussianNoise(0.05), GaussianNoise(10), SaltAndPepper(), BlockAverage(), Blur()],
    ids=str,
)
def test_single_precision_is_enough(likelihood, observation):
    """Three of four outputs are near 0, as for digits. Grey pixels under a Bernoulli are replaced by binary ones."""
    x = image(Bernoulli() if isinstance(likelihood, GreyBernoulli) else likelihood, (28, 28))
    out = outputs(50, 784, dtype=torch.float) * 3 - 12
    out[:, ::4] += 14
    (measurement,) = observation.measure(x).measurements
    single = log_density(measurement, likelihood, out, sigmas(likelihood, 784, torch.float)).double()
    double = log_density(measurement, likelihood, out.double(), sigmas(likelihood, 784))
    assert single.numpy() == pytest.approx(double.numpy(), abs=2e-3, rel=2e-6)


@pytest.mark.slow
@every_likelihood
@pytest.mark.parametrize("noise", [0.05, 0.7])
@pytest.mark.parametrize("logit", [-12.0, -0.4, 1e-9, 3.0])
def test_a_noisy_pixel_has_a_density_that_integrates_to_one(likelihood, noise, logit):
    out, log_sigma = torch.tensor([[logit]], dtype=torch.double), sigmas(likelihood, 1)

    def p(y):
        return float(log_density(NoisyPixels(np.array([y]), "gaussian", noise), likelihood, out, log_sigma).exp())

    places = [0, 1, float(mean_of(likelihood, out))]
    assert quad(p, places[2] - 9, 10, points=places, limit=300)[0] == pytest.approx(1, abs=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("likelihood", [Bernoulli(), Gaussian()], ids=named)
@pytest.mark.parametrize("deviation", [0.01, 0.2])
def test_the_average_of_a_block_has_a_density_that_integrates_to_one(likelihood, deviation):
    out, log_sigma = outputs(1, 6), sigmas(likelihood, 6)
    rows, weights = np.zeros(6, int), np.full(6, 1 / 6)

    def p(y):
        measurement = Projection(np.array([y]), rows, np.arange(6), weights, deviation, disjoint=True)
        return float(log_density(measurement, likelihood, out, log_sigma).exp())

    assert quad(p, -3, 4, points=np.arange(7) / 6, limit=400)[0] == pytest.approx(1, abs=1e-7)


@every_likelihood
@pytest.mark.parametrize("logit", [-4.0, 0.4, 1.1])
def test_a_pixel_that_may_be_replaced_has_a_density_that_integrates_to_one(likelihood, logit):
    out, log_sigma = torch.tensor([[logit]], dtype=torch.double), sigmas(likelihood, 1)

    def p(y):
        measurement = NoisyPixels(np.array([y]), "impulse", 0.3)
        return float(log_density(measurement, as_pixels(likelihood), out, log_sigma).exp())

    if isinstance(as_pixels(likelihood), Bernoulli):
        assert p(0.0) + p(1.0) == pytest.approx(1, abs=1e-12)
        return
    around = float(mean_of(likelihood, out))
    low, high = (min(0, around - 2), max(1, around + 2)) if isinstance(likelihood, Gaussian) else (0, 1)
    assert quad(p, low, high, points=[0, around, 1], limit=300)[0] == pytest.approx(1, abs=1e-7)


@every_likelihood
@pytest.mark.usefixtures("_to_the_last_digit")
def test_a_blur_by_factors_equals_a_blur_by_its_full_matrix(likelihood):
    (measurement,) = Blur(width=0.7).measure(image(likelihood)).measurements
    dense = replace(measurement, factors=())
    found, same = (log_density(one, likelihood, outputs(3), sigmas(likelihood)) for one in (measurement, dense))
    assert found.numpy() == pytest.approx(same.numpy(), rel=1e-9)
