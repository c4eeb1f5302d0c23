"""Axes: a plane on the screen with ticks and labels, zooming and panning, and the layers drawn in it."""

from __future__ import annotations

from html import escape
from math import ceil, floor, log10

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPixmap, QTransform
from PySide6.QtWidgets import QApplication, QFrame, QGraphicsGridLayout

from engine.plane import Viewport
from gui.plots.layer import Layer, is_vector
from gui.plots.spoken import Spoken, spoken
from gui.shell import theme
from gui.widgets.numbers import shown

WIDEST_TICK = "−0.00"
pg.setConfigOptions(antialias=True)


class Axis(pg.AxisItem):
    """An axis with major ticks only, plain numbers, and real minus signs."""

    def __init__(self, side: str, box: pg.ViewBox) -> None:
        super().__init__(side, linkView=box)
        self.enableAutoSIPrefix(False)  # a prefix would lay out the label again with every move

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        return [text.replace("-", "−") for text in super().tickStrings(values, scale, spacing)]

    def labelString(self) -> str:  # noqa: N802
        """The label as HTML, elided if the axis is shorter than the label."""
        length = self.size().width() if self.orientation == "bottom" else self.size().height()
        words = QFontMetrics(self.label.font()).elidedText(self.labelText, Qt.TextElideMode.ElideRight, int(length))
        return f"<span style='{'; '.join(f'{k}: {v}' for k, v in self.labelStyle.items())}'>{escape(words)}</span>"

    def resizeEvent(self, event: object = None) -> None:  # noqa: N802
        self.label.setHtml(self.labelString())
        super().resizeEvent(event)


