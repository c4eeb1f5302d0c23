"""The derivative of the decoded picture in the latent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.func import jvp, vmap

if TYPE_CHECKING:
    from engine.latent.vae.model import Networks

CHUNK = 64  # latents at a time


def jacobian(networks: Networks, mean_of: Callable[[Tensor], Tensor], z: Tensor) -> Tensor:
    """∂E[x|z]/∂z (n, pixels, 2) at latents z (n, 2), in forward mode; `mean_of` makes pixels of logits."""

    def derivative(part: Tensor) -> Tensor:
        directions = torch.eye(2).to(z)[:, None].expand(-1, len(part), -1)
        along: Callable[[Tensor], Tensor] = vmap(
            lambda direction: jvp(lambda at: mean_of(networks.decoder(at)), (part,), (direction,))[1]
        )
        return along(directions).movedim(0, 2)

    with torch.no_grad():
        return torch.cat([derivative(part) for part in torch.split(z, CHUNK)])
