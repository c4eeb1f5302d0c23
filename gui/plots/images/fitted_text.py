"""A line of text below or beside an image: smaller if it is too long, and shortened if it is much too long."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPainter

SMALLEST = 0.75  # of its size that a text keeps which has too little room


def write_fitted(painter: QPainter, at: QPoint, text: str, wide: int) -> None:
    """Write a line of text in `wide` pixels; `at` is the left end of its base line."""
    metrics = painter.fontMetrics()
    needed = metrics.horizontalAdvance(text)
    scale = max(wide / needed, SMALLEST) if needed > wide else 1.0
    painter.save()
    painter.translate(at)
    painter.scale(scale, scale)
    painter.drawText(0, 0, metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(wide / scale) + 1))
    painter.restore()
