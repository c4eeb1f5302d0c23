"""The outline of a set of pixels of an image: the edges between pixels inside and outside the set."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF


def outline(mask: NDArray[np.bool_], left: float, top: float, wide: float, high: float) -> list[QLineF]:
    """Return the edges of a mask (h, w) that starts at (left, top) and has pixels of `wide` × `high`."""
    padded = np.pad(mask, 1)
    rows, columns = np.nonzero(padded[1:-1, 1:] != padded[1:-1, :-1])  # vertical edges, at the left of a column
    vertical = [(column, row, column, row + 1) for row, column in zip(rows, columns, strict=True)]
    rows, columns = np.nonzero(padded[1:, 1:-1] != padded[:-1, 1:-1])
    edges = vertical + [(column, row, column + 1, row) for row, column in zip(rows, columns, strict=True)]
    return [QLineF(left + a * wide, top + b * high, left + c * wide, top + d * high) for a, b, c, d in edges]
