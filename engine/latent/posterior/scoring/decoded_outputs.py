"""Decoded outputs: the decoder's outputs at many latents, in columns that are added as latents are decoded."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

SLAB = 2**20  # outputs in one piece of memory, 2 MB in half precision; it is read as a whole, which is fast
TILE = 2**20  # outputs scored at a time, so that they stay in the processor's cache


class DecodedOutputs:
    """At most `most` columns of outputs (pixels, n), stored pixel by pixel.

    They are in slabs, so that no column moves when others are added.
    """

    def __init__(self, pixels: int, most: int, dtype: torch.dtype) -> None:
        self.pixels, self.dtype, self._most = pixels, dtype, most
        self._wide = min(max(64, SLAB // pixels), most)
        self._slabs: list[Tensor] = []

    @property
    def nbytes(self) -> int:
        """The memory of all slabs, in bytes."""
        return sum(slab.nbytes for slab in self._slabs)

    def grow(self, count: int) -> None:
        """Make room for the first `count` columns."""
        while (start := len(self._slabs) * self._wide) < count:
            columns = min(self._wide, self._most - start)
            self._slabs.append(torch.empty((self.pixels, columns), dtype=self.dtype))

    def cut(self, count: int) -> None:
        """Drop the slabs after the first `count` columns."""
        del self._slabs[-(-count // self._wide) :]

    def put(self, start: int, columns: Tensor) -> None:
        """Store columns (pixels, k) from the position `start`. Threads may store different columns at a time."""
        for tile, slab in self.tiles(start, start + columns.shape[1], self._wide):
            slab.copy_(columns[:, tile.start - start : tile.stop - start])

    def tiles(self, start: int, end: int, width: int) -> Iterator[tuple[slice, Tensor]]:
        """Yield the columns from `start` to `end` in tiles of at most `width`: their positions and their outputs."""
        while start < end:
            slab, inside = divmod(start, self._wide)
            stop = min(start + width, end, (slab + 1) * self._wide)
            yield slice(start, stop), self._slabs[slab][:, inside : inside + stop - start]
            start = stop

    def at(self, columns: Tensor) -> Tensor:
        """The outputs (pixels, k) of columns (k,) in any order. Columns beside each other are read much faster."""
        found = torch.empty((self.pixels, len(columns)), dtype=self.dtype)
        first = int(columns[0]) if len(columns) else 0
        if bool((columns == torch.arange(first, first + len(columns))).all()):
            for tile, outputs in self.tiles(first, first + len(columns), len(columns)):
                found[:, tile.start - first : tile.stop - first] = outputs
            return found
        slabs = columns // self._wide
        for i, slab in enumerate(self._slabs):
            own = (slabs == i).nonzero().flatten()
            found[:, own] = slab[:, columns[own] - i * self._wide]
        return found


def tile_width(pixels: int) -> int:
    """The number of columns in a tile of about TILE outputs."""
    return max(64, TILE // max(1, pixels))
