"""Axes: a plane on the screen, with its ticks and labels, its zooming and panning, and the layers drawn in it."""

from __future__ import annotations

from math import ceil, floor, log10

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPixmap, QTransform
from PySide6.QtWidgets import QApplication, QFrame, QGraphicsGridLayout

from engine.plane import Viewport
from gui.plots.layer import Layer, is_vector
from gui.shell import theme

WIDEST_TICK = "−0.00"
pg.setConfigOptions(antialias=True)


class Axis(pg.AxisItem):
    """An axis with major ticks alone, plain numbers, and real minus signs."""

    def __init__(self, side: str, box: pg.ViewBox) -> None:
        super().__init__(side, linkView=box)
        self.enableAutoSIPrefix(False)  # which would write the label anew with every move

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        return [text.replace("-", "−") for text in super().tickStrings(values, scale, spacing)]


class Axes(pg.GraphicsView):
    """A plane with axes. Positions are in its units; `pixel_of` and `place_of` translate."""

    viewport_changed = Signal(object)  # the Viewport on the screen, whenever it changes
    navigated = Signal(object)  # the same when the user changed it; None for "fit"

    def __init__(self, name: str, axes: tuple[str, str], home: Viewport, *, square: bool) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.box = pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0)
        self.sides = {side: Axis(side, self.box) for side in ("bottom", "left")}
        self._lay_out()
        self.home, self._square = home, square
        self._at_home, self._view, self._area = True, home, QRectF(0, 0, 1, 1)
        self._frame: QPixmap | None = None
        self._names = ("", "")
        self._layers: list[Layer] = []
        self.set_axes(axes)
        self.box.sigResized.connect(self._on_resized)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def _lay_out(self) -> None:
        """What pg.PlotItem would do, without the controls that come with one: they take a third of the start."""
        frame = pg.GraphicsWidget()
        grid = QGraphicsGridLayout(frame)
        grid.setContentsMargins(1, 1, 1, 1)
        grid.setSpacing(0)
        grid.addItem(self.sides["left"], 0, 0)
        grid.addItem(self.box, 0, 1)
        grid.addItem(self.sides["bottom"], 1, 1)
        self.setCentralItem(frame)

    def add(self, *layers: Layer) -> None:
        """Lay layers over those that are there."""
        for layer in layers:
            layer.canvas = self.viewport()
        self._layers += layers

    def add_below(self, *layers: Layer) -> None:
        """Lay layers under those that are there."""
        for layer in layers:
            layer.canvas = self.viewport()
        self._layers = [*layers, *self._layers]

    # What is on the screen

    @property
    def shown(self) -> Viewport:
        """What is on the screen."""
        return self._view

    @property
    def area(self) -> QRect:
        """What is inside the axes, in the widget's pixels."""
        return self._area.toRect()

    def set_axes(self, axes: tuple[str, str]) -> None:
        """Name the horizontal and the vertical axis."""
        if axes == self._names:
            return
        self._names = axes
        for side, label in zip(("bottom", "left"), axes, strict=True):
            self.sides[side].setLabel(label)
        self._frame = None
        self.viewport().update()

    def set_home(self, home: Viewport, *, stay: bool = False) -> None:
        """Change what `fit` shows, and fit; with `stay`, not if the user looks elsewhere."""
        same, self.home = home == self.home, home
        self._make_room()
        if not stay or (self._at_home and not same):
            self.fit()

    def fit(self) -> None:
        """Show at least the home viewport, and more where the panel's shape leaves room."""
        self._at_home = True
        size = self._area.size()
        across, up = self.home.right - self.home.left, self.home.top - self.home.bottom
        units = across / size.width(), up / size.height()
        if self._square:
            units = max(units), max(units)
        self._look((self.home.left + self.home.right) / 2, (self.home.bottom + self.home.top) / 2, *units)

    def look_at(self, viewport: Viewport) -> None:
        """Show the middle of `viewport` at its scale, as much of it as this panel's size holds."""
        self._at_home = False
        self._look(*middle_of(viewport), *units_of(viewport))

    def _look(self, x: float, y: float, across: float, up: float) -> None:
        """Centre on (x, y) with so many units to a pixel, and say so."""
        w, h = self._area.width(), self._area.height()
        view = Viewport(x - across * w / 2, x + across * w / 2, y - up * h / 2, y + up * h / 2, round(w), round(h))
        self._view = view
        self.box.setRange(xRange=(view.left, view.right), yRange=(view.bottom, view.top), padding=0)
        self._frame = None
        for layer in self._layers:
            layer.transform, layer.area = self._transform(), self.area
        self.viewport().update()
        self.viewport_changed.emit(view)

    def _on_resized(self) -> None:
        area = self.box.mapRectToScene(self.box.boundingRect())
        self._area = QRectF(area.left(), area.top(), max(1, round(area.width())), max(1, round(area.height())))
        if self._at_home:
            self.fit()
        else:
            self._look(*middle_of(self._view), *units_of(self._view))

    def _steer(self, x: float, y: float, across: float, up: float) -> None:
        self._at_home = False
        self._look(x, y, across, up)
        self.navigated.emit(self._view)

    def _pan(self, across: float, up: float) -> None:
        """Move what is shown by so many units."""
        x, y = middle_of(self._view)
        self._steer(x + across, y + up, *units_of(self._view))

    def zoom(self, factor: float, x: float | None = None, y: float | None = None) -> None:
        """Show `factor` times as much, keeping (x, y) (else the middle) where it is."""
        view, middle, (across, up) = self._view, middle_of(self._view), units_of(self._view)
        x, y = middle[0] if x is None else x, middle[1] if y is None else y
        widest = 1e4 * (self.home.right - self.home.left)
        if widest * 1e-10 < (view.right - view.left) * factor < widest:
            self._steer(x + (middle[0] - x) * factor, y + (middle[1] - y) * factor, across * factor, up * factor)

    def go_home(self) -> None:
        """Fit, because the user asked for it."""
        self.fit()
        self.navigated.emit(None)

    def pixel_of(self, x: float, y: float) -> QPointF:
        """Where (x, y) is, in the widget's pixels."""
        view, area = self._view, self._area
        across, up = units_of(view)
        return QPointF(area.left() + (x - view.left) / across, area.top() + (view.top - y) / up)

    def place_of(self, pixel: QPointF) -> tuple[float, float]:
        """What is at a pixel of the widget."""
        view, area = self._view, self._area
        across, up = units_of(view)
        return view.left + (pixel.x() - area.left()) * across, view.top - (pixel.y() - area.top()) * up

    # Painting: pyqtgraph draws the frame, with its axes and their ticks, and we draw what is in it

    def _transform(self) -> QTransform:
        """From the plot's units to the widget's pixels."""
        (across, up), area, view = units_of(self._view), self._area, self._view
        made = QTransform(1 / across, 0, 0, -1 / up, area.left(), area.top())
        return made.translate(-view.left, -view.top)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self.viewport())
        if is_vector(painter):
            self._paint_vectors(painter)
        else:
            painter.drawPixmap(0, 0, self._frame or self._picture_of_frame())
            self._paint_layers(painter)

    def _paint_layers(self, painter: QPainter) -> None:
        """A vector file has one painter for all: what a layer leaves on it would dress whatever comes after."""
        for layer in self._layers:
            painter.save()
            painter.setClipRect(self._area)
            layer.paint(painter, self._transform())
            painter.restore()

    def _picture_of_frame(self) -> QPixmap:
        """Kept until something about it changes."""
        ratio = self.devicePixelRatioF()
        self._frame = QPixmap(self.viewport().size() * ratio)
        self._frame.setDevicePixelRatio(ratio)
        self._frame.fill(theme.paper())
        painter = QPainter(self._frame)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_axes(painter)
        painter.end()
        return self._frame

    def _paint_vectors(self, painter: QPainter) -> None:
        """Qt's SVG does not clip, so the margin comes after the layers and covers what sticks out of the frame."""
        whole, margin = QRectF(self.viewport().rect()), QPainterPath()
        margin.addRect(whole)
        margin.addRect(self._area)
        painter.fillRect(whole, theme.paper())
        self._paint_layers(painter)
        painter.fillPath(margin, theme.paper())
        self._paint_axes(painter)

    def _paint_axes(self, painter: QPainter) -> None:
        whole = QRectF(self.viewport().rect())
        self.scene().render(painter, whole, whole)

    # The look

    def dress(self) -> None:
        """Take on the colours and fonts now in force; the window calls this when they change."""
        ink, font = theme.ink(), QApplication.font()
        self.setBackground(theme.paper())
        for axis in self.sides.values():
            axis.setPen(theme.faded(ink, 0.45))
            axis.setTextPen(ink)
            axis.setTickFont(font)
            axis.label.setFont(font)
            axis.setStyle(tickLength=5, tickTextOffset=5, maxTickLevel=0)
        self._make_room()
        self._frame = None
        self.restyle()
        self.viewport().update()

    def _make_room(self) -> None:
        """For the labels of home, and fixed: an axis that grew with its labels would change what fits, and so them."""
        metrics, side, home = QFontMetrics(QApplication.font()), self.sides["left"], self.home
        spacing = 10.0 ** np.floor(np.log10((home.top - home.bottom) / 4))
        ends = [float(np.round(end / spacing) * spacing) for end in (home.bottom, home.top)]
        widest = max(map(metrics.horizontalAdvance, (WIDEST_TICK, *side.tickStrings(ends, 1.0, spacing))))
        side.setWidth(widest + metrics.height() + 14)
        self.sides["bottom"].setHeight(2 * metrics.height() + 10)

    def restyle(self) -> None:
        """Dress what the subclass draws in the colours now in force."""


def rounded(low: float, high: float) -> tuple[float, float]:
    """The same, outwards to round numbers: a range that follows a moving quantity then moves, and is drawn, seldom."""
    step = 10.0 ** floor(log10(max(high - low, 1e-12)))
    step *= 0.5 if (high - low) / step >= 2.5 else 0.2
    return floor(low / step) * step, ceil(high / step) * step


def middle_of(view: Viewport) -> tuple[float, float]:
    """(x, y)."""
    return (view.left + view.right) / 2, (view.bottom + view.top) / 2


def units_of(view: Viewport) -> tuple[float, float]:
    """Units per pixel."""
    return (view.right - view.left) / view.columns, (view.top - view.bottom) / view.rows
