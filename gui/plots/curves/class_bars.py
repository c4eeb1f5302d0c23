"""Class bars: the probability of each class, as a bar in the colour of the class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.shell import theme
from gui.widgets.plain_tip import plain_tip

GAP = 3  # pixels between two bars
NARROW = 13  # pixels, the smallest width of a vertical bar
NAMES_WIDTH = 0.55  # the largest fraction of the width that the names of horizontal bars take
OTHERS = "others"

Bar = tuple[str, float, QColor]


class ClassBars(QWidget):
    """Vertical bars if all names fit below them; otherwise as many horizontal bars as fit, the most probable ones."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.classes: tuple[str, ...] = ()
        self.probabilities: NDArray[np.float64] = np.empty(0)

    def show_classes(self, classes: tuple[str, ...], probabilities: NDArray[np.float64]) -> None:
        """Show the probability (k,) of each class."""
        self.classes, self.probabilities = classes, probabilities
        text = ", ".join(f"{name}: {percent(p)}" for name, p, _ in self._all() if p >= 0.005)
        self.setAccessibleDescription(text)
        self.setToolTip(plain_tip(text))
        self.update()

    def _all(self) -> list[Bar]:
        colours = [QColor(theme.classes()[i % len(theme.CLASSES)]) for i in range(len(self.classes))]
        return list(zip(self.classes, self.probabilities.tolist(), colours, strict=True))

    @property
    def upright(self) -> bool:
        """Whether the bars are vertical: all names fit below them."""
        if not self.classes:
            return True
        wide = max(self.fontMetrics().horizontalAdvance(name) for name in self.classes)
        return max(wide, NARROW) + GAP <= self.width() // len(self.classes)

    def bars(self, room: int) -> list[Bar]:
        """Return at most `room` bars in the order of the classes; the last one sums the classes that do not fit."""
        bars = self._all()
        if len(bars) <= room:
            return bars
        probable = sorted(range(len(bars)), key=lambda i: -bars[i][1])[: max(room - 1, 1)]
        rest = 1 - sum(bars[i][1] for i in probable)
        return [bars[i] for i in sorted(probable)] + [(OTHERS, max(rest, 0.0), theme.role_colour("evidence"))]

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(180, 90)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(110, 3 * self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        (self._paint_vertical if self.upright else self._paint_horizontal)(painter)

    def _paint_vertical(self, painter: QPainter) -> None:
        line, descent, bars = self.fontMetrics().height(), self.fontMetrics().descent(), self._all()
        step, room = self.width() / max(1, len(bars)), self.height() - 2 * line
        for i, (name, p, colour) in enumerate(bars):
            left, right = round(i * step), round((i + 1) * step)
            high = round(room * p)
            bar = QRect(left, self.height() - line - high, right - left - GAP, high)
            painter.fillRect(bar, colour)
            painter.setPen(theme.ink())
            under = QRect(left, self.height() - line, right - left - GAP, line)
            painter.drawText(under, Qt.AlignmentFlag.AlignHCenter, name)
            if p >= 0.095:
                text, middle = percent(p), (left + right - GAP) // 2
                wide = self.fontMetrics().horizontalAdvance(text)
                painter.drawText(min(max(middle - wide // 2, 0), self.width() - wide), bar.top() - descent, text)
        painter.setPen(self.palette().placeholderText().color())
        painter.drawLine(0, self.height() - line, self.width() - GAP, self.height() - line)

    def _paint_horizontal(self, painter: QPainter) -> None:
        metrics = self.fontMetrics()
        line = metrics.height() + GAP
        shown = self.bars(max(1, self.height() // line))
        number = metrics.horizontalAdvance("100 %") + 6
        widest = max(metrics.horizontalAdvance(name) for name, _, _ in shown) + 6
        names = min(widest, round(NAMES_WIDTH * self.width()))
        room = max(1, self.width() - names - number)
        for i, (name, p, colour) in enumerate(shown):
            top, wide = i * line, round(room * p)
            painter.fillRect(names, top + GAP, wide, metrics.height() - GAP, colour)
            painter.setPen(theme.ink())
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, names - 6)
            painter.drawText(QRect(0, top, names - 6, line), Qt.AlignmentFlag.AlignRight, text)
            painter.drawText(QRect(names + wide + 4, top, number, line), Qt.AlignmentFlag.AlignLeft, percent(p))


def percent(p: float) -> str:
    """Return a probability in whole percent, with "<1 %" and ">99 %" next to the exact 0 % and 100 %."""
    if 0 < p < 0.005:
        return "<1 %"
    return ">99 %" if 0.995 <= p < 1 else f"{100 * p:.0f} %"
