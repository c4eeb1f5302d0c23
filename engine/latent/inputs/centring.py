"""Centring: ink sized and placed as the images of MNIST are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]
BOX = 20 / 28  # of the image's shorter side: what MNIST's digits were made to fit before they were centred
FAINT = 1e-3  # less ink than this is none


def centred(ink: Pixels, shape: tuple[int, int]) -> Pixels:
    """Ink (h, w) of 0–1 fitted into a box, its proportions kept, and put with its centre of mass in the middle of
    `shape`.

    As LeCun & Cortes say of MNIST: 20×20 in the middle of 28×28. They moved by whole pixels, so that the box stays
    sharp, and their middle is pixel 14 of 0–27, which their files show. Ink is never pushed over the edge for it.
    """
    made = np.zeros(shape, np.float32)
    rows, columns = (np.flatnonzero(np.max(ink, axis=axis) > FAINT) for axis in (1, 0))
    if not len(rows):
        return made
    box = _boxed(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], shape)
    corner = [_corner(box.sum(1 - axis), shape[axis]) for axis in (0, 1)]
    made[corner[0] : corner[0] + box.shape[0], corner[1] : corner[1] + box.shape[1]] = box
    return made


def _boxed(ink: Pixels, shape: tuple[int, int]) -> Pixels:
    scale = max(1, round(BOX * min(shape))) / max(ink.shape)
    return resized(ink, (max(1, round(scale * ink.shape[0])), max(1, round(scale * ink.shape[1]))))


def _corner(profile: Pixels, side: int) -> int:
    """Where the box starts along one axis, given how much ink (n,) lies along it."""
    middle = float(np.arange(len(profile)) @ profile / profile.sum())
    return int(np.clip(round(side / 2 - middle), 0, side - len(profile)))


def resized(picture: Pixels, shape: tuple[int, int]) -> Pixels:
    """A picture (h, w[, c]) at another size: each new pixel is the mean of what it covers."""
    across = np.tensordot(_shares(picture.shape[1], shape[1]), picture, (1, 1))  # (w', h[, c])
    made: Pixels = np.tensordot(_shares(picture.shape[0], shape[0]), across, (1, 1))
    return made


def _shares(old: int, new: int) -> Pixels:
    """How much (new, old) each of so many old cells counts in each new one; every row sums to 1."""
    edges = np.linspace(0, old, new + 1)[:, None]
    cells = np.arange(old)
    covered = np.minimum(edges[1:], cells + 1) - np.maximum(edges[:-1], cells)
    shares: Pixels = (np.maximum(covered, 0) * (new / old)).astype(np.float32)
    return shares
