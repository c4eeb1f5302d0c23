"""The generator G and the discriminator D of a GAN, and their losses."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.latent.vae.gan.discriminator import Discriminator
from engine.latent.vae.networks.build import networks_for
from engine.latent.vae.networks.likelihood_densities import shown
from engine.latent.vae.recipe import Recipe


class Adversaries(nn.Module):
    """G: latents z (n, 2) -> images (n, pixels) from 0 to 1, and D: images -> logits (n,).

    G is the decoder of a VAE whose mean is taken for the image.
    """

    def __init__(self, recipe: Recipe, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.likelihood = recipe.likelihood
        self.generator = networks_for(recipe.architecture, recipe.likelihood, shape).decoder
        self.discriminator = Discriminator(shape, recipe.gan.channels)

    def images(self, z: Tensor) -> Tensor:
        """Return G(z), (n, pixels) from 0 to 1, at latents z (n, 2)."""
        return shown(self.likelihood, self.generator(z))


def discriminator_loss(real: Tensor, generated: Tensor) -> Tensor:
    """Return the relativistic loss of D, −ln σ(D(x) − D(G(z))) averaged over pairs of logits (n,), in nats.

    Huang et al. 2024, eq. 2; Jolicoeur-Martineau 2019. The loss is ln 2 if D cannot tell the images apart.
    """
    return F.softplus(generated - real).mean()


def generator_loss(real: Tensor, generated: Tensor) -> Tensor:
    """Return the relativistic loss of G, −ln σ(D(G(z)) − D(x)) averaged over pairs of logits (n,), in nats."""
    return F.softplus(real - generated).mean()


def gradient_penalty(discriminator: nn.Module, images: Tensor) -> Tensor:
    """Return ½ E‖∂D/∂x‖² over images (n, pixels): R1 at real images, R2 at generated ones.

    Mescheder, Geiger & Nowozin 2018, eq. 9; Huang et al. 2024.
    """
    x = images.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(discriminator(x).sum(), x, create_graph=True)
    return 0.5 * gradient.square().sum(1).mean()
