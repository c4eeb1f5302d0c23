"""The gradient of ln p(all measurements | z) with respect to z, for measurements of any kind."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from engine.gaussian import Array
from engine.latent.observations.measurement import Measurement
from engine.latent.posterior.scoring.measurement_densities import log_density
from engine.latent.vae.networks.vae import CHUNK, VAE


def log_likelihood_slopes(vae: VAE, measurements: Sequence[Measurement], z: Array) -> tuple[Array, Array]:
    """Return ln p(all measurements | z) (n,) in nats and its gradient (n, d), at latents z (n, d)."""
    own, log_sigma = vae.precision, vae.networks.log_sigma
    sigma = torch.empty(0, dtype=own) if log_sigma is None else log_sigma.detach()
    values, slopes = np.empty(len(z)), np.empty(z.shape)
    for start in range(0, len(z), CHUNK):
        chunk = slice(start, start + CHUNK)
        latents = torch.from_numpy(np.array(z[chunk])).to(own).requires_grad_()
        out = vae.networks.decoder(latents)
        zero = torch.zeros(len(latents), dtype=own)  # the sum over no measurements
        total = sum(
            (log_density(measurement, vae.networks.likelihood, out, sigma) for measurement in measurements), zero
        )
        values[chunk] = total.detach().numpy()
        if measurements:
            (gradient,) = torch.autograd.grad(total.sum(), latents)
            slopes[chunk] = gradient.numpy()
        else:
            slopes[chunk] = 0.0
    return values, slopes
