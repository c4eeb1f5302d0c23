"""A picture: one decoded image, as large as its panel, with crisp pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.plots.raster import image_of
from gui.shell import theme


class Picture(QWidget):
    """Paints pixels as squares, centred; a sentence while there is nothing to paint."""

    def __init__(self, name: str, empty: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.empty = empty
        self.ink: NDArray[np.uint8] | None = None
        self.role = ""

    def frame(self, role: str) -> None:
        """Put a frame around it in the colour of a role, or none."""
        if role != self.role:
            self.role = role
            self.update()

    def show_ink(self, ink: NDArray[np.uint8] | None) -> None:
        """Show a picture of ink (h, w) or light (h, w, 3), or none."""
        self.ink = ink
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(224, 224)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(84, 84)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.paper())
        if self.ink is None:
            painter.setPen(theme.ink())
            where = self.rect().adjusted(12, 12, -12, -12)
            painter.drawText(where, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.empty)
            return
        h, w = self.ink.shape[:2]
        scale = min(self.width() / w, self.height() / h)
        side = QSize(round(w * scale), round(h * scale))
        where = QRect(self.rect().center() - QRect(0, 0, side.width(), side.height()).center(), side)
        painter.drawImage(where, self.image())
        if self.role:
            painter.setPen(QPen(theme.role_colour(self.role), 2))
            painter.drawRect(where.adjusted(1, 1, -1, -1))

    def image(self) -> QImage:
        """The picture at its own size."""
        assert self.ink is not None
        return image_of(self.ink, theme.ink_map())
