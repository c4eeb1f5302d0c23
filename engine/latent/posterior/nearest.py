"""Nearest images: for pictures, the one of very many images that differs least from each, by exhaustive search."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.gaussian import Array

AT_ONCE = 2**20  # bytes of pixels compared between two looks at whether that is still wanted, about 5 ms


class Search:
    """Of `pixels` (m, …) of 0–255 the nearest to each of the `wanted` (n, …) of 0–1, in ‖a − b‖ over all pixels.

    It goes through them piece by piece, in memory for one piece, and belongs to one thread. Each piece's winner is
    found in single precision and measured in double.
    """

    def __init__(self, pixels: NDArray[np.uint8], wanted: NDArray[np.floating]) -> None:
        self._pixels: NDArray[np.uint8] | None = pixels
        self._wanted = wanted.reshape(len(wanted), -1).astype(np.float32)
        self._whole, self._done = len(pixels), 0
        self.number = np.zeros(len(wanted), np.intp)
        self.squares: Array = np.full(len(wanted), np.inf)

    @property
    def part(self) -> float:
        """How much of it is done, from 0 to 1."""
        return self._done / self._whole if self._whole else 1.0

    @property
    def distance(self) -> Array:
        """‖a − b‖ (n,) to the nearest of those that were looked at so far, whose `number` (n,) is known."""
        return np.asarray(np.sqrt(self.squares))

    def advance(self) -> None:
        """Compare with the next piece."""
        assert self._pixels is not None
        piece = self._pixels[self._done : self._done + max(1, AT_ONCE // max(1, self._pixels[0].nbytes))]
        images = piece.reshape(len(piece), -1).astype(np.float32)
        images /= np.float32(255)
        away = np.einsum("ij,ij->i", images, images) - 2 * (self._wanted @ images.T)  # but for what all share
        best = away.argmin(axis=1)
        squares = np.sum((images[best].astype(float) - self._wanted) ** 2, axis=1)
        nearer = squares < self.squares
        self.squares[nearer], self.number[nearer] = squares[nearer], best[nearer] + self._done
        self._done += len(piece)
        if self._done >= self._whole:
            self._pixels = None  # which may be a gigabyte
