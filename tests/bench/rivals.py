"""What a click in data space is measured against: the same four panels by matplotlib, by hand, and as bare images."""

import time

import numpy as np
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QEvent, QLineF, QObject, Qt
from PySide6.QtGui import QImage, QPainter, QPen
from PySide6.QtWidgets import QApplication, QWidget

from engine.derived import resolve
from engine.regression.data_space import HOME, curves
from engine.regression.document import Regression
from engine.regression.weight_space import HOME as WEIGHTS
from engine.regression.weight_space import weight_planes
from gui.plots.raster import colour_map, indexed_image

CLICKS = 60
WANTED = {weight_planes: WEIGHTS, curves: HOME}


class Painted(QObject):
    """Notes when each of some widgets was last told to paint."""

    def __init__(self, widgets):
        super().__init__()
        self.times = dict.fromkeys(widgets, 0.0)
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched, event):  # noqa: N802
        if event.type() == QEvent.Type.Paint:
            self.times[watched] = time.perf_counter()
        return False

    def since(self, moment):
        """Whether all of them have been."""
        return min(self.times.values()) > moment


def place(i):
    """Where the i-th click goes: never within reach of an earlier point."""
    return 2.2 * i / (CLICKS - 1) - 1.1, (-0.7, -0.2, 0.3, 0.8)[i % 4]


class Bare(QWidget):
    """A widget that paints one image and nothing else."""

    image = QImage()

    def paintEvent(self, event):  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self.rect(), self.image)
        painter.end()


class Copied(Bare):
    """The same for an image whose pixels are those of the screen, which need not be scaled."""

    def paintEvent(self, event):  # noqa: N802
        painter = QPainter(self)
        painter.drawImage(0, 0, self.image)
        painter.end()


def shown(kind, sizes):
    """Make and show a widget of each size."""
    widgets = [kind() for _ in sizes]
    for widget, size in zip(widgets, sizes, strict=True):
        widget.resize(*size)
        widget.show()
    return widgets


class BareImages:
    """Four plain QImages of the same sizes, made from ready pixels and painted."""

    def __init__(self, sizes):
        self.pixels = weight_planes(Regression(), WEIGHTS).posterior.heatmap.image
        self.widgets = shown(Bare, sizes)
        self.painted_since = Painted(self.widgets).since

    def begin(self):
        """Nothing changes."""

    def click(self, _):
        for widget in self.widgets:
            widget.image = indexed_image(self.pixels, colour_map("viridis"))
            widget.update()


class ByHand:
    """What a click changes, computed by the same engine, painted by hand into four QImages: no axes and no words.

    This is the floor for a program that shows these values: nothing is kept apart, no thread is asked, and there is
    no undo.
    """

    def __init__(self, sizes):
        self.widgets = shown(Copied, sizes)
        self.painted_since = Painted(self.widgets).since
        self.begin()

    def begin(self):
        self.document = Regression().observe(0.0, 0.0)

    def click(self, i):
        self.document = self.document.observe(*place(i))
        scene = resolve(self.document, WANTED)
        planes = scene.get(weight_planes)
        for widget, plane in zip(self.widgets, (planes.prior, planes.likelihood, planes.posterior), strict=False):
            widget.image = heatmap_by_hand(plane)
        widget = self.widgets[-1]
        widget.image = curves_by_hand(scene.get(curves), self.document.observations.places, widget.size())
        for widget in self.widgets:
            widget.update()


def heatmap_by_hand(plane):
    """Return a QImage of a density in colours, with its outline."""
    colours = np.take(np.array(colour_map("viridis"), np.uint32), plane.heatmap.image[::-1])
    h, w = colours.shape
    image = QImage(colours.data, w, h, 4 * w, QImage.Format.Format_RGB32).copy()
    if plane.outline is not None:
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        corners = pixels_of(np.asarray(plane.outline), WEIGHTS, image.size()).toList()
        for colour, width in ((Qt.GlobalColor.black, 3.0), (Qt.GlobalColor.white, 1.5)):
            painter.setPen(QPen(colour, width))
            painter.drawLines(segments(corners, corners[1:]))
        painter.end()
    return image


def curves_by_hand(lines, observations, size):
    """Return a QImage of data space: the band, the sample lines, the truth, the mean and the observations."""
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    low, high = lines.band
    edge = np.column_stack([np.r_[lines.x, lines.x[::-1]], np.r_[low, high[::-1]]])
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(Qt.GlobalColor.lightGray)
    painter.drawPolygon(pixels_of(edge, HOME, size))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(Qt.GlobalColor.darkGreen, 1.5))
    drawn = np.array([*lines.samples, lines.truth, lines.mean])
    starts, ends = (np.column_stack([np.full(len(drawn), lines.x[i]), drawn[:, i]]) for i in (0, -1))
    painter.drawLines(segments(*(pixels_of(places, HOME, size).toList() for places in (starts, ends))))
    for at in pixels_of(observations, HOME, size).toList():
        painter.drawEllipse(at, 4.0, 4.0)
    painter.end()
    return image


