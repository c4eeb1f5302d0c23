"""The targets of an epoch's batches, computed for several batches at once: few large calls take less time than many."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

MOST = 4_000_000  # bytes of float32 targets at once; they stay in the processor's cache


class Batches:
    """The batches of images (n, h, w[, 3]), prepared by a function of each image alone, or as they are."""

    def __init__(self, pixels: NDArray[np.uint8], batch: int, prepare: Callable[[Tensor], Tensor] | None) -> None:
        self.pixels, self.batch, self.prepare = pixels, batch, prepare
        self.several = max(1, MOST // (4 * batch * pixels[0].size))
        self._order, self._first = torch.empty(0), 0
        self._prepared = torch.empty(0)

    def of(self, order: Tensor, number: int) -> Tensor:
        """Return the batch with this number, from 0, of an epoch with this order of the images."""
        first = number - number % self.several
        if order is not self._order or first != self._first:
            chosen = order[first * self.batch : (first + self.several) * self.batch]
            images = torch.from_numpy(self.pixels.take(chosen.numpy(), axis=0))
            self._prepared = self.prepare(images) if self.prepare else images
            self._order, self._first = order, first
        start = (number - first) * self.batch
        return self._prepared[start : start + self.batch]
