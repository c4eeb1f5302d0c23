"""Sample lines in the colours of the dots of their weights, which link data space with weight space."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QPainterPath, QPen

from gui.plots.layer import scaling
from gui.plots.lines import Lines, Stroke, path_of

Columns = NDArray[np.float64]
MANY = 12  # more lines than this have one colour: colours that cannot be told apart link nothing
SHADES = ("#1B9E9E", "#8C6BB1", "#5E8C31", "#C2577A", "#4C78A8", "#A9763A")  # of one lightness, between the roles

NO_PATHS = [QPainterPath() for _ in SHADES]


@cache
def sample_colours() -> tuple[QColor, ...]:
    """Return the colours of sample lines and of the dots of their weights, which repeat."""
    return tuple(QColor(shade) for shade in SHADES)


class SampleLines(Lines):
    """A layer of sample lines: few of them in several colours, many in one."""

    def __init__(self) -> None:
        super().__init__()
        self._paths: list[QPainterPath] = []  # of the lines of each colour, if they are few and not straight
        self._own: tuple[QPen, ...] = ()

    def show_lines(self, x: Columns, lines: Columns) -> None:
        """Draw `lines` (m, n), each over x (n,)."""
        super().show_lines(x, lines)
        are_curved = 0 < len(lines) <= MANY and not len(self.straight)
        self._paths = [path_of(x, lines[i :: len(SHADES)]) for i in range(len(SHADES))] if are_curved else NO_PATHS

    def dress_all(self, many: QPen, few: Sequence[QPen]) -> None:
        """Set the pen of many lines, and the pens of few, one for each of the SHADES."""
        self._own = tuple(scaling(pen) for pen in few)
        self.dress(many)

    def _strokes(self, segments: Columns) -> Iterator[Stroke]:
        if len(self.lines) > MANY:
            yield from super()._strokes(segments)
            return
        for i in range(min(len(self.lines), len(SHADES))):
            yield segments[i :: len(SHADES)], self._paths[i], (self._own[i],)
