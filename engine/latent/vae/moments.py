"""Mean and variance of the pixels of p_θ(x|z), at any latents."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from engine.gaussian import Array
from engine.latent.vae.model import CHUNK, VAE
from engine.latent.vae.sighted import mean_and_variance


def moments(vae: VAE, z: Array) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """E[x|z] and Var[x|z], each (n, pixels), at latents z (n, 2)."""
    own, log_sigma = next(vae.networks.parameters()).dtype, vae.networks.log_sigma
    sigma = torch.empty(0, dtype=own) if log_sigma is None else log_sigma.detach()
    with torch.inference_mode():
        parts = [
            mean_and_variance(vae.networks.likelihood, vae.networks.decoder(part), sigma)
            for part in torch.split(torch.from_numpy(z).to(own), CHUNK)
        ]
    mean, variance = (torch.cat(both).numpy() for both in zip(*parts, strict=True))
    return mean, variance
