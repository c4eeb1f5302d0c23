"""The colour bar: the numbers that the colours of an overlay or heatmap stand for."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.ticks import ticks
from gui.plots.raster import Table, indexed_image
from gui.shell import theme
from gui.widgets.numbers import shown

THICK = 12  # pixels
MARGIN = 10


class ColourBar(QWidget):
    """The name of the quantity, its colours, and their numbers below. Hidden until `show_colours`."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.quantity, self.low, self.high = "", 0.0, 1.0
        self._table: Table = ()
        self.hide()

    def show_colours(self, quantity: str, low: float, high: float, table: Table) -> None:
        """Show the colours 0–254 of a table, which stand for values from `low` to `high`."""
        self.show()
        if (self.quantity, self.low, self.high, self._table) == (quantity, low, high, table):
            return
        self.quantity, self.low, self.high, self._table = quantity, low, high, table
        self.setAccessibleDescription(f"{quantity}, from {shown(low, 3)} to {shown(high, 3)}")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(200, 2 * self.fontMetrics().height() + THICK + 10)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter, line = QPainter(self), self.fontMetrics().height()
        painter.setPen(theme.ink())
        width = self.width() - 2 * MARGIN
        name = self.fontMetrics().elidedText(self.quantity, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(MARGIN, 2, width, line), Qt.AlignmentFlag.AlignLeft, name)
        bar = QRectF(MARGIN, line + 4, width, THICK)
        painter.fillRect(bar, theme.paper())
        painter.drawImage(bar, indexed_image(np.arange(255, dtype=np.uint8)[None, :], self._table))
        painter.setPen(theme.faded(theme.ink(), 0.45))
        painter.drawRect(bar)
        for value in ticks(self.low, self.high):
            self._tick(painter, bar, value)

    def _tick(self, painter: QPainter, bar: QRectF, value: float) -> None:
        x, text = bar.left() + bar.width() * (value - self.low) / (self.high - self.low), f"{value:g}".replace("-", "−")
        painter.setPen(theme.ink())
        painter.drawLine(round(x), round(bar.bottom()), round(x), round(bar.bottom()) + 3)
        wide = self.fontMetrics().horizontalAdvance(text) + 2
        left = min(max(x - wide / 2, 0), self.width() - wide)
        below = QRectF(left, bar.bottom() + 3, wide, self.fontMetrics().height())
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, text)
