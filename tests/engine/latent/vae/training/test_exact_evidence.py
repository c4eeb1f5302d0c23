"""Training on the exact evidence agrees with closed forms of probabilistic PCA, and does not depend on the encoder."""

import math

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from engine.latent.datasets.data_set import Images
from engine.latent.vae.architectures.linear import Affine
from engine.latent.vae.likelihoods import Bernoulli, ContinuousBernoulli, Gaussian, GreyBernoulli, LinearGaussian
from engine.latent.vae.networks.build import networks_for
from engine.latent.vae.networks.likelihood_densities import log_density, log_density_of_pairs
from engine.latent.vae.recipe import Recipe
from engine.latent.vae.training import exact_evidence
from engine.latent.vae.training.elbo import elbo, evaluate
from engine.latent.vae.training.exact_evidence import (
    ExactEvidence,
    evidence,
    log_evidences,
    log_likelihoods,
    nodes,
    terms,
)
from engine.latent.vae.training.training import Training
from tests.engine.latent.vae import bars

EXACT = replace(bars.SMALL, objective="exact evidence", precision="float32", grid=16)
PIXELS = 6
MIDDLE = torch.tensor([0.5, 0.5], dtype=torch.double)


def principal(seed=0, sigma=0.3):
    """A linear decoder, x = W z + b + σ ε, as networks in double precision, with W (pixels, 2) and b (pixels,)."""
    rng = np.random.default_rng(seed)
    networks = networks_for(Affine(), LinearGaussian(), (2, 3)).double()
    weight, bias = 0.4 * rng.normal(size=(PIXELS, 2)), rng.normal(size=PIXELS)
    layer = next(layer for layer in networks.decoder.modules() if isinstance(layer, torch.nn.Linear))
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(weight))
        layer.bias.copy_(torch.tensor(bias))
        networks.log_sigma.fill_(math.log(sigma))
    return networks, layer


def on_grid(networks, x, count, shift=MIDDLE):
    """The terms of ln p(x) on a grid."""
    z, log_shares = nodes(count, torch.as_tensor(shift, dtype=x.dtype))
    return terms(log_likelihoods(networks, x, z), log_shares)


def closed_form(x, layer, log_sigma):
    """ln N(x; b, WWᵀ + diag σ²) (n,), with torch, so that its gradient is also closed."""
    covariance = layer.weight @ layer.weight.T + torch.diag(torch.exp(2 * log_sigma))
    return torch.distributions.MultivariateNormal(layer.bias, covariance).log_prob(x)


def test_evidence_and_gradient_are_those_of_probabilistic_pca():
    """Tipping & Bishop 1999, eq. 4: x ~ N(b, WWᵀ + σ²I). Every shift of a fine grid gives the same sum."""
    networks, layer = principal()
    x = torch.tensor(np.random.default_rng(1).normal(size=(5, PIXELS)))
    weights = (layer.weight, layer.bias, networks.log_sigma)
    exact = closed_form(x, layer, networks.log_sigma)
    expected = torch.autograd.grad(exact.sum(), weights)
    for shift in ([0.5, 0.5], [0.03, 0.8]):
        fit, kl, _ = on_grid(networks, x, 150, shift)
        torch.testing.assert_close(fit - kl, exact, atol=1e-4, rtol=0)
        found = torch.autograd.grad((fit - kl).sum(), weights)
        for ours, closed in zip(found, expected, strict=True):
            torch.testing.assert_close(ours, closed, atol=2e-3, rtol=1e-4)


@pytest.mark.slow
def test_the_trained_evidence_reaches_the_maximum_of_probabilistic_pca():
    """Tipping & Bishop 1999, eq. 3, 7 and 8: the maximum of the mean ln p(x), from eigenvalues."""
    rng = np.random.default_rng(2)
    images = rng.normal(size=(80, 2)) @ rng.normal(size=(2, PIXELS)) + 0.5 * rng.normal(size=(80, PIXELS))
    values = np.sort(np.linalg.eigvalsh(np.cov(images.T, bias=True)))[::-1]
    noise = values[2:].mean()
    logs = np.log(values[:2]).sum() + (PIXELS - 2) * np.log(noise)
    maximum = -0.5 * (PIXELS * np.log(2 * np.pi) + logs + PIXELS)
    x, (networks, layer) = torch.tensor(images), principal(sigma=1.0)
    del networks.log_sigma  # one σ for all pixels, as in the closed form, in place of one for each
    log_sigma = torch.zeros(1, dtype=torch.double, requires_grad=True)
    optimiser = torch.optim.LBFGS([layer.weight, layer.bias, log_sigma], max_iter=60, line_search_fn="strong_wolfe")

    def loss():
        optimiser.zero_grad()
        networks.log_sigma = log_sigma.expand(PIXELS)
        fit, kl, _ = on_grid(networks, x, 60)
        (kl - fit).mean().backward()
        return (kl - fit).mean()

    optimiser.step(loss)
    assert float(-loss().detach()) == pytest.approx(maximum, abs=2e-3)
    assert float(torch.exp(2 * log_sigma.detach())) == pytest.approx(noise, rel=0.01)


