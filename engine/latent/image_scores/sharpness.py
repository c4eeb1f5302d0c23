"""The sharpness of images: edge per ink, and the fraction of grey pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

GREY = (0.1, 0.9)  # values between paper and ink


def edge_per_ink(images: NDArray[np.floating]) -> float:
    """Return the mean length of the gradient divided by the mean ink, of images (n, h, w) from 0 to 1.

    The gradient has the differences to the right and to the lower neighbour, without the last column and row. NaN for
    blank images.
    """
    x = np.asarray(images, np.float32)
    across, down = x[:, :-1, 1:] - x[:, :-1, :-1], x[:, 1:, :-1] - x[:, :-1, :-1]
    edge, ink = np.sqrt(across**2 + down**2).sum(dtype=float), x.sum(dtype=float)
    return float(edge / ink) if ink else float("nan")


def grey_pixels(images: NDArray[np.floating]) -> float:
    """Return the fraction of all pixels of images (n, h, w) whose value is between 0.1 and 0.9."""
    x = np.asarray(images)
    return float(((x > GREY[0]) & (x < GREY[1])).mean())
