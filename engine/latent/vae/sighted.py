"""What is seen, scored: ln p(sight | z) from the decoder's output."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.latent.sights import Pixels
from engine.latent.vae import densities
from engine.latent.vae.likelihoods import Likelihood


def log_density(sight: Pixels, likelihood: Likelihood, out: Tensor, log_sigma: Tensor) -> Tensor:
    """ln p(sight | z) (n,) in nats, given decoder outputs (n, pixels)."""
    index = torch.from_numpy(sight.index)
    known = log_sigma[index] if len(log_sigma) else log_sigma
    values = torch.from_numpy(sight.values).to(out.dtype).expand(len(out), -1)
    return densities.log_density(likelihood, out[:, index], values, known).sum(1)