def test_terms_are_the_reconstruction_and_the_kl_of_the_exact_posterior():
    networks, layer = principal()
    x = torch.tensor(np.random.default_rng(1).normal(size=(4, PIXELS)))
    _, kl, shares = on_grid(networks, x, 150)
    z, _ = nodes(150, MIDDLE)
    precision = torch.eye(2) + layer.weight.T @ torch.diag(torch.exp(-2 * networks.log_sigma)) @ layer.weight
    covariance = torch.linalg.inv(precision)
    mean = (x - layer.bias) @ torch.diag(torch.exp(-2 * networks.log_sigma)) @ layer.weight @ covariance
    closed = 0.5 * (torch.trace(covariance) + (mean**2).sum(1) - 2 - torch.logdet(covariance))
    torch.testing.assert_close(kl, closed, atol=1e-3, rtol=0)
    torch.testing.assert_close(shares @ z, mean, atol=1e-3, rtol=0)


def test_each_shift_is_fair_and_no_image_hides_between_the_nodes():
    """The mean of the sums over all shifts is the integral, also of a density much narrower than a cell."""
    centre, width = torch.tensor([0.3, -0.4], dtype=torch.double), 0.02
    sums = []
    for shift in torch.cartesian_prod(*[(torch.arange(40, dtype=torch.double) + 0.5) / 40] * 2):
        z, log_shares = nodes(8, shift)
        away = ((z - centre) ** 2).sum(1)
        sums.append(torch.exp(log_shares - 0.5 * away / width**2).sum())
    share = width**2 / (1 + width**2)  # ∫ exp(−|z − c|²/2w²) N(z; 0, I) dz
    exact = share * math.exp(-0.5 * float((centre**2).sum()) / (1 + width**2))
    assert float(torch.stack(sums).mean()) == pytest.approx(exact, rel=0.02)
    assert float(torch.stack(sums).min()) < 1e-3 * exact  # one grid alone does not see it


@pytest.mark.parametrize("kind", [Bernoulli, GreyBernoulli, ContinuousBernoulli, Gaussian, LinearGaussian])
def test_all_pairs_are_scored_as_each_pair_alone(kind):
    generator = torch.Generator().manual_seed(3)
    out, x, log_sigma = (
        torch.randn(5, 7, generator=generator, dtype=torch.double),
        torch.rand(3, 7, generator=generator, dtype=torch.double),
        torch.randn(7, generator=generator, dtype=torch.double) - 1,
    )
    found = log_density_of_pairs(kind(), out, x, log_sigma)
    for i in range(3):
        alone = log_density(kind(), out, x[i].expand(5, -1), log_sigma).sum(1)
        torch.testing.assert_close(found[i], alone, atol=1e-10, rtol=1e-10)


@pytest.mark.slow
def test_decoding_in_parts_changes_no_gradient(monkeypatch):
    networks, layer = principal()
    x = torch.tensor(np.random.default_rng(1).normal(size=(4, PIXELS)))

    def gradient():
        fit, kl, _ = on_grid(networks, x, 9)
        return torch.autograd.grad((fit - kl).sum(), layer.weight)[0]

    whole = gradient()
    monkeypatch.setattr(exact_evidence, "LARGEST", 10 * PIXELS)
    torch.testing.assert_close(gradient(), whole, atol=1e-12, rtol=0)


def test_the_encoder_has_the_gradient_of_the_elbo_and_the_decoder_that_of_ln_p():
    """For a given decoder the gradient of the ELBO is that of −KL(q‖p(z|x)), because ln p(x) is fixed."""
    networks, layer = principal()
    generator = torch.Generator().manual_seed(4)
    x, noise = (torch.randn(4, n, generator=generator, dtype=torch.double) for n in (PIXELS, 2))
    encoder, decoder = [*networks.encoder.parameters()], [layer.weight, layer.bias, networks.log_sigma]
    recipe = replace(Recipe(), objective="exact evidence", grid=20)
    fit, _, penalty = ExactEvidence(networks, recipe)(torch.zeros(4), 20.0, x, x, noise)
    found = torch.autograd.grad((penalty - fit).sum(), encoder + decoder)
    reconstruction, kl = elbo(networks, x, x, noise)
    expected = torch.autograd.grad((kl - reconstruction).sum(), encoder)
    exact, divergence, _ = on_grid(networks, x, 20, torch.special.ndtr(noise[0]))
    expected += torch.autograd.grad((divergence - exact).sum(), decoder)
    for ours, alone in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, alone, atol=1e-10, rtol=1e-10)


