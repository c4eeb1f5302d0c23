"""Typeset equations: LaTeX is converted to SVG, which Qt draws."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.shell import theme


@cache
def svg(latex: str, points: float, colour: str) -> bytes:
    """The content of an SVG file, in the subset of SVG that Qt draws. `points` is the font size."""
    # Imported here because the import is slow and most runs of the program show no equation.
    from ziamath.config import config
    from ziamath.zmath import Latex

    config.svg2 = False  # Qt draws SVG Tiny, which does not have <use>
    drawing: str = Latex(latex, size=points, color=colour).svg()
    return drawing.encode()


class Formula(QWidget):
    """A widget with one equation in the text colour."""

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
