"""From a click in data space until all four panels are painted, against matplotlib and against bare images."""

import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QEvent, QEventLoop, QLineF, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QApplication, QWidget

from engine.derived import resolve
from engine.regression.data_space import HOME, curves
from engine.regression.document import Regression
from engine.regression.weight_space import HOME as WEIGHTS
from engine.regression.weight_space import weight_planes
from gui.page.store import Edit
from gui.plots.raster import colour_map, indexed_image
from gui.regression.data_space import DataSpace
from gui.regression.weight_space import Likelihood, Posterior, Prior
from gui.shell.settings import Settings
from gui.window import Window

CLICKS, ROUND = 60, 6
WANTED = {weight_planes: WEIGHTS, curves: HOME}
PANELS = (Prior, Likelihood, Posterior, DataSpace)


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


def until(condition, seconds=10.0):
    """Run the event loop until `condition` holds, asleep between events as a real program is."""
    end = time.perf_counter() + seconds
    waker = QTimer()
    waker.start(20)
    while not condition():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if time.perf_counter() > end:
            raise TimeoutError


def taken(contestant, i):
    """Seconds from a contestant's i-th click until it has painted everything."""
    start = time.perf_counter()
    contestant.click(i)
    until(lambda: contestant.painted_since(start))
    return time.perf_counter() - start  # processEvents has returned: all is painted


def click(plot, x, t):
    """A real press and release at a place of a plot."""
    at = plot.pixel_of(x, t)
    for kind, held in (
        (QEvent.Type.MouseButtonPress, Qt.MouseButton.LeftButton),
        (QEvent.Type.MouseButtonRelease, Qt.MouseButton.NoButton),
    ):
        where = QPointF(plot.mapToGlobal(at.toPoint()))
        event = QMouseEvent(kind, at, where, Qt.MouseButton.LeftButton, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(plot.viewport(), event)


def place(i):
    """Where the i-th click goes: never within reach of an earlier point."""
    return 2.2 * i / (CLICKS - 1) - 1.1, (-0.7, -0.2, 0.3, 0.8)[i % 4]


class Ours:
    """The real window."""

    def __init__(self, folder):
        self.window = Window(Settings(Path(folder)))
        self.window.resize(1280, 720)
        self.window.show()
        until(lambda: self.window._painted and self.window.page.idle)
        self.window.stack.build_all()  # as soon after a start, and not between two clicks
        self.window.page.store.commit(Edit("Begin", Regression()))
        until(lambda: self.window.page.idle)
        self.plots = [self.window.page.view.findChild(kind).plot for kind in PANELS]
        self.cells = f"{self.plots[0].shown.columns}×{self.plots[0].shown.rows}"
        self.sizes = [(plot.width(), plot.height()) for plot in self.plots]
        self.painted, self.delivered = Painted([plot.viewport() for plot in self.plots]), 0.0
        for signal in (self.window.page.scenes.progressed, self.window.page.scenes.delivered):
            signal.connect(self.note)
        click(self.plots[-1], 0, -1)  # after the first one the prior is as before it: nothing to paint there
        until(lambda: self.window.page.idle)

    def note(self, _):
        """Note the first scene after a click: the four panels are in it, and Evidence is in a later one."""
        self.delivered = self.delivered or time.perf_counter()

    def click(self, i):
        self.delivered = 0.0
        click(self.plots[-1], *place(i))

    def painted_since(self, start):
        return self.delivered > start and self.painted.since(self.delivered)


class Again:
    """The same four plots, painted again with all that they show: nothing is computed and no document changes."""

    def __init__(self, ours):
        self.plots, self.painted_since = ours.plots, ours.painted.since

    def click(self, _):
        for plot in self.plots:
            plot.viewport().update()


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
        self.document = Regression().observe(0.0, 0.0)
        self.widgets = shown(Copied, sizes)
        self.painted_since = Painted(self.widgets).since

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

        self.blit, self.document = blit, Regression().observe(0.0, 0.0)
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


def rows():
    """The rows of the table."""
    app = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        ours = Ours(folder)
        area = (sum(w for w, _ in ours.sizes[:3]), ours.sizes[0][1] + ours.sizes[3][1])
        rivals = [
            Matplotlib(area, blit=False),
            Matplotlib(area, blit=True),
            ByHand(ours.sizes),
            BareImages(ours.sizes),
            Again(ours),
        ]
        QApplication.processEvents()
        times = {contestant: [] for contestant in (ours, *rivals)}
        for start in range(0, CLICKS, ROUND):  # in turn, so that a change of the machine's speed meets them all
            for contestant, seen in times.items():
                seen += [taken(contestant, i) for i in range(start, start + ROUND)][1:]
        mine, drawn, blitted, by_hand, bare, again = (median(seen) for seen in times.values())
        ours.window.close()
        ours.window.deleteLater()
    assert app is not None
    yield f"click → four panels painted, heatmaps of {ours.cells}, p50", f"{1e3 * mine:.1f} ms", ""
    yield "  times faster than matplotlib's draw", f"{drawn / mine:.1f} ({1e3 * drawn:.0f} ms)", "≥ 15"
    yield "  times faster than matplotlib with blitting", f"{blitted / mine:.1f} ({1e3 * blitted:.0f} ms)", "≥ 4"
    yield "  times slower than four QImages, computed and painted", f"{mine / by_hand:.2f} ({1e3 * by_hand:.1f} ms)", ""
    yield "  times slower than four bare QImages of ready pixels", f"{mine / bare:.2f} ({1e3 * bare:.1f} ms)", "≤ 1.3"
    yield "  of which painting, nothing computed or changed", f"{again / bare:.2f} ({1e3 * again:.1f} ms)", ""
