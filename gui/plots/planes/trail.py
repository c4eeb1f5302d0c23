"""Layers of the latent plane for the walk and for attribute arithmetic: a path with waypoints, and an arrow."""

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

HEAD, SPREAD = 13, 26.0  # the length of an arrow's barbs in pixels, and their angle in degrees
HALO, WIDTH = 5.0, 2.5  # pixels, the width of a line with and without its halo


class Trail:
    """The layers of the path of a walk, in the colour of the hovered place."""

    def __init__(self) -> None:
        self.path, self.frames = Lines(), Marks("disc", 7)
        self.waypoints = Marks("disc", 17, numbered=True)
        self.layers = (self.path, self.frames, self.waypoints)

    def show_path(self, path: NDArray[np.float64], frames: NDArray[np.float64]) -> None:
        """Show a path (m, 2), and the places (n, 2) of its frames; empty arrays show nothing."""
        self.path.show_outline(path if len(path) > 1 else None)
        self.frames.show_places(frames)

    def show_waypoints(self, places: ArrayLike) -> None:
        """Mark the waypoints (n, 2) with their numbers."""
        self.waypoints.show_places(places)

    def dress(self) -> None:
        """Apply the colours of the theme."""
        colour = theme.role_colour("hovered")
        self.path.dress(pg.mkPen(theme.paper(), width=HALO), pg.mkPen(colour, width=WIDTH))
        self.frames.dress(pg.mkPen(theme.paper(), width=1), colour)
        self.waypoints.dress(pg.mkPen(QColor("black"), width=1), colour)


class Vector:
    """The layers of an attribute vector: its arrow, and the two named means whose difference it is."""

    def __init__(self) -> None:
        self.arrow, self.ends, self.words = Arrow(), Marks("disc", 11), Words(on_paper=True)
        self.layers = (self.ends, self.words, self.arrow)

    def show(self, line: NDArray[np.float64], ends: ArrayLike, names: tuple[str, ...]) -> None:
        """Show the arrow along a line (n, 2), and the places (m, 2) with their names; empty arrays show nothing."""
        self.arrow.show_arrow(line)
        self.ends.show_places(ends)
        self.words.show_words(ends, names, (False,) * len(names))

    def dress(self) -> None:
        """Apply the colours of the theme."""
        self.ends.dress(pg.mkPen(QColor("black"), width=1), QColor("white"))


class Arrow(Layer):
    """A layer with one line (n, 2) and an arrow head of a fixed size in pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.line: NDArray[np.float64] = np.empty((0, 2))

    def show_arrow(self, line: NDArray[np.float64]) -> None:
        """Show the arrow along a line (n, 2); an empty line shows nothing."""
        self.line = line
        self.changed()

    def paint(self, painter: QPainter, transform: QTransform) -> None:
        points = [transform.map(QPointF(*place)) for place in self.line]
        points = [point for point in points if abs(point.x()) < FAR and abs(point.y()) < FAR]
        segments = [QLineF(one, other) for one, other in pairwise(points)]
        if not segments:
            return
        back = QLineF(points[-1], points[-2])
        for turn in (SPREAD, -SPREAD) if back.length() else ():
            barb = QLineF(back)
            barb.setAngle(back.angle() + turn)
            barb.setLength(HEAD)
            segments.append(barb)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, width in ((theme.paper(), HALO + 1), (theme.role_colour("hovered"), WIDTH + 1)):
            painter.setPen(QPen(colour, width))
            painter.drawLines(segments)
