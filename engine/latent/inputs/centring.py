"""The size and the position of ink in an image, as in MNIST.

Ink is scaled into a box of 20/28 of the shorter side, and the box is moved by whole pixels until its centre of mass is
in the middle of the image. Every test digit of MNIST is reproduced exactly. Images of light are not centred.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]
BOX = 20 / 28  # the side of the box of an MNIST digit, as a fraction of the image's shorter side
STROKE = 30 / 784  # the fraction of the pixels that the middle of a stroke covers
STRONG, FAINTEST = 0.9, 0.2  # of the strongest ink
FAINT = 1e-3  # less ink than this counts as none


def centred(ink: Pixels, shape: tuple[int, int]) -> Pixels:
    """Return ink (h, w) of 0–1, scaled into a box and centred by mass in an image of `shape`, with its proportions
    kept.

    LeCun & Cortes describe MNIST so: 20×20 in the middle of 28×28. Digits were moved by whole pixels, which keeps them
    sharp. Their middle is pixel 14 of 0–27, as the files of MNIST show. Ink is never moved over the edge.
    """
    image = np.zeros(shape, np.float32)
    rows, columns = (np.flatnonzero(np.max(ink, axis=axis) > FAINT) for axis in (1, 0))
    if not len(rows):
        return image
    box = _boxed(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], shape)
    corner = [_corner(box.sum(1 - axis), shape[axis]) for axis in (0, 1)]
    image[corner[0] : corner[0] + box.shape[0], corner[1] : corner[1] + box.shape[1]] = box
    return image


def strengthened(ink: Pixels) -> Pixels:
    """Return ink (h, w) of 0–1 as strong as the strokes of MNIST, because a thin line becomes faint if it is reduced.

    The median of the STROKE strongest pixels is above STRONG in 99 % of all digits of MNIST. Such ink is not changed.
    """
    strongest = np.sort(ink, axis=None)[-max(1, round(STROKE * ink.size)) :]
    median = float(np.median(strongest))
    return ink if median >= STRONG else np.minimum(ink / max(median, FAINTEST), np.float32(1))


def _boxed(ink: Pixels, shape: tuple[int, int]) -> Pixels:
    """Return ink, resized so that its longer side is that of the box."""
    scale = max(1, round(BOX * min(shape))) / max(ink.shape)
    return resized(ink, (max(1, round(scale * ink.shape[0])), max(1, round(scale * ink.shape[1]))))


def _corner(profile: Pixels, side: int) -> int:
    """Return the first row or column of the box along one axis, from the sums of ink (n,) along that axis."""
    middle = float(np.arange(len(profile)) @ profile / profile.sum())
    return int(np.clip(round(side / 2 - middle), 0, side - len(profile)))


def resized(image: Pixels, shape: tuple[int, int]) -> Pixels:
    """Return an image (h, w[, c]) of another size: each new pixel is the mean of the old pixels that it covers."""
    across = np.tensordot(_shares(image.shape[1], shape[1]), image, (1, 1))  # (w', h[, c])
    smaller: Pixels = np.tensordot(_shares(image.shape[0], shape[0]), across, (1, 1))
    return smaller


def _shares(old: int, new: int) -> Pixels:
    """Return the weights (new, old) of old pixels in new ones along one axis; every row sums to 1."""
    edges = np.linspace(0, old, new + 1)[:, None]
    cells = np.arange(old)
    covered = np.minimum(edges[1:], cells + 1) - np.maximum(edges[:-1], cells)
    shares: Pixels = (np.maximum(covered, 0) * (new / old)).astype(np.float32)
    return shares
