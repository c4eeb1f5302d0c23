"""Nearest images: for pictures, the one of very many images that differs least from each, by exhaustive search."""

from __future__ import annotations

from collections.abc import Generator

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.derived import PENDING, Pending
from engine.gaussian import Array

AT_ONCE = 2**20  # bytes of pixels compared between two yields, about 5 ms


class NearestImages(msgspec.Struct, frozen=True, eq=False):
    """The position (n,) of the nearest image for each picture, and its distance ‖a − b‖ (n,) over all pixels."""

    number: NDArray[np.intp]
    distance: Array


def nearest_images(
    pixels: NDArray[np.uint8], pictures: NDArray[np.floating]
) -> Generator[NearestImages | Pending, None, None]:
    """Yield, after a search through `pixels` (m, …) of 0–255, the images nearest to `pictures` (n, …) of 0–1.

    The search compares chunk by chunk, to bound the memory. The nearest image of each chunk is found in single
    precision, and its distance is computed in double precision.
    """
    flat = pictures.reshape(len(pictures), -1).astype(np.float32)
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