def test_a_posterior_narrower_than_the_grid_is_found_and_divided(monkeypatch):
    networks, layer = principal(sigma=0.005)
    with torch.no_grad():
        layer.bias.fill_(0.5)
        layer.weight.mul_(0.3)
    z = np.random.default_rng(5).normal(size=(6, 2))
    x = np.clip(0.5 + z @ layer.weight.detach().numpy().T, 0, 1)
    images = Images(np.rint(255 * x).reshape(-1, 2, 3).astype(np.uint8), np.zeros(6, np.uint8), ("0",))
    exact = closed_form(torch.from_numpy(images.pixels.reshape(6, -1) / 255), layer, networks.log_sigma)
    exact = exact.detach().numpy()
    *_, found = log_evidences(networks.float(), images, 40)
    np.testing.assert_allclose(found, exact, atol=0.02)
    monkeypatch.setattr(exact_evidence, "SINGLE", 2.0)  # more than all of the posterior: no cell is divided
    *_, coarse = log_evidences(networks, images, 40)
    assert np.abs(coarse - exact).max() > 0.5


def test_the_mean_of_q_finds_a_posterior_between_the_nodes(monkeypatch):
    """The columns of W are nearly parallel, so that the posterior is a ridge. The encoder is exact: μ = M(x − b)."""
    networks, layer = principal(sigma=0.005)
    with torch.no_grad():
        layer.bias.fill_(0.5)
        layer.weight.mul_(0.3)
        layer.weight[:, 1] = layer.weight[:, 0] + 0.2 * layer.weight[:, 1]
        w = layer.weight
        gain = torch.linalg.solve(torch.eye(2) * 0.005**2 + w.T @ w, w.T)
        encoder = next(part for part in networks.encoder.modules() if isinstance(part, torch.nn.Linear))
        encoder.weight[:2], encoder.bias[:2] = gain, -gain @ layer.bias
    z = np.random.default_rng(5).normal(size=(6, 2))
    x = np.clip(0.5 + z @ layer.weight.detach().numpy().T, 0, 1)
    images = Images(np.rint(255 * x).reshape(-1, 2, 3).astype(np.uint8), np.zeros(6, np.uint8), ("0",))
    pixels = torch.from_numpy(images.pixels.reshape(6, -1) / 255)
    exact = closed_form(pixels, layer, networks.log_sigma).detach().numpy()
    mean, (own, cells) = networks.encoder(pixels)[0].detach(), exact_evidence._at_means(networks, pixels, 20)
    grid = torch.distributions.Normal(0.0, exact_evidence.SPREAD)
    levels = grid.cdf(nodes(20, MIDDLE)[0])
    nearest = torch.cdist(grid.cdf(mean), levels, p=torch.inf).argmin(1)
    assert cells.tolist() == nearest.tolist() and len(set(cells.tolist())) > 3
    density = networks.log_likelihood(pixels, mean) + torch.distributions.Normal(0.0, 1.0).log_prob(mean).sum(1)
    torch.testing.assert_close(own, density - grid.log_prob(mean).sum(1) - 2 * math.log(20), atol=1e-6, rtol=0)
    *_, found = log_evidences(networks.float(), images, 20)
    np.testing.assert_allclose(found, exact, atol=0.05)
    monkeypatch.setattr(exact_evidence, "_at_means", lambda _, x, __: (torch.full_like(x[:, 0], -torch.inf), cells))
    *_, without = log_evidences(networks, images, 20)
    assert np.abs(without - exact).max() > 0.1


def decoder_of(training):
    return torch.cat([weight.flatten() for weight in training.networks.decoder.parameters()])


def trained(recipe, steps, disturbed=False):
    torch.set_num_threads(1)
    training = Training(recipe, recipe.data.train(), recipe.data.test())
    if disturbed:
        with torch.no_grad():
            for weight in training.networks.encoder.parameters():
                weight.mul_(40.0)  # with gradients far above the limit
    for _ in range(steps):
        training._advance()
    return training


def test_the_decoder_depends_in_no_bit_on_the_encoder():
    one, other = trained(EXACT, 8), trained(EXACT, 8, disturbed=True)
    assert torch.equal(decoder_of(one), decoder_of(other))
    assert not torch.equal(decoder_of(one), decoder_of(Training(EXACT, EXACT.data.train())))
    both = (Training(recipe, recipe.data.train()) for recipe in (EXACT, bars.SMALL))
    assert torch.equal(*map(decoder_of, both))  # and it begins with the weights of the VAE's decoder


def test_a_training_raises_the_evidence_of_test_images_and_teaches_the_encoder():
    training = trained(EXACT, 72)
    rows = training.history.table
    assert rows[-1, 3] - rows[-1, 4] > rows[0, 3] - rows[0, 4]
    networks, test = training.averaged, EXACT.data.test()
    exact = evidence(networks, test, 32).total
    assert exact == pytest.approx(rows[-1, 3] - rows[-1, 4], abs=0.05)
    gap = exact - evaluate(networks, EXACT.likelihood, test).total
    with torch.no_grad():  # the encoder of a new training, for the same decoder
        networks.encoder.load_state_dict(Training(EXACT, test).networks.encoder.state_dict())
    assert 0 < gap < 0.5 * (exact - evaluate(networks, EXACT.likelihood, test).total)


@pytest.mark.parametrize("change", [{"latents": 3}, {"given_class": True}])
def test_what_has_no_grid_is_refused(change):
    with pytest.raises(ValueError, match="it needs two latents, without the class"):
        replace(EXACT, **change)
