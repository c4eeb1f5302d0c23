"""The trail of a walk on the plane: its path, the places of its frames, and its waypoints; and an arrow."""

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
