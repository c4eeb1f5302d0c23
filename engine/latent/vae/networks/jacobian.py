"""The derivative of the decoded picture in the latent."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from engine.latent.vae.networks.networks import Networks

CHUNK = 256  # latents at a time: fewer take longer, more are hardly faster


def jacobian(networks: Networks, mean_of: Callable[[Tensor], Tensor], z: Tensor) -> Tensor:
    """J = ∂E[x|z]/∂z (n, pixels, 2) at latents z (n, 2), to rounding; `mean_of` makes pixels of logits."""
    return torch.cat([_derivative(lambda at: mean_of(networks.decoder(at)), part) for part in torch.split(z, CHUNK)])


def _derivative(decode: Callable[[Tensor], Tensor], z: Tensor) -> Tensor:
    """Backwards twice: Jᵀu is linear in u, and its derivative in u is J. Torch's forward mode takes seconds to load."""
    with torch.enable_grad():
        z = z.detach().requires_grad_()
        decoded = decode(z)
        u = torch.zeros_like(decoded, requires_grad=True)
        (pulled,) = torch.autograd.grad(decoded, z, u, create_graph=True)
        columns = [torch.autograd.grad(pulled[:, k].sum(), u, retain_graph=True)[0] for k in (0, 1)]
    return torch.stack(columns, dim=2)
