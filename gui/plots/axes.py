"""Axes: a plane on the screen with ticks and labels, zooming and panning, and the layers drawn in it."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor, log10

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPixmap, QTransform
from PySide6.QtWidgets import QFrame

from engine.plane import Viewport
from gui.plots.frame import Frame, paint_frame, pixmap_of
from gui.plots.layer import Layer
from gui.plots.spoken import Spoken, spoken
from gui.shell import theme
from gui.widgets.numbers import shown

pg.setConfigOptions(antialias=True)
INSIDE = 2.5  # lines of text, the least height of a plot inside its axes


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
        self.frame = Frame()
        self.box, self.sides = self.frame.box, self.frame.sides
        self.setCentralItem(self.frame)
        self.size_around = self.frame.size_around
        self.home, self._square = home, square
        self._fitting: Callable[[], Viewport] | None = None
        self._at_home, self._view, self._area = True, home, QRectF(0, 0, 1, 1)
        self._region: Viewport | None = None  # of `show_region`, until another viewport is chosen
        self._pixmap: QPixmap | None = None  # of the frame, until one of its parts changes
        self._names = ("", "")
        self._layers: list[Layer] = []
        self.set_axes(axes)
        self.box.sigResized.connect(self._on_resized)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """The smallest size at which the plot can be read: a few lines, and the numbers of its axes."""
        line = QFontMetrics(theme.font()).height()
        return self.frame.least_edges() + QSize(4 * line, round(INSIDE * line))

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

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers, the lowest first."""
        return tuple(self._layers)

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
        self.frame.name(axes)
        self._pixmap = None
        self.viewport().update()

    def set_home(self, home: Viewport, *, stay: bool = False) -> None:
        """Change the home viewport, and fit. With `stay`, a viewport that the user has chosen does not change."""
        same, self.home = home == self.home, home
        self.frame.make_room(self.home)
        if not stay or (self._at_home and not same):
            self.fit()

    def set_fitting(self, fitting: Callable[[], Viewport]) -> None:
        """Set what gives the viewport that “Fit” and the key Home show; the present viewport does not change."""
        self._fitting = fitting

    def fit(self) -> None:
        """Show at least the home viewport, and more of the plane where the plot has room."""
        self._at_home, self._region = True, None
        size = self._area.size()
        across, up = self.home.right - self.home.left, self.home.top - self.home.bottom
        units = across / size.width(), up / size.height()
        if self._square:
            units = max(units), max(units)
        self._look((self.home.left + self.home.right) / 2, (self.home.bottom + self.home.top) / 2, *units)

    def look_at(self, viewport: Viewport) -> None:
        """Show the middle of `viewport` at its scale, as much of it as fits the size of this plot."""
        self._at_home, self._region = False, None
        self._look(*middle_of(viewport), *units_of(viewport))

    def _look(self, x: float, y: float, across: float, up: float) -> None:
        """Centre the viewport on (x, y) with so many units per pixel, and emit it."""
        w, h = self._area.width(), self._area.height()
        view = Viewport(x - across * w / 2, x + across * w / 2, y - up * h / 2, y + up * h / 2, round(w), round(h))
        self._view = view
        self.box.setRange(xRange=(view.left, view.right), yRange=(view.bottom, view.top), padding=0)
        self._pixmap = None
        for layer in self._layers:
            layer.transform, layer.area = self._transform(), self.area
        self.viewport().update()
        self.viewport_changed.emit(view)

    def _on_resized(self) -> None:
        self.frame.take_room(self.height(), self.home)
        area = self.box.mapRectToScene(self.box.rect())  # as the ticks; the bounding rectangle is half a pixel larger
        self._area = QRectF(area.left(), area.top(), max(1, round(area.width())), max(1, round(area.height())))
        if self._at_home:
            self.fit()
        elif self._region is not None:
            self.show_region(self._region)
        else:
            self._look(*middle_of(self._view), *units_of(self._view))

    def show_region(self, region: Viewport) -> None:
        """Show all of `region` in this and each later size of the plot, and more of the plane where it has room."""
        home, self.home = self.home, region
        self.fit()
        self.home, self._at_home, self._region = home, False, region

    @property
    def is_at_home(self) -> bool:
        """Whether the plot shows its home viewport, and not one that the user has chosen."""
        return self._at_home

    def _steer(self, x: float, y: float, across: float, up: float) -> None:
        self._at_home, self._region = False, None
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

    def fit_to_content(self) -> None:
        """Fit to the viewport of `set_fitting`, which becomes home; without one, to home."""
        if self._fitting is not None:
            self.home = self._fitting()
            self.frame.make_room(self.home)
        self.fit()

    def go_home(self) -> None:
        """Fit to what is there, as an action of the user."""
        self.fit_to_content()
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
        if theme.is_printing():
            self._paint_vectors(painter)
            return
        transform, rect = self._transform(), event.rect()
        if not any(layer.covers and layer.covered(transform).contains(rect) for layer in self._layers):
            if self._pixmap is None:
                self._pixmap = pixmap_of(self)
            painter.drawPixmap(0, 0, self._pixmap)
        self._paint_layers(painter, transform, self._area & QRectF(rect))

    def _paint_layers(self, painter: QPainter, transform: QTransform, clip: QRectF) -> None:
        """Paint the layers, each with the painter's initial state: a vector file has one painter for all of them."""
        painter.save()
        painter.setClipRect(clip)
        for layer in self._layers:
            if not layer.is_empty:
                painter.save()
                layer.paint(painter, transform)
                painter.restore()
        painter.restore()

    def _paint_vectors(self, painter: QPainter) -> None:
        """Paint into a vector file. Qt's SVG does not clip, so the margin covers what lies outside the axes."""
        whole, margin = QRectF(self.viewport().rect()), QPainterPath()
        margin.addRect(whole)
        margin.addRect(self._area)
        painter.fillRect(whole, theme.paper())
        self._paint_layers(painter, self._transform(), self._area)
        painter.fillPath(margin, theme.paper())
        paint_frame(self, painter)

    # Colours and fonts

    def dress(self) -> None:
        """Apply the colours and fonts of the theme; the window calls this when they change."""
        self.setBackground(theme.paper())
        self.frame.dress(self.home)
        self.frame.take_room(self.height(), self.home)
        self.updateGeometry()
        self._pixmap = None
        self.restyle()
        self.viewport().update()

    def restyle(self) -> None:
        """Apply the colours of the theme to the layers of the subclass."""


def settle(axes: Axes) -> None:
    """Lay out axes at once, and not when the event loop comes to it."""
    axes.centralWidget.layout().activate()


def rounded(low: float, high: float) -> tuple[float, float]:
    """Return the range widened to round numbers, so that a range that follows a moving quantity changes seldom."""
    step = 10.0 ** floor(log10(max(high - low, 1e-12)))
    step *= 0.5 if (high - low) / step >= 2.5 else 0.2
    return floor(low / step) * step, ceil(high / step) * step


def rounded_to_pixels(view: Viewport, x: float, y: float) -> tuple[float, float]:
    """Return the place (x, y) with the digits that a pixel can tell, so that a field shows no more of them."""
    across, up = (1 - floor(log10(unit)) for unit in units_of(view))
    return round(x, across), round(y, up)


def middle_of(view: Viewport) -> tuple[float, float]:
    """Return the middle (x, y) of a viewport, in plot units."""
    return (view.left + view.right) / 2, (view.bottom + view.top) / 2


def units_of(view: Viewport) -> tuple[float, float]:
    """Return the units per pixel of a viewport, (horizontal, vertical)."""
    return (view.right - view.left) / view.columns, (view.top - view.bottom) / view.rows