def segments(starts, ends):
    """Return the straight lines between two lists of pixels, which Qt draws twice as fast as a polygon."""
    return list(map(QLineF, starts, ends))


def pixels_of(places, viewport, size):
    """Return the pixels of places (n, 2) of a plane in an image of this size."""
    across = (places[:, 0] - viewport.left) / (viewport.right - viewport.left) * size.width()
    down = (viewport.top - places[:, 1]) / (viewport.top - viewport.bottom) * size.height()
    return arrayToQPolygonF(across, down)


class Matplotlib:
    """The same four panels with all that ours show, in one canvas in a Qt window of the same size."""

    def __init__(self, size, *, blit):
        from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
        from matplotlib.figure import Figure

        self.blit = blit
        self.begin()
        self.figure = Figure(figsize=(size[0] / 100, size[1] / 100), dpi=100, layout="tight")
        self.canvas = FigureCanvasQTAgg(self.figure)
        self.canvas.resize(*size)
        self.artists = self.panels(resolve(self.document, WANTED))
        self.canvas.show()
        self.canvas.draw()
        self.figure.set_layout_engine("none")
        self.canvas.draw()
        QApplication.processEvents()
        self.background = self.canvas.copy_from_bbox(self.figure.bbox)
        self.painted_since = Painted([self.canvas]).since

    def begin(self):
        self.document = Regression().observe(0.0, 0.0)

    def panels(self, scene):
        grid, made = self.figure.add_gridspec(2, 3), {}
        for name, cell in (("prior", grid[0, 0]), ("likelihood", grid[0, 1]), ("posterior", grid[0, 2])):
            axes, plane = self.figure.add_subplot(cell), getattr(scene.get(weight_planes), name)
            axes.set(xlabel="w0", ylabel="w1")
            made[name, "title"] = axes.set_title(plane.formula, animated=self.blit)
            pixels = plane.heatmap.image
            made[name] = axes.imshow(pixels, origin="lower", extent=(-1, 1, -1, 1), animated=self.blit)
            made[name, "truth"] = axes.plot(-0.3, 0.5, "+", markersize=18, animated=self.blit)[0]
            if plane.outline is not None:
                for colour, width in (("k", 3), ("w", 1.5)):
                    line = axes.plot(*plane.outline.T, colour, linewidth=width, animated=self.blit)[0]
                    made[name, colour] = line
        axes, lines, seen = self.figure.add_subplot(grid[1, :]), scene.get(curves), scene.document.observations
        axes.set(title="Data space", xlabel="x", ylabel="t", ylim=(-1.6, 1.6))
        made["band"] = axes.fill_between(lines.x, *lines.band, alpha=0.2, animated=self.blit)
        for i, line in enumerate((*lines.samples, lines.truth, lines.mean)):
            made["line", i] = axes.plot(lines.x, line, animated=self.blit)[0]
        made["points"] = axes.plot(seen.x, seen.t, "o", animated=self.blit)[0]
        made["latest"] = axes.plot(seen.x[-1:], seen.t[-1:], "o", markersize=9, animated=self.blit)[0]
        return made

    def click(self, i):
        self.document = self.document.observe(*place(i))
        scene = resolve(self.document, WANTED)
        self.change(scene)
        if not self.blit:
            self.canvas.draw()
            return
        self.canvas.restore_region(self.background)
        for artist in self.artists.values():
            artist.axes.draw_artist(artist)
        self.canvas.blit(self.figure.bbox)

    def change(self, scene):
        for name in ("prior", "likelihood", "posterior"):
            plane = getattr(scene.get(weight_planes), name)
            self.artists[name].set_data(plane.heatmap.image)
            self.artists[name, "title"].set_text(plane.formula)
            for colour in ("k", "w"):
                if plane.outline is not None:
                    self.artists[name, colour].set_data(*plane.outline.T)
        lines, seen = scene.get(curves), scene.document.observations
        self.artists["band"].set_data(lines.x, *lines.band)
        for i, line in enumerate((*lines.samples, lines.truth, lines.mean)):
            self.artists["line", i].set_ydata(line)
        self.artists["points"].set_data(seen.x, seen.t)
        self.artists["latest"].set_data(seen.x[-1:], seen.t[-1:])
