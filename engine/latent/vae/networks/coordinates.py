"""Coordinate networks: a decoder that maps a latent and a position to a pixel, and renders at any resolution."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from engine.latent.vae.architectures.coordinates import Coordinates
from engine.latent.vae.networks.networks import Networks, Posterior, colours, stack

POINTS = 2**14  # positions that the layers process at a time, so that they fit into the processor's cache
KEPT = 2**19  # positions in a batch up to which activations are stored for the gradient and not recomputed
LARGEST = 2**15  # pixels of the longest side of a rendered image


def build(form: Coordinates, shape: tuple[int, ...], latents: int) -> Networks:
    """Return new networks for images (h, w) or (h, w, 3) and d = `latents`."""
    return Networks(encoder(form, shape, latents), CoordinateDecoder(form, shape, latents))


def encoder(form: Coordinates, shape: tuple[int, ...], latents: int) -> nn.Module:
    """Return the encoder: x (n, pixels) -> mean and log variance, each (n, d)."""
    return Posterior(stack((math.prod(shape), *form.encoder_widths, 2 * latents), "GELU"))


class CoordinateDecoder(nn.Module):
    """z (n, d) -> logits (n, pixels); the same layers process each position, and z shifts their activations.

    The positions enter as Fourier features (Tancik et al. 2020). Each layer is relu(W h + a_l(z)), where layers that
    process z alone compute a_l (shift modulations, Dupont et al. 2022).
    """

    def __init__(self, form: Coordinates, shape: tuple[int, ...], latents: int) -> None:
        super().__init__()
        self.shape, self.octaves, self.layers = shape, form.octaves, form.layers
        self.code = stack((latents, form.code, form.code, form.layers * form.width), "GELU")
        self.place = nn.Linear(2 + 4 * form.octaves, form.width, bias=False)
        self.hidden = nn.ModuleList(nn.Linear(form.width, form.width, bias=False) for _ in range(form.layers - 1))
        self.out = nn.Linear(form.width, colours(shape))

    def forward(self, z: Tensor) -> Tensor:
        return self.at(z, centres(self.shape[0], self.shape[1]).to(z))

    def at(self, z: Tensor, positions: Tensor) -> Tensor:
        """Return the logits (n, m·colours) at m positions (m, 2), x and y from −1 to 1 between the image's edges."""
        place: Tensor = self.place(self._waves(positions))
        parts = torch.split(self.code(z), max(1, POINTS // len(positions)))
        return torch.cat([self._drawn(part, place, len(z) * len(positions)) for part in parts])

    def _waves(self, positions: Tensor) -> Tensor:
        """Return the positions (m, 2) with their sin and cos at doubling frequencies, (m, 2 + 4·octaves)."""
        angles = [math.pi * 2.0**k * positions for k in range(self.octaves)]
        return torch.cat([positions, *(wave(angle) for angle in angles for wave in (torch.sin, torch.cos))], dim=1)

    def _drawn(self, code: Tensor, place: Tensor, points: int) -> Tensor:
        if self.training and points > KEPT:
            drawn: Tensor = checkpoint(self._layers, code, place, use_reentrant=False, preserve_rng_state=False)
            return drawn
        return self._layers(code, place)

    def _layers(self, code: Tensor, place: Tensor) -> Tensor:
        """Codes (n, layers·width) and places (m, width) -> logits (n, m·colours)."""
        first, *shifts = code[:, None].chunk(self.layers, dim=2)
        h = F.relu(place + first)
        for layer, shift in zip(self.hidden, shifts, strict=True):
            h = F.relu(layer(h) + shift)
        logits: Tensor = self.out(h)
        return logits.flatten(1)


def centres(h: int, w: int, rows: slice = slice(None)) -> Tensor:
    """Return the centres (h·w, 2), x and y, of an image's pixels row by row; `rows` selects some rows."""
    across, down = ((2 * torch.arange(n, dtype=torch.double) + 1) / n - 1 for n in (w, h))
    y, x = torch.meshgrid(down[rows], across, indexing="ij")
    return torch.stack([x, y], dim=2).flatten(0, 1)


def render(
    networks: Networks,
    mean_of: Callable[[Tensor], Tensor],
    z: Tensor,
    shape: tuple[int, ...],
    height: int,
    width: int,
) -> Iterator[NDArray[np.float32]]:
    """Render the image decoded at z (d,) with height × width pixels, in bands (rows, width[, 3]) from the top.

    Values are from 0 to 1. `mean_of` maps logits to pixels; `shape` is the shape of the training images. Raises
    ValueError, in one sentence, if the networks have a fixed resolution, or if a side is not from 1 to LARGEST pixels.
    """
    decoder = networks.decoder
    if not isinstance(decoder, CoordinateDecoder):
        raise ValueError("Only a model with the architecture Coordinates can be rendered at another resolution.")
    if not (1 <= height <= LARGEST and 1 <= width <= LARGEST):
        raise ValueError(f"Height and width must be from 1 to {LARGEST:,} pixels, not {height:,}×{width:,}.")
    rows = max(1, POINTS // width)
    bands = (centres(height, width, slice(top, top + rows)).to(z) for top in range(0, height, rows))
    return (_band(decoder, mean_of, z, band).reshape(-1, width, *shape[2:]) for band in bands)


def _band(
    decoder: CoordinateDecoder, mean_of: Callable[[Tensor], Tensor], z: Tensor, positions: Tensor
) -> NDArray[Any]:
    with torch.inference_mode():
        pixels: NDArray[Any] = mean_of(decoder.at(z[None], positions)).numpy()
    return pixels
