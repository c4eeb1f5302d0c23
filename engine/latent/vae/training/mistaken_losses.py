"""The terms of right and wrong losses, measured on images."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from engine.latent.datasets.data_set import Images
from engine.latent.vae.networks.likelihood_densities import shown, targets
from engine.latent.vae.networks.networks import Networks
from engine.latent.vae.training.elbo import SEED, kl_to_prior, kl_with_sigma

LEAST = 1e-6  # probabilities are at least this far from 0 and 1, where the logarithm is not finite


def terms(networks: Networks, images: Images) -> tuple[float, float, float, float, float]:
    """Return five means over images, in nats: −E[ln p(x|z)], KL, the KL term with σ, and the BCE of grey values.

    The last number is the smallest BCE, of a decoder that returns the images: −Σ x ln x + (1 − x) ln(1 − x). One z is
    drawn from each q. The BCE compares the mean of p(x|z) with grey values from 0 to 1.
    """
    generator = torch.Generator().manual_seed(SEED)
    with torch.inference_mode():
        pixels = torch.tensor(images.pixels)
        grey = pixels.flatten(1).float() / 255
        x = targets(networks.likelihood, pixels)
        mean, log_variance = networks.encoder(x)
        z = mean + torch.exp(log_variance / 2) * torch.randn(mean.shape, generator=generator)
        p = shown(networks.likelihood, networks.decoder(z)).float().clamp(LEAST, 1 - LEAST)
        numbers = (
            -networks.log_likelihood(x, z),
            kl_to_prior(mean, log_variance),
            kl_with_sigma(mean, log_variance),
            F.binary_cross_entropy(p, grey, reduction="none").sum(1),
            F.binary_cross_entropy(grey, grey, reduction="none").sum(1),
        )
        fit, kl, sigma, bce, least = (float(number.double().mean()) for number in numbers)
    return fit, kl, sigma, bce, least
