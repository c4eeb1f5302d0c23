"""Laws of every likelihood: it is normalised, its mean is the integral of x p(x), and its gradient is correct."""

import numpy as np
import pytest
import torch
from scipy.integrate import quad

from engine.latent.vae.architectures.residual_mlp import ResidualMlp
from engine.latent.vae.likelihoods import (
    LIKELIHOODS,
    Bernoulli,
    ContinuousBernoulli,
    Gaussian,
    GreyBernoulli,
    LinearGaussian,
)
from engine.latent.vae.networks.build import networks_for
from engine.latent.vae.networks.likelihood_densities import LOG_SIGMA, log_density, mean_of, output_of, shown, targets
from engine.latent.vae.training.elbo import elbo

LOGITS = [0.0, 4e-9, -4e-6, 0.299, -0.301, 0.61, 1.7, -3.0, 12.0, -40.0]
every_likelihood = pytest.mark.parametrize(
    "likelihood", [kind() for kind in LIKELIHOODS], ids=lambda v: type(v).__name__
)
every_logit = pytest.mark.parametrize("logit", LOGITS)


def density(likelihood, logit, log_sigma=-1.5):
    sigmas = torch.tensor([log_sigma], dtype=torch.double)

    def p(x):
        out, at = (torch.tensor([[value]], dtype=torch.double) for value in (logit, x))
        return float(log_density(likelihood, out, at, sigmas).exp())

    return p


def mean(likelihood, logit):
    return float(mean_of(likelihood, torch.tensor([[logit]], dtype=torch.double)))


@every_logit
def test_the_bernoulli_sums_to_one_and_its_mean_is_the_chance_of_ink(logit):
    p = density(Bernoulli(), logit)
    assert p(0.0) + p(1.0) == pytest.approx(1, abs=1e-12)
    assert mean(Bernoulli(), logit) == pytest.approx(p(1.0), abs=1e-12)


@every_logit
def test_the_continuous_bernoulli_integrates_to_one_and_so_does_its_mean(logit):
    p = density(ContinuousBernoulli(), logit)
    ends = [1 / abs(logit)] if abs(logit) > 5 else None
    whole = quad(p, 0, 1, epsabs=1e-12, epsrel=1e-11, points=ends)[0]
    first = quad(lambda x: x * p(x), 0, 1, epsabs=1e-12, epsrel=1e-11, points=ends)[0]
    assert whole == pytest.approx(1, abs=1e-9)
    assert mean(ContinuousBernoulli(), logit) == pytest.approx(first, abs=1e-9)


@pytest.mark.parametrize("log_sigma", [-5.0, -1.5, 0.3])
@pytest.mark.parametrize("logit", [0.0, -2.0, 5.0])
def test_the_gaussian_integrates_to_one_around_its_mean(logit, log_sigma):
    p, sigma = density(Gaussian(), logit, log_sigma), np.exp(log_sigma)
    middle = 1 / (1 + np.exp(-logit))
    around = (middle - 9 * sigma, middle + 9 * sigma)
    assert quad(p, *around, points=[middle])[0] == pytest.approx(1, abs=1e-8)
    assert quad(lambda x: x * p(x), *around, points=[middle])[0] == pytest.approx(mean(Gaussian(), logit), abs=1e-8)


@pytest.mark.parametrize("kind", [Gaussian, LinearGaussian])
def test_a_gaussians_mean_leads_back_to_the_output(kind):
    out = torch.tensor([[-2.0, 0.3, 4.0]], dtype=torch.double)
    assert torch.allclose(output_of(kind(), mean_of(kind(), out)), out)


def test_a_linear_mean_is_the_output_itself():
    p = density(LinearGaussian(), 1.7, -1.0)
    assert mean(LinearGaussian(), 1.7) == 1.7
    assert quad(lambda x: x * p(x), -3, 6, points=[1.7])[0] == pytest.approx(1.7, abs=1e-8)


def test_a_learned_deviation_stays_within_what_can_be_computed():
    p = density(Gaussian(), 0.0, -50.0)
    assert p(0.5) == pytest.approx(1 / (np.sqrt(2 * np.pi) * np.exp(LOG_SIGMA[0])))


def test_grey_targets_are_no_density_and_say_so():
    p = density(GreyBernoulli(), 0.4)
    assert quad(p, 0, 1)[0] != pytest.approx(1, abs=0.1)
    assert "not a density" in str(GreyBernoulli())


@every_likelihood
def test_extreme_outputs_stay_finite_with_finite_slopes(likelihood):
    out = torch.tensor([[-1e4, -88.0, -1e-12, 0.0, 1e-12, 88.0, 1e4]], requires_grad=True)
    x = torch.linspace(0, 1, 7)[None]
    fit = log_density(likelihood, out, x, torch.zeros(7))
    fit.sum().backward()
    assert torch.isfinite(fit).all()
    assert torch.isfinite(out.grad).all()
    assert ((shown(likelihood, out) >= 0) & (shown(likelihood, out) <= 1)).all()


@every_likelihood
def test_what_is_scored_lies_between_0_and_1_and_keeps_its_order(likelihood):
    pixels = torch.arange(0, 2 * 9 * 13 * 3, dtype=torch.float).reshape(2, 9, 13, 3) % 256
    x = targets(likelihood, pixels)
    assert x.shape == (2, 9 * 13 * 3)
    assert (x.min(), x.max()) == (0, 1)
    assert (x.reshape(pixels.shape)[pixels > 200] > 0.7).all()


@every_likelihood
def test_the_gradient_of_the_elbo_against_finite_differences(likelihood):
    torch.manual_seed(0)
    tiny = ResidualMlp(encoder_width=8, bottleneck=4, decoder_width=8, octaves=1)
    networks = networks_for(tiny, likelihood, (2, 2)).double()
    x = targets(likelihood, 255 * torch.rand(3, 2, 2, generator=torch.Generator().manual_seed(1))).double()
    noise = torch.randn(3, 2, generator=torch.Generator().manual_seed(2), dtype=torch.double)

    def bound():
        fit, kl = elbo(networks, x, x, noise)
        return (fit - kl).sum()

    bound().backward()
    for name, parameter in networks.named_parameters():
        flat, step = parameter.data.view(-1), 1e-6
        i = int(parameter.grad.abs().argmax())
        kept = flat[i].item()
        flat[i] = kept + step
        up = bound().item()
        flat[i] = kept - step
        slope = (up - bound().item()) / (2 * step)
        flat[i] = kept
        assert slope == pytest.approx(parameter.grad.view(-1)[i].item(), rel=2e-6, abs=1e-8), name
