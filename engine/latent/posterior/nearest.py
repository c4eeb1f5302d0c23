"""Nearest images: an exhaustive search for the image of a large set that is nearest to each given image."""

from __future__ import annotations

from collections.abc import Generator

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.derived import PENDING, Pending
from engine.gaussian import Array

AT_ONCE = 2**20  # bytes of pixels compared between two yields, about 5 ms


class NearestImages(msgspec.Struct, frozen=True, eq=False):
    """The positions (n,) of the nearest images, and the distances ‖a − b‖ (n,), of pixels from 0 to 1."""

    number: NDArray[np.intp]
    distance: Array


def nearest_images(
    pixels: NDArray[np.uint8], given: NDArray[np.floating]
) -> Generator[NearestImages | Pending, None, None]:
    """Search `pixels` (m, …), 0–255, for the images nearest to the `given` images (n, …), 0–1, and yield the result.

    The search compares one chunk at a time, to bound the memory. The nearest image of each chunk is found in single
    precision, and its distance is computed in double precision.
    """
    flat = given.reshape(len(given), -1).astype(np.float32)
    number, squares = np.zeros(len(flat), np.intp), np.full(len(flat), np.inf)
    chunk = max(1, AT_ONCE // max(1, pixels[:1].nbytes))
    for start in range(0, len(pixels), chunk):
        images = pixels[start : start + chunk].reshape(-1, flat.shape[1]).astype(np.float32)
        images /= np.float32(255)
        # ‖a − b‖² without ‖a‖², which is equal for all images.
        away = np.einsum("ij,ij->i", images, images) - 2 * (flat @ images.T)
        best = away.argmin(axis=1)
        exact = np.sum((images[best].astype(float) - flat) ** 2, axis=1)
        nearer = exact < squares
        squares[nearer], number[nearer] = exact[nearer], best[nearer] + start
        yield PENDING
    yield NearestImages(number, np.asarray(np.sqrt(squares)))
