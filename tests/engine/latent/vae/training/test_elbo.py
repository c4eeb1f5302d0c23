"""The ELBO and its terms agree with quadrature and finite differences."""

import numpy as np
import pytest
import torch
from scipy.integrate import dblquad

from engine.latent.datasets.data_set import Images
from engine.latent.vae.architectures.residual_mlp import ResidualMlp
from engine.latent.vae.likelihoods import Bernoulli
from engine.latent.vae.networks.build import build
from engine.latent.vae.networks.networks import LOG_VARIANCE
from engine.latent.vae.recipe import Recipe
from engine.latent.vae.training.elbo import elbo, evaluate, kl_to_prior, reconstruction, with_penalty

TINY = ResidualMlp(encoder_width=8, bottleneck=4, decoder_width=8, octaves=1)


@pytest.fixture
def networks():
    torch.manual_seed(0)
    return build(TINY, (2, 2)).double()


@pytest.mark.slow
def test_kl_against_quadrature():
    mean, log_variance = np.array([0.3, -0.7]), np.array([-1.0, 0.4])
    found = kl_to_prior(torch.tensor(mean)[None], torch.tensor(log_variance)[None]).item()

    def integrand(b, a):
        z = np.array([a, b])
        log_q = -0.5 * np.sum((z - mean) ** 2 / np.exp(log_variance) + log_variance + np.log(2 * np.pi))
        log_p = -0.5 * np.sum(z**2 + np.log(2 * np.pi))
        return np.exp(log_q) * (log_q - log_p)

    exact, _ = dblquad(integrand, -9, 9, -9, 9, epsabs=1e-8)
    assert found == pytest.approx(exact, abs=1e-6)


def test_the_bernoulli_likelihood_sums_to_one_over_all_images(networks):
    z = torch.tensor([[0.3, -1.2]], dtype=torch.double)
    every = torch.cartesian_prod(*[torch.tensor([0.0, 1.0], dtype=torch.double)] * 4)
    with torch.inference_mode():
        total = sum(float(reconstruction(networks, x[None], z).exp()) for x in every)
    assert total == pytest.approx(1.0, abs=1e-12)


def test_the_gradient_of_the_elbo_against_finite_differences(networks):
    x = (torch.rand(3, 4, generator=torch.Generator().manual_seed(1)) > 0.5).double()
    noise = torch.randn(3, 2, generator=torch.Generator().manual_seed(2), dtype=torch.double)

    def bound():
        fit, kl = elbo(networks, x, x, noise)
        return (fit - kl).sum()

    bound().backward()
    for parameter in networks.parameters():
        flat, step = parameter.data.view(-1), 1e-6
        i = int(parameter.grad.abs().argmax())
        kept = flat[i].item()
        flat[i] = kept + step
        up = bound().item()
        flat[i] = kept - step
        down = bound().item()
        flat[i] = kept
        assert (up - down) / (2 * step) == pytest.approx(parameter.grad.view(-1)[i].item(), rel=1e-6, abs=1e-8)


def test_a_closed_axis_is_0_and_costs_nothing_and_an_open_one_is_the_elbo(networks):
    x = (torch.rand(3, 4, generator=torch.Generator().manual_seed(1)) > 0.5).double()
    noise = torch.randn(3, 2, generator=torch.Generator().manual_seed(2), dtype=torch.double)
    mean, log_variance = networks.encoder(x)
    z = mean + torch.exp(log_variance / 2) * noise
    half = mean[:, 1] + 0.5 * torch.exp(log_variance[:, 1] / 2) * noise[:, 1]
    kl = -0.5 * (1 + log_variance - mean**2 - log_variance.exp())
    for opening, second, share in (((0.0, 0.0), 0 * half, 0.0), ((1.0, 0.5), half, 0.5), ((1.0, 1.0), z[:, 1], 1.0)):
        fit, found, penalty = with_penalty(networks, "none", opening, x, x, noise)
        torch.testing.assert_close(fit, reconstruction(networks, x, torch.stack([z[:, 0], second], dim=1)))
        torch.testing.assert_close(found, kl[:, 0] + share * kl[:, 1])
        torch.testing.assert_close(penalty, found)
    for found, expected in zip(
        with_penalty(networks, "none", (1.0, 1.0), x, x, noise), elbo(networks, x, x, noise), strict=False
    ):
        assert torch.equal(found, expected)


def test_the_second_axis_opens_without_noise_which_is_then_added():
    opening = Recipe(second_axis=4.0).opening
    assert [opening(epochs) for epochs in (0, 3.9, 4, 6, 8, 20)] == [(0, 0), (0, 0), (1, 0), (1, 0.5), (1, 1), (1, 1)]
    assert Recipe().opening(0) == (1, 1)


def test_the_encoders_variance_stays_where_half_precision_can_follow(networks):
    _, log_variance = networks.encoder(1e6 * torch.ones(1, 4, dtype=torch.double))
    assert LOG_VARIANCE[0] <= log_variance.min()
    assert log_variance.max() <= LOG_VARIANCE[1]


@pytest.mark.slow
def test_the_elbo_bounds_the_evidence_from_below(networks):
    images = Images(np.random.default_rng(0).integers(0, 256, (5, 2, 2), np.uint8), np.zeros(5, np.uint8), ("x",))
    measured = evaluate(networks.float(), Bernoulli(), images, samples=400)
    grid = torch.linspace(-8, 8, 321)
    z = torch.cartesian_prod(grid, grid)
    log_prior = -0.5 * (z**2).sum(1) - np.log(2 * np.pi) + 2 * np.log(16 / 320)
    with torch.inference_mode():
        ink = torch.tensor(images.pixels > 127.5).float().flatten(1)
        evidence = [torch.logsumexp(reconstruction(networks, x.expand(len(z), -1), z) + log_prior, 0) for x in ink]
    assert measured.total <= float(torch.stack(evidence).mean()) + 0.01
    assert measured.total > -10
