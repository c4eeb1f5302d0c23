"""What is travelled on the plane: the trail of a walk, and the arrow of a sum with the two means it comes from."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QLineF, QPointF
from PySide6.QtGui import QColor, QPainter, QPen, QTransform

from gui.plots.layer import FAR, Layer
from gui.plots.lines import Lines
from gui.plots.marks import Marks
from gui.plots.words import Words
from gui.shell import theme

HEAD, SPREAD = 13, 26.0  # length of an arrow's barbs in pixels, their angle in degrees
HALO, WIDTH = 5.0, 2.5  # pixels


class Trail:
    """Layers of a plot, in the colour of what is looked at: a walk is a look that moves."""

    def __init__(self) -> None:
        self.path, self.frames = Lines(), Marks("disc", 7)
        self.waypoints = Marks("disc", 17, numbered=True)
        self.layers = (self.path, self.frames, self.waypoints)

    def show_path(self, path: NDArray[np.float64], frames: NDArray[np.float64]) -> None:
        """Draw a path (m, 2) and the places (n, 2) of the frames on it, or nothing if they are empty."""
        self.path.show_outline(path if len(path) > 1 else None)
        self.frames.show_places(frames)

    def show_waypoints(self, places: ArrayLike) -> None:
        """Number the waypoints (n, 2)."""
        self.waypoints.show_places(places)

    def dress(self) -> None:
        """Take on the colours now in force."""
        colour = theme.role_colour("hovered")
        self.path.dress(pg.mkPen(theme.paper(), width=HALO), pg.mkPen(colour, width=WIDTH))
        self.frames.dress(pg.mkPen(theme.paper(), width=1), colour)
        self.waypoints.dress(pg.mkPen(QColor("black"), width=1), colour)


class Vector:
    """Layers of a plot: an arrow, and the two named places whose difference it is."""

    def __init__(self) -> None:
        self.arrow, self.ends, self.words = Arrow(), Marks("disc", 11), Words()
        self.layers = (self.ends, self.words, self.arrow)

    def show(self, line: NDArray[np.float64], ends: ArrayLike, names: tuple[str, ...]) -> None:
        """Draw the arrow along a line (n, 2), and mark the places (m, 2) with their names; nothing if empty."""
        self.arrow.show_arrow(line)
        self.ends.show_places(ends)
        self.words.show_words(ends, names, (False,) * len(names))

    def dress(self) -> None:
        """Take on the colours now in force."""
        self.ends.dress(pg.mkPen(QColor("black"), width=1), QColor("white"))


class Arrow(Layer):
    """A line (n, 2) with a head of a fixed size on the screen; empty until told."""

    def __init__(self) -> None:
        super().__init__()
        self.line: NDArray[np.float64] = np.empty((0, 2))

    def show_arrow(self, line: NDArray[np.float64]) -> None:
        """Draw it along a line (n, 2), or nothing if that is empty."""
        self.line = line
        self.changed()

    def paint(self, painter: QPainter, transform: QTransform) -> None:
        points = [transform.map(QPointF(*place)) for place in self.line]
        points = [point for point in points if abs(point.x()) < FAR and abs(point.y()) < FAR]
        pieces = [QLineF(one, other) for one, other in pairwise(points)]
        if not pieces:
            return
        back = QLineF(points[-1], points[-2])
        for turn in (SPREAD, -SPREAD) if back.length() else ():
            barb = QLineF(back)
            barb.setAngle(back.angle() + turn)
            barb.setLength(HEAD)
            pieces.append(barb)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, width in ((theme.paper(), HALO + 1), (theme.role_colour("hovered"), WIDTH + 1)):
            painter.setPen(QPen(colour, width))
            painter.drawLines(pieces)
