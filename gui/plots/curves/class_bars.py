"""Class bars: how likely each class is, a bar each in the class's colour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.shell import theme

GAP = 3  # pixels between two bars
NARROW = 13  # pixels of an upright bar at least
SHARE = 0.55  # of the width, at most, that is left to the names of lying bars
OTHERS = "others"

Bar = tuple[str, float, QColor]


class ClassBars(QWidget):
    """Upright bars if the names are short enough to stand below them, otherwise lying ones, the likeliest that fit."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.classes: tuple[str, ...] = ()
        self.probabilities: NDArray[np.float64] = np.empty(0)

    def show_classes(self, classes: tuple[str, ...], probabilities: NDArray[np.float64]) -> None:
        """Show the probability (k,) of each class."""
        self.classes, self.probabilities = classes, probabilities
        said = ", ".join(f"{name}: {percent(p)}" for name, p, _ in self._all() if p >= 0.005)
        self.setAccessibleDescription(said)
        self.setToolTip(said)
        self.update()

    def _all(self) -> list[Bar]:
        colours = [QColor(theme.CLASSES[i % len(theme.CLASSES)]) for i in range(len(self.classes))]
        return list(zip(self.classes, self.probabilities.tolist(), colours, strict=True))

    @property
    def upright(self) -> bool:
        """Whether all names fit below bars side by side."""
        if not self.classes:
            return True
        wide = max(self.fontMetrics().horizontalAdvance(name) for name in self.classes)
        return max(wide, NARROW) + GAP <= self.width() // len(self.classes)

    def bars(self, room: int) -> list[Bar]:
        """At most `room`, in the classes' order; those that are left out go together."""
        every = self._all()
        if len(every) <= room:
            return every
        likely = sorted(range(len(every)), key=lambda i: -every[i][1])[: max(room - 1, 1)]
        rest = 1 - sum(every[i][1] for i in likely)
        return [every[i] for i in sorted(likely)] + [(OTHERS, max(rest, 0.0), theme.role_colour("evidence"))]

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(180, 90)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(110, 3 * self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        (self._paint_upright if self.upright else self._paint_lying)(painter)

    def _paint_upright(self, painter: QPainter) -> None:
        line, descent, every = self.fontMetrics().height(), self.fontMetrics().descent(), self._all()
        step, room = self.width() / max(1, len(every)), self.height() - 2 * line
        for i, (name, p, colour) in enumerate(every):
            left, right = round(i * step), round((i + 1) * step)
            high = round(room * p)
            bar = QRect(left, self.height() - line - high, right - left - GAP, high)
            painter.fillRect(bar, colour)
            painter.setPen(theme.ink())
            under = QRect(left, self.height() - line, right - left - GAP, line)
            painter.drawText(under, Qt.AlignmentFlag.AlignHCenter, name)
            if p >= 0.095:
                said, middle = percent(p), (left + right - GAP) // 2
                wide = self.fontMetrics().horizontalAdvance(said)
                painter.drawText(min(max(middle - wide // 2, 0), self.width() - wide), bar.top() - descent, said)
        painter.setPen(self.palette().placeholderText().color())
        painter.drawLine(0, self.height() - line, self.width() - GAP, self.height() - line)

    def _paint_lying(self, painter: QPainter) -> None:
        metrics = self.fontMetrics()
        line = metrics.height() + GAP
        shown = self.bars(max(1, self.height() // line))
        number = metrics.horizontalAdvance("100 %") + 6
        names = min(max(metrics.horizontalAdvance(name) for name, _, _ in shown) + 6, round(SHARE * self.width()))
        room = max(1, self.width() - names - number)
        for i, (name, p, colour) in enumerate(shown):
            top, wide = i * line, round(room * p)
            painter.fillRect(names, top + GAP, wide, metrics.height() - GAP, colour)
            painter.setPen(theme.ink())
            said = metrics.elidedText(name, Qt.TextElideMode.ElideRight, names - 6)
            painter.drawText(QRect(0, top, names - 6, line), Qt.AlignmentFlag.AlignRight, said)
            painter.drawText(QRect(names + wide + 4, top, number, line), Qt.AlignmentFlag.AlignLeft, percent(p))


def percent(p: float) -> str:
    """A probability in whole percent, never 0 or 100 for what is less."""
    if 0 < p < 0.005:
        return "<1 %"
    return ">99 %" if 0.995 <= p < 1 else f"{100 * p:.0f} %"
