"""From a point of a stroke on the sketch pad until q's ellipse of it is painted on the plane, drawn at 125 Hz."""

import tempfile
import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from engine.latent.document import Latent
from engine.latent.image.encoding import encoded
from engine.latent.inputs.sketch import Sketch
from engine.latent.inputs.stroke import FIRM, WIDTHS
from gui.latent.image.sketch_pad import SketchPad
from gui.latent.plane.plane import Plane
from gui.shell.settings import Settings
from gui.window import Window
from tests.bench.clicking import until

POINTS, MOVES_A_SECOND = 150, 125  # a slow 8, of two strokes


def path():
    """The strokes of an 8, each as places (n, 2) on the pad."""
    angle = np.linspace(0.5 * np.pi, 2.5 * np.pi, POINTS)
    return [np.column_stack([0.5 + 0.17 * np.cos(angle), up + 0.17 * np.sin(angle)]) for up in (0.32, 0.66)]


def computed():
    """Seconds that rasterising, encoding and decoding take at each point, at the 95th percentile."""
    document, sketch, taken = Latent(), Sketch(), []
    encoded(document.with_input(Sketch().begin((0.5, 0.5, FIRM), WIDTHS["Medium"])))
    for stroke in path():
        for i, (x, y) in enumerate(stroke):
            point = (x, y, FIRM)
            sketch = sketch.go_on(point) if i else sketch.begin(point, WIDTHS["Medium"])
            start = time.perf_counter()
            encoded(document.with_input(sketch))
            taken.append(time.perf_counter() - start)
    return float(np.percentile(taken, 95))


class Pen(QObject):
    """Draws the 8 on the pad with a mouse, and notes when the plane has painted q of each point or of a later one."""

    def __init__(self, view):
        super().__init__()
        self.pad = view.panel(SketchPad).pad
        self.plane, self.view = view.panel(Plane), view
        self.moves = [(stroke, i) for stroke in path() for i in range(POINTS)]
        self.waiting, self.taken, self.scenes, self.sent = {}, [], 0, 0
        self.plane.plot.viewport().installEventFilter(self)
        self.timer = QTimer(self)
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.timeout.connect(self.move)
        self.timer.start(1000 // MOVES_A_SECOND)

    def move(self):
        """The next point, if one is left."""
        if self.sent == len(self.moves):
            self.timer.stop()
            return
        stroke, i = self.moves[self.sent]
        self.sent += 1
        kinds = {0: QEvent.Type.MouseButtonPress, POINTS - 1: QEvent.Type.MouseButtonRelease}
        start, known = time.perf_counter(), self.view.document
        self.send(kinds.get(i, QEvent.Type.MouseMove), stroke[i])
        if self.view.document is not known:
            self.waiting[size(self.view.document)] = start

    def send(self, kind, place):
        """A mouse event on the pad."""
        square, left, none = self.pad.square, Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        at = QPointF(square.left() + place[0] * square.width(), square.top() + place[1] * square.height())
        button = none if kind == QEvent.Type.MouseMove else left
        held = none if kind == QEvent.Type.MouseButtonRelease else left
        where = QPointF(self.pad.mapToGlobal(at.toPoint()))
        QApplication.sendEvent(self.pad, QMouseEvent(kind, at, where, button, held, Qt.KeyboardModifier.NoModifier))

    def eventFilter(self, watched, event):  # noqa: N802
        if event.type() == QEvent.Type.Paint and self.view.scene is not None:
            shown = size(self.view.scene.document)
            QTimer.singleShot(0, self, lambda: self.note(shown))  # once it has been painted
        return False

    def note(self, shown):
        """All points up to so many are on the plane."""
        now = time.perf_counter()
        self.scenes += shown in self.waiting
        for n in [n for n in self.waiting if n <= shown]:
            self.taken.append(now - self.waiting.pop(n))


def size(document):
    """How many points the sketch of a document has."""
    return sum(len(stroke.points) for stroke in getattr(document.input, "strokes", ()))


def rows():
    """The rows of the table."""
    app = QApplication.instance() or QApplication([])
    alone = computed()
    with tempfile.TemporaryDirectory() as folder:
        window = Window(Settings(Path(folder)), "latent")
        window.resize(1600, 900)
        window.show()
        until(lambda: window.page.view.panel(Plane).plot.complete.pixels is not None and window.page.idle, 60)
        window.page.view.bring(SketchPad)
        until(lambda: window.page.view.panel(SketchPad).isVisible() and window.page.idle, 60)
        pen = Pen(window.page.view)
        until(lambda: pen.sent == len(pen.moves) and not pen.waiting and window.page.idle, 60)
        window.close()
        window.deleteLater()
    assert app is not None
    slowest = 1e3 * float(np.percentile(pen.taken, 95))
    yield f"sketch point → q's ellipse painted, at {MOVES_A_SECOND} Hz, p95", f"{slowest:.1f} ms", "≤ 16 ms"
    yield f"  of {len(pen.taken)} points; rasterise, encode and decode alone, p95", f"{1e3 * alone:.1f} ms", ""
