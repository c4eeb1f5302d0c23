"""Augmentation: random small changes of each training image, with the sizes of a `Jitter`."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.latent.vae.recipe import Jitter


def augmented(pixels: Tensor, jitter: Jitter, generator: torch.Generator, strength: float = 1.0) -> Tensor:
    """Return images (n, h, w[, 3]), each shifted, rotated, scaled, sheared and brightened at random.

    Values are from 0 to 255 before and may leave this range after. `strength`, from 0 to 1, multiplies all changes.
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
