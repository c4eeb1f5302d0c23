"""The gradient of ln p(all measurements | z) in z, for measurements of any kind."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from engine.gaussian import Array
from engine.latent.observations.measurement import Measurement
from engine.latent.posterior.scoring.measurement_densities import log_density
from engine.latent.vae.networks.vae import CHUNK, VAE


def log_likelihood_slopes(vae: VAE, measurements: Sequence[Measurement], z: Array) -> tuple[Array, Array]:
    """ln p(all measurements | z) (n,) in nats and its gradient in z (n, 2), at latents z (n, 2)."""
    own, log_sigma = vae.precision, vae.networks.log_sigma
    sigma = torch.empty(0, dtype=own) if log_sigma is None else log_sigma.detach()
    values, slopes = np.empty(len(z)), np.empty((len(z), 2))
    for start in range(0, len(z), CHUNK):
        part = slice(start, start + CHUNK)
        latents = torch.from_numpy(np.array(z[part])).to(own).requires_grad_()
        out = vae.networks.decoder(latents)
        zero = torch.zeros(len(latents), dtype=own)  # so that nothing seen is nothing said
        total = sum(
            (log_density(measurement, vae.networks.likelihood, out, sigma) for measurement in measurements), zero
        )
        values[part] = total.detach().numpy()
        if measurements:
            (gradient,) = torch.autograd.grad(total.sum(), latents)
            slopes[part] = gradient.numpy()
        else:
            slopes[part] = 0.0
    return values, slopes
