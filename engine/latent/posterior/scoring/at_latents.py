"""Log likelihoods of measurements at any latents, which are decoded now."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import torch

from engine import threads
from engine.gaussian import Array
from engine.latent.observations.measurement import Measurement
from engine.latent.posterior.scoring.blurred_pixels import Rough
from engine.latent.posterior.scoring.cores import cores
from engine.latent.posterior.scoring.measurement_densities import log_density
from engine.latent.vae.networks.vae import CHUNK, VAE

FEWEST = 32  # latents for one core; to hand over fewer takes as long as to decode them


def log_likelihoods(vae: VAE, measurements: Sequence[Measurement | Rough], z: Array) -> Array:
    """Return ln p(all measurements | z) (n,) in nats at any latents z (n, d), which are decoded now."""
    return np.asarray(log_likelihood_terms(vae, measurements, z).sum(axis=1))


def log_likelihoods_by_all_cores(vae: VAE, measurements: Sequence[Measurement | Rough], z: Array) -> Array:
    """Like `log_likelihoods`, with the same values, but the cores share the latents.

    This is for values that a person waits for. What is computed later leaves one core to the thread of the window.
    """
    parts = np.array_split(z, max(1, min(threads.number(), len(z) // FEWEST)))
    if len(parts) == 1:
        return log_likelihoods(vae, measurements, z)
    return np.concatenate(list(cores().map(partial(log_likelihoods, vae, measurements), parts)))


def log_likelihood_terms(vae: VAE, measurements: Sequence[Measurement | Rough], z: Array) -> Array:
    """Return ln p(measurement | z) (n, measurements) in nats at any latents z (n, d), which are decoded now."""
    own, log_sigma = vae.precision, vae.networks.log_sigma
    sigma = torch.empty(0, dtype=own) if log_sigma is None else log_sigma.detach()
    terms = np.zeros((len(z), len(measurements)))
    with torch.inference_mode():
        for start in range(0, len(z), CHUNK):
            out = vae.networks.decoder(torch.from_numpy(z[start : start + CHUNK]).to(own))
            for i, measurement in enumerate(measurements):
                density = log_density(measurement, vae.networks.likelihood, out, sigma)
                terms[start : start + CHUNK, i] = density.numpy()
    return terms
