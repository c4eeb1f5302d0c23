"""The Jacobian matrix of the decoded image with respect to the latent.

It comes from backpropagation applied twice: Jᵀu is linear in u, and its derivative with respect to u is J. Forward mode
in torch is not faster, takes seconds to load, and imports modules that issue warnings.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from engine.latent.vae.networks.networks import Networks

CHUNK = 256  # latents at a time; smaller chunks are slower, larger ones hardly faster


def jacobian(networks: Networks, mean_of: Callable[[Tensor], Tensor], z: Tensor) -> Tensor:
    """Return J = ∂E[x|z]/∂z (n, pixels, d) at latents z (n, d); `mean_of` maps logits to pixels from 0 to 1."""
    return torch.cat([_derivative(lambda at: mean_of(networks.decoder(at)), part) for part in torch.split(z, CHUNK)])


def _derivative(decode: Callable[[Tensor], Tensor], z: Tensor) -> Tensor:
    """Return the Jacobian matrix (n, pixels, d) of `decode` at z (n, d), by backpropagation applied twice."""
    with torch.enable_grad():
        z = z.detach().requires_grad_()
        decoded = decode(z)
        u = torch.zeros_like(decoded, requires_grad=True)
        (pulled,) = torch.autograd.grad(decoded, z, u, create_graph=True)
        columns = [torch.autograd.grad(pulled[:, k].sum(), u, retain_graph=True)[0] for k in range(z.shape[1])]
    return torch.stack(columns, dim=2)
