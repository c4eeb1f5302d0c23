"""Sample lines in the colours of the dots of their weights, which link data space with weight space."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from gui.plots.lines import Lines

Columns = NDArray[np.float64]
MANY = 12  # more lines than this have one colour: colours that cannot be told apart link nothing
SHADES = ("#1B9E9E", "#8C6BB1", "#5E8C31", "#C2577A", "#4C78A8", "#A9763A")  # of one lightness, between the roles


@cache
def sample_colours() -> tuple[QColor, ...]:
    """Return the colours of sample lines and of the dots of their weights, which repeat."""
    return tuple(QColor(shade) for shade in SHADES)


class SampleLines:
    """Layers with sample lines: one for each colour, and one for many lines."""

    def __init__(self) -> None:
        self.coloured = [Lines() for _ in SHADES]
        self.many = Lines()
        self.layers = (self.many, *self.coloured)
        self.lines: Columns = np.empty((0, 0))

    def show_lines(self, x: Columns, lines: Columns) -> None:
        """Draw `lines` (m, n), each over x (n,)."""
        self.lines = lines
        are_many = len(lines) > MANY
        self.many.show_lines(x, lines if are_many else lines[:0])
        for i, layer in enumerate(self.coloured):
            layer.show_lines(x, lines[:0] if are_many else lines[i :: len(SHADES)])

    def dress_all(self, colour: QColor) -> None:
        """Set the colour of many lines; few have their own."""
        self.many.dress(pg.mkPen(colour, width=1))
        for layer, own in zip(self.coloured, sample_colours(), strict=True):
            layer.dress(pg.mkPen(own, width=1.4))
