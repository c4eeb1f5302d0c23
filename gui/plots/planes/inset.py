"""The inset of a heatmap: the whole plane, small in a corner, with a frame around the part that the plot shows."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen, QTransform

from engine.plane import Heatmap
from gui.plots.layer import Layer
from gui.plots.raster import colour_map, indexed_image
from gui.shell import theme

SHARE, LEAST, MOST = 0.27, 56, 150  # the side of the inset: its share of the plot, and its limits in pixels
AWAY = 6  # pixels from the corner
CLOSE = 0.7  # a plot that shows more than this share of the plane needs no inset
SMALLEST = 5  # pixels; a smaller frame would be a dot


class Inset(Layer):
    """A layer in the top right corner, which is empty while the plot shows most of the plane."""

    def __init__(self) -> None:
        super().__init__()
        self.whole: Heatmap | None = None
        self._image = QImage()

    def show_whole(self, whole: Heatmap | None) -> None:
        """Show a density over the whole plane; None shows nothing."""
        if whole is not self.whole:
            self.whole = whole
            self.recolour()

    def recolour(self) -> None:
        """Draw the same density in the present colours."""
        if self.whole is not None:
            self._image = indexed_image(self.whole.image[::-1], colour_map(theme.colours()))
        self.changed()

    def view(self, transform: QTransform) -> QRectF:
        """Return the part of the plane that the plot shows, in plot units."""
        return transform.inverted()[0].mapRect(QRectF(self.area))

    def is_shown(self, transform: QTransform) -> bool:
        """Return whether there is an inset: the plot shows only a part of the plane, and has room."""
        if self.whole is None or min(self.area.width(), self.area.height()) < 2 * LEAST:
            return False
        plane = self.whole.viewport
        return self.view(transform).width() < CLOSE * (plane.right - plane.left)

    def paint(self, painter: QPainter, transform: QTransform) -> None:
        if not self.is_shown(transform):
            return
        assert self.whole is not None
        plane, view = self.whole.viewport, self.view(transform)
        side = min(max(round(SHARE * min(self.area.width(), self.area.height())), LEAST), MOST)
        box = QRectF(self.area.right() - side - AWAY, self.area.top() + AWAY, side, side)
        painter.drawImage(box, self._image)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.paper(), 3))
        painter.drawRect(box)
        painter.setPen(QPen(theme.ink(), 1))
        painter.drawRect(box)
        scale = side / (plane.right - plane.left)
        middle = QPointF(
            box.left() + (view.center().x() - plane.left) * scale,
            box.top() + (plane.top - view.center().y()) * scale,
        )
        reach = max(view.width() * scale, SMALLEST) / 2
        frame = QRectF(middle.x() - reach, middle.y() - reach, 2 * reach, 2 * reach).intersected(box)
        for colour, width in ((Qt.GlobalColor.black, 3.0), (Qt.GlobalColor.white, 1.5)):
            painter.setPen(QPen(colour, width))
            painter.drawRect(frame)
