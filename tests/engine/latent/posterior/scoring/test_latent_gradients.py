"""Gradients with respect to the latent against finite differences in double precision, for every likelihood."""

import numpy as np
import pytest
import torch

from engine.latent.posterior.scoring.latent_gradients import log_likelihood_gradient, log_likelihoods
from engine.latent.vae.architectures.residual_mlp import ResidualMlp
from engine.latent.vae.likelihoods import LIKELIHOODS
from engine.latent.vae.networks.build import networks_for
from engine.latent.vae.networks.vae import VAE
from engine.latent.vae.recipe import Card, Elbo, Recipe

SMALL = ResidualMlp(encoder_width=8, encoder_blocks=0, bottleneck=4, decoder_width=16, decoder_blocks=1, octaves=1)


@pytest.mark.parametrize("kind", list(LIKELIHOODS), ids=lambda kind: kind.__name__)
def test_the_gradient_agrees_with_finite_differences_under_every_likelihood(kind):
    torch.manual_seed(3)
    networks = networks_for(SMALL, kind(), (4, 5)).eval()
    recipe = Recipe(architecture=SMALL, likelihood=kind())
    vae = VAE(Card("small", recipe, (4, 5), 1, Elbo(0.0, 0.0), 1, "none", "nobody", 1.0, "a test"), networks)
    rng = np.random.default_rng(4)
    x, z, h = rng.random((4, 5)), rng.normal(size=(7, 2)).astype(np.float32).astype(float), 1e-6
    values, slopes = log_likelihood_gradient(vae, x, z)
    np.testing.assert_allclose(values, vae.log_likelihood(x, z), rtol=1e-6)
    np.testing.assert_allclose(values, log_likelihoods(vae, np.repeat(x[None], 7, axis=0), z), rtol=1e-6)
    target = vae._targets(x[None]).double().expand(7, -1)
    exact = networks.double()
    for axis, step in enumerate(torch.eye(2, dtype=torch.float64) * h):
        up, down = (exact.log_likelihood(target, torch.tensor(z) + sign * step).detach() for sign in (1, -1))
        np.testing.assert_allclose(slopes[:, axis], ((up - down) / (2 * h)).numpy(), rtol=1e-3, atol=1e-4)
