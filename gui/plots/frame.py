"""The frame of a plot: the axes with ticks and labels, drawn by pyqtgraph, around the box of the layers."""

from __future__ import annotations

from html import escape

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPixmap
from PySide6.QtWidgets import QGraphicsGridLayout

from engine.plane import Viewport
from gui.shell import theme

WIDEST_TICK = "−0.00"
SPARSE = 0.65  # of an axis; at a larger distance of the ticks fewer than two would be left
LOW = 6.5  # lines of text; a lower plot has no label below its horizontal axis


class Axis(pg.AxisItem):
    """An axis with major ticks only, plain numbers, and real minus signs."""

    def __init__(self, side: str, box: pg.ViewBox) -> None:
        super().__init__(side, linkView=box)
        self.enableAutoSIPrefix(False)  # a prefix would lay out the label again with every move

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        return [text.replace("-", "−") for text in super().tickStrings(values, scale, spacing)]

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:  # noqa: N802
        """The distances of the ticks and their offsets; larger than pyqtgraph's where the numbers would overlap."""
        levels: list[tuple[float, float]] = super().tickSpacing(low, high, size)
        is_fixed = self._tickSpacing is not None
        if is_fixed or not levels or size <= 0 or not np.isfinite(high - low):  # no size yet, or no viewport
            return levels
        metrics, (spacing, offset) = QFontMetrics(self.style["tickFont"] or theme.font()), levels[0]
        room = metrics.height()
        if self.orientation == "bottom":
            ends = self.tickStrings([low // spacing * spacing, high // spacing * spacing], 1.0, spacing)
            room = max(map(metrics.horizontalAdvance, ends)) + metrics.horizontalAdvance("0") // 2
        least = room * (high - low) / size
        if least <= spacing or (wider := _round_up(least)) > SPARSE * (high - low):
            return levels
        return [(wider, offset), *levels[1:]]

    def labelString(self) -> str:  # noqa: N802
        """The label as HTML, elided if the axis is shorter than the label."""
        length = self.size().width() if self.orientation == "bottom" else self.size().height()
        words = QFontMetrics(self.label.font()).elidedText(self.labelText, Qt.TextElideMode.ElideRight, int(length))
        return f"<span style='{'; '.join(f'{k}: {v}' for k, v in self.labelStyle.items())}'>{escape(words)}</span>"

    def resizeEvent(self, event: object = None) -> None:  # noqa: N802
        self.label.setHtml(self.labelString())
        super().resizeEvent(event)


class Frame(pg.GraphicsWidget):
    """The axes `sides` and the `box`, laid out as pg.PlotItem does, without its controls: a third of the start."""

    def __init__(self) -> None:
        super().__init__()
        self.is_low = False  # whether the plot is too low for the label of the horizontal axis
        self.is_tight = False  # whether there is room for the labels of home only, because the viewport is fixed
        self.box = pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0)
        self.sides = {side: Axis(side, self.box) for side in ("bottom", "left")}
        self.grid = QGraphicsGridLayout(self)
        self.grid.setContentsMargins(1, 1, 1, 1)
        self.grid.setSpacing(0)
        self.grid.addItem(self.sides["left"], 0, 0)
        self.grid.addItem(self.box, 0, 1)
        self.grid.addItem(self.sides["bottom"], 1, 1)

    def name(self, axes: tuple[str, str]) -> None:
        """Name the horizontal and the vertical axis."""
        for side, label in zip(("bottom", "left"), axes, strict=True):
            self.sides[side].setLabel(label)

    def make_room(self, home: Viewport) -> None:
        """Fix the sizes of the axes by the labels of home: sizes that followed the labels would change the viewport."""
        metrics, side = QFontMetrics(theme.font()), self.sides["left"]
        self.sides["bottom"].showLabel(not self.is_low)
        if self.is_tight:
            self._make_tight(home, metrics)
            return
        spacing = 10.0 ** np.floor(np.log10((home.top - home.bottom) / 4))
        ends = [float(np.round(end / spacing) * spacing) for end in (home.bottom, home.top)]
        ticks = side.tickStrings(ends, 1.0, spacing)
        widest = max(map(metrics.horizontalAdvance, (WIDEST_TICK, *ticks)))
        side.setWidth(widest + metrics.height() + 14)
        self.sides["bottom"].setHeight((1 if self.is_low else 2) * metrics.height() + 10)

    def least_edges(self) -> QSize:
        """The width of the left axis, and the height of the lower one without its label, in pixels."""
        return QSize(round(self.sides["left"].width()), QFontMetrics(theme.font()).height() + 10)

    def size_around(self, inside: QSize) -> QSize:
        """Return the least size of the plot with room for `inside` between its axes, in pixels."""
        size, line = inside + self.least_edges(), QFontMetrics(theme.font()).height()
        return size if size.height() < LOW * line else size + QSize(0, line)

    def take_room(self, height: int, home: Viewport) -> None:
        """Leave out the label of the horizontal axis in a low plot, where it would take the room of the plot."""
        is_low = height < LOW * QFontMetrics(theme.font()).height() and not theme.is_printing()
        if is_low != self.is_low:
            self.is_low = is_low
            self.make_room(home)

    def _make_tight(self, home: Viewport, metrics: QFontMetrics) -> None:
        """Have two to five ticks on each axis, and room for their labels alone."""
        left, bottom = self.sides["left"], self.sides["bottom"]
        for axis, low, high in ((left, home.bottom, home.top), (bottom, home.left, home.right)):
            spacing = _round_number(1.001 * (high - low) / 2)
            axis.setTickSpacing(spacing, spacing)
            axis.setStyle(hideOverlappingLabels=False)  # else the labels at both ends of an axis are hidden
            if axis is left:
                ticks = axis.tickStrings([spacing * np.ceil(low / spacing), spacing], 1.0, spacing)
                axis.setWidth(max(map(metrics.horizontalAdvance, ticks)) + metrics.height() + 10)
        bottom.setHeight((1 if self.is_low else 2) * metrics.height() + 7)

    def dress(self, home: Viewport) -> None:
        """Apply the colours and fonts of the theme, with room for the labels of home."""
        ink, font = theme.ink(), theme.font()
        for axis in self.sides.values():
            axis.setPen(theme.faded(ink, 0.45))
            axis.setTextPen(ink)
            axis.setTickFont(font)
            axis.label.setFont(font)
            axis.setStyle(tickLength=5, tickTextOffset=5, maxTickLevel=0, hideOverlappingLabels=True)
            axis.resizeEvent()
        self.make_room(home)
        if theme.is_printing():  # room for the halves of the ticks at the ends
            high = QFontMetrics(font).height() // 2
            self.grid.setContentsMargins(1, high, high, 1)


def _round_number(most: float) -> float:
    """Return the greatest number 1, 2 or 5 times a power of ten that is not greater than `most`."""
    power = 10.0 ** np.floor(np.log10(most))
    return float(max(times * power for times in (1, 2, 5) if times * power <= most))


def _round_up(least: float) -> float:
    """Return the least number 1, 2 or 5 times a power of ten that is not smaller than `least`."""
    power = 10.0 ** np.floor(np.log10(least))
    return float(min(times * power for times in (1, 2, 5, 10) if times * power >= least))


def paint_frame(view: pg.GraphicsView, painter: QPainter) -> None:
    """Paint the axes, ticks and labels of a view."""
    whole = QRectF(view.viewport().rect())
    view.scene().render(painter, whole, whole)


def pixmap_of(view: pg.GraphicsView) -> QPixmap:
    """Return axes, ticks and labels of a view as a pixmap on paper."""
    ratio = view.devicePixelRatioF()
    pixmap = QPixmap(view.viewport().size() * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(theme.paper())
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_frame(view, painter)
    painter.end()
    return pixmap
