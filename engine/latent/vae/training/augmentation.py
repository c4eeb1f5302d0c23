"""Shaking: images changed a little at random before each is trained on, as a Jitter says."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.latent.vae.recipe import Jitter


def shaken(pixels: Tensor, jitter: Jitter, generator: torch.Generator, strength: float = 1.0) -> Tensor:
    """Each of the images (n, h, w[, 3]) shifted, turned, scaled and sheared a little, and made bolder or finer.

    `strength` from 0 to 1 is how much of the jitter there is; 0 leaves the images as they are.
    """

    def spread(size: float) -> Tensor:
        return (2 * torch.rand(len(pixels), generator=generator).to(pixels.device) - 1) * size * strength

    n, h, w = pixels.shape[:3]
    turn, scale, shear = spread(math.radians(jitter.turn)), 1 + spread(jitter.scale), spread(jitter.shear)
    across, down = spread(2 * jitter.shift / w), spread(2 * jitter.shift / h)
    cos, sin = turn.cos() * scale, turn.sin() * scale
    rows = [torch.stack([cos, shear * cos - sin, across], 1), torch.stack([sin, shear * sin + cos, down], 1)]
    channels = pixels.reshape(n, h, w, -1).permute(0, 3, 1, 2).float()
    grid = F.affine_grid(torch.stack(rows, 1), list(channels.shape), align_corners=False)
    moved = F.grid_sample(channels, grid, align_corners=False).permute(0, 2, 3, 1).reshape(pixels.shape)
    return (moved.flatten(1) + spread(jitter.threshold)[:, None]).reshape(pixels.shape)
