"""The outline of some pixels of a picture: the edges between those that belong to them and those that do not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF


def outline(mask: NDArray[np.bool_], left: float, top: float, wide: float, high: float) -> list[QLineF]:
    """Around the pixels of a mask (h, w) that is drawn from (left, top), each `wide` × `high`."""
    padded = np.pad(mask, 1)
    rows, columns = np.nonzero(padded[1:-1, 1:] != padded[1:-1, :-1])  # upright edges, to the left of a column
    across = [(column, row, column, row + 1) for row, column in zip(rows, columns, strict=True)]
    rows, columns = np.nonzero(padded[1:, 1:-1] != padded[:-1, 1:-1])
    along = [(column, row, column + 1, row) for row, column in zip(rows, columns, strict=True)]
    return [QLineF(left + a * wide, top + b * high, left + c * wide, top + d * high) for a, b, c, d in across + along]
