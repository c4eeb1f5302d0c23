"""A film: images in rows, one of which is the present one; a click chooses another."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen

from gui.plots.images.strip import GAP, Strip
from gui.shell import theme
from gui.widgets.controls import frame_focus

WIDE = 3  # pixels, the width of the frame around the present image
KEYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class Film(Strip):
    """A strip with one present image, which has a frame in the colour of the hovered place."""

    chosen = Signal(int)

    def __init__(self, name: str, empty: str, *, side: int = 56) -> None:
        super().__init__(name, empty, numbered=False, side=side)
        self.current = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_current(self, i: int) -> None:
        """Make image `i` the present one."""
        for changed in {self.current, i}:
            self.update(self.square(changed).adjusted(-GAP, -GAP, GAP, GAP))
        self.current = i

    def _choose(self, i: int) -> None:
        if 0 <= i < len(self.ink):
            self.chosen.emit(i)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        at = event.position().toPoint()
        for i in range(len(self.ink)):
            if self.square(i).contains(at):
                self._choose(i)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in KEYS:
            self._choose(self.current + KEYS[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if self.current < len(self.ink):
            painter = QPainter(self)
            pen = QPen(theme.role_colour("hovered"), WIDE)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(self.square(self.current).adjusted(-1, -1, 0, 0))
            painter.end()
        frame_focus(self)
