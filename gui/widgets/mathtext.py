"""Typeset mathematics: LaTeX to SVG to the screen."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.shell import theme


@cache
def svg(latex: str, points: float, colour: str) -> bytes:
    """`latex` as an SVG that Qt can draw."""
    # Takes a while to import, and is wanted only when someone asks.
    from ziamath.config import config
    from ziamath.zmath import Latex

    config.svg2 = False  # Qt draws SVG Tiny, which has no <use>
    drawing: str = Latex(latex, size=points, color=colour).svg()
    return drawing.encode()


class Formula(QWidget):
    """One displayed equation in the colour of the text."""

    def __init__(self, latex: str) -> None:
        super().__init__()
        self.latex = latex
        self.setAccessibleName(f"Equation: {latex}")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def _renderer(self) -> QSvgRenderer:
        pixels = self.fontMetrics().height() * 1.25
        return QSvgRenderer(QByteArray(svg(self.latex, pixels, theme.ink().name())))

    def sizeHint(self) -> QSize:  # noqa: N802
        return self._renderer().defaultSize()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        renderer = self._renderer()
        renderer.render(QPainter(self), QRectF(0, 0, *renderer.defaultSize().toTuple()))
