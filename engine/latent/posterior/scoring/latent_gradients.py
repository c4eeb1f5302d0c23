"""Gradients with respect to the latent: of ln p(x|z) of complete images, and of the decoded image."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from engine.latent.vae.networks.likelihood_densities import targets
from engine.latent.vae.networks.vae import CHUNK, VAE
from engine.latent.vae.training.elbo import reconstruction

Array = NDArray[np.float64]


def log_likelihood_gradient(vae: VAE, x: NDArray[Any], z: ArrayLike) -> tuple[Array, Array]:
    """Return ln p(x|z) (n,) in nats and its gradient (n, d), of an image x (h, w[, 3]) in [0, 1] at z (n, d)."""
    target = _targets(vae, x[None])
    parts = [_with_gradient(vae, target, chunk) for chunk in torch.split(_latents(vae, z), CHUNK)]
    values, gradients = (torch.cat(both) for both in zip(*parts, strict=True))
    return values.double().numpy(), gradients.double().numpy()


def log_likelihoods(vae: VAE, x: NDArray[Any], z: ArrayLike) -> Array:
    """Return ln p(x|z) (n,) in nats of images x (n, h, w[, 3]) in [0, 1], each at its own latent of z (n, d)."""
    with torch.inference_mode():
        return reconstruction(vae.networks, _targets(vae, x), _latents(vae, z)).double().numpy()


def log_sensitivity(vae: VAE, z: ArrayLike) -> Array:
    """Return ln √det JᵀJ (n,) at latents z (n, 2), where J (pixels, 2) is the derivative of the decoded image.

    √det JᵀJ, the magnification factor (Bishop, Svensén & Williams 1997), is the area in the space of images for each
    unit of area in the plane.
    """
    across, up = np.moveaxis(vae.jacobian(z).astype(float), -1, 0)
    squared = np.sum(across**2, axis=1) * np.sum(up**2, axis=1) - np.sum(across * up, axis=1) ** 2
    return np.asarray(0.5 * np.log(np.maximum(squared, np.finfo(float).tiny)))


def _with_gradient(vae: VAE, target: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    z = z.clone().requires_grad_()
    values = reconstruction(vae.networks, target.expand(len(z), -1), z)
    (gradients,) = torch.autograd.grad(values.sum(), z)
    return values.detach(), gradients


def _targets(vae: VAE, x: NDArray[Any]) -> Tensor:
    return targets(vae.card.recipe.likelihood, torch.from_numpy(np.array(x, np.float32)) * 255)


def _latents(vae: VAE, z: ArrayLike) -> Tensor:
    return torch.from_numpy(np.array(z, np.float32).reshape(-1, vae.latents))