class Axes(pg.GraphicsView):
    """A plane with axes. Places are in plot units; `pixel_of` and `place_of` convert to and from pixels."""

    spoken: Spoken = {}  # the layers that `summary` describes
    usage = ""  # the actions of the mouse, for screen readers

    viewport_changed = Signal(object)  # the new Viewport, after each change
    navigated = Signal(object)  # the new Viewport after a change by the user; None for "fit"

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
        """Lay out axes and box as pg.PlotItem does, without its controls, which take a third of the start."""
        frame = pg.GraphicsWidget()
        grid = QGraphicsGridLayout(frame)
        grid.setContentsMargins(1, 1, 1, 1)
        grid.setSpacing(0)
        grid.addItem(self.sides["left"], 0, 0)
        grid.addItem(self.box, 0, 1)
        grid.addItem(self.sides["bottom"], 1, 1)
        self.setCentralItem(frame)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """The smallest size at which the plot can be read: the axes with their texts, and a few lines inside."""
        metrics, left = QFontMetrics(QApplication.font()), self.sides["left"]
        line = metrics.height()
        inside = min(max(3 * line, metrics.horizontalAdvance(left.labelText) + 8), 6 * line)
        return QSize(round(left.width()) + 5 * line, round(self.sides["bottom"].height()) + inside)

    def add(self, *layers: Layer) -> None:
        """Add layers above the present ones."""
        for layer in layers:
            layer.canvas = self.viewport()
        self._layers += layers

    def add_below(self, *layers: Layer) -> None:
        """Add layers below the present ones."""
        for layer in layers:
            layer.canvas = self.viewport()
        self._layers = [*layers, *self._layers]

    # The viewport

    @property
    def shown(self) -> Viewport:
        """The viewport on the screen."""
        return self._view

    @property
    def area(self) -> QRect:
        """The rectangle inside the axes, in the widget's pixels."""
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
        """Change the home viewport, and fit. With `stay`, a viewport that the user has chosen does not change."""
        same, self.home = home == self.home, home
        self._make_room()
        if not stay or (self._at_home and not same):
            self.fit()

    def fit(self) -> None:
        """Show at least the home viewport, and more of the plane where the plot has room."""
        self._at_home = True
        size = self._area.size()
        across, up = self.home.right - self.home.left, self.home.top - self.home.bottom
        units = across / size.width(), up / size.height()
        if self._square:
            units = max(units), max(units)
        self._look((self.home.left + self.home.right) / 2, (self.home.bottom + self.home.top) / 2, *units)

    def look_at(self, viewport: Viewport) -> None:
        """Show the middle of `viewport` at its scale, as much of it as fits the size of this plot."""
        self._at_home = False
        self._look(*middle_of(viewport), *units_of(viewport))

    def _look(self, x: float, y: float, across: float, up: float) -> None:
        """Centre the viewport on (x, y) with so many units per pixel, and emit it."""
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
        """Move the viewport by so many units."""
        x, y = middle_of(self._view)
        self._steer(x + across, y + up, *units_of(self._view))

    def zoom(self, factor: float, x: float | None = None, y: float | None = None) -> None:
        """Multiply the extent of the viewport by `factor`; the pixel of (x, y), by default the middle, is fixed."""
        view, middle, (across, up) = self._view, middle_of(self._view), units_of(self._view)
        x, y = middle[0] if x is None else x, middle[1] if y is None else y
        widest = 1e4 * (self.home.right - self.home.left)
        if widest * 1e-10 < (view.right - view.left) * factor < widest:
            self._steer(x + (middle[0] - x) * factor, y + (middle[1] - y) * factor, across * factor, up * factor)

    def go_home(self) -> None:
        """Fit, as an action of the user."""
        self.fit()
        self.navigated.emit(None)

    def pixel_of(self, x: float, y: float) -> QPointF:
        """Return the pixel of the place (x, y), in the widget's coordinates."""
        view, area = self._view, self._area
        across, up = units_of(view)
        return QPointF(area.left() + (x - view.left) / across, area.top() + (view.top - y) / up)

    def summary(self) -> str:
        """What the plot shows at present, in words and numbers."""
        view, (across, up) = self._view, (name.strip() for name in self._names)
        ends = [shown(value, 3) for value in (view.left, view.right, view.bottom, view.top)]
        axes = [f"{across or 'horizontal axis'} from {ends[0]} to {ends[1]}"]
        axes.append(f"{up or 'vertical axis'} from {ends[2]} to {ends[3]}")
        return f"{', '.join(axes)}. {spoken(self, self.spoken)}".strip()

    def place_of(self, pixel: QPointF) -> tuple[float, float]:
        """Return the place (x, y) of a pixel of the widget."""
        view, area = self._view, self._area
        across, up = units_of(view)
        return view.left + (pixel.x() - area.left()) * across, view.top - (pixel.y() - area.top()) * up

    # Painting: pyqtgraph draws the frame with axes and ticks; the layers are drawn inside it

    def _transform(self) -> QTransform:
        """Return the transform from plot units to the widget's pixels."""
        (across, up), area, view = units_of(self._view), self._area, self._view
        scale = QTransform(1 / across, 0, 0, -1 / up, area.left(), area.top())
        return scale.translate(-view.left, -view.top)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self.viewport())
        if is_vector(painter):
            self._paint_vectors(painter)
        else:
            painter.drawPixmap(0, 0, self._frame or self._pixmap_of_frame())
            self._paint_layers(painter)

    def _paint_layers(self, painter: QPainter) -> None:
        """Paint the layers, each with the painter's initial state: a vector file has one painter for all of them."""
        for layer in self._layers:
            painter.save()
            painter.setClipRect(self._area)
            layer.paint(painter, self._transform())
            painter.restore()

    def _pixmap_of_frame(self) -> QPixmap:
        """Paint axes, ticks and labels into a pixmap, which is used until one of them changes."""
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
        """Paint into a vector file. Qt's SVG does not clip, so the margin covers what lies outside the axes."""
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

    # Colours and fonts

    def dress(self) -> None:
        """Apply the colours and fonts of the theme; the window calls this when they change."""
        ink, font = theme.ink(), QApplication.font()
        self.setBackground(theme.paper())
        for axis in self.sides.values():
            axis.setPen(theme.faded(ink, 0.45))
            axis.setTextPen(ink)
            axis.setTickFont(font)
            axis.label.setFont(font)
            axis.setStyle(tickLength=5, tickTextOffset=5, maxTickLevel=0)
            axis.resizeEvent()
        self._make_room()
        self.updateGeometry()
        self._frame = None
        self.restyle()
        self.viewport().update()

    def _make_room(self) -> None:
        """Fix the sizes of the axes by the labels of home: sizes that followed the labels would change the viewport."""
        metrics, side, home = QFontMetrics(QApplication.font()), self.sides["left"], self.home
        spacing = 10.0 ** np.floor(np.log10((home.top - home.bottom) / 4))
        ends = [float(np.round(end / spacing) * spacing) for end in (home.bottom, home.top)]
        widest = max(map(metrics.horizontalAdvance, (WIDEST_TICK, *side.tickStrings(ends, 1.0, spacing))))
        side.setWidth(widest + metrics.height() + 14)
        self.sides["bottom"].setHeight(2 * metrics.height() + 10)

    def restyle(self) -> None:
        """Apply the colours of the theme to the layers of the subclass."""


def rounded(low: float, high: float) -> tuple[float, float]:
    """Return the range widened to round numbers, so that a range that follows a moving quantity changes seldom."""
    step = 10.0 ** floor(log10(max(high - low, 1e-12)))
    step *= 0.5 if (high - low) / step >= 2.5 else 0.2
    return floor(low / step) * step, ceil(high / step) * step


def middle_of(view: Viewport) -> tuple[float, float]:
    """Return the middle (x, y) of a viewport, in plot units."""
    return (view.left + view.right) / 2, (view.bottom + view.top) / 2


def units_of(view: Viewport) -> tuple[float, float]:
    """Return the units per pixel of a viewport, (horizontal, vertical)."""
    return (view.right - view.left) / view.columns, (view.top - view.bottom) / view.rows
