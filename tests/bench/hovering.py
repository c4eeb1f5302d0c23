"""From a mouse move over the plane until the decoded picture is painted, with moves arriving 1000 times a second."""

import resource
import tempfile
import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from engine.latent.charts import Linear
from gui.latent.plane.decoded_image import DecodedImage
from gui.latent.plane.plane import Plane
from gui.page.store import Edit
from gui.shell.settings import Settings
from gui.window import Window
from tests.bench.clicking import until

MOVES = 10_000


class Mouse(QObject):
    """Moves over a plot in a figure of eight, 1000 times a second: late ticks send all moves that are due."""

    def __init__(self, plot):
        super().__init__()
        self.plot, self.sent, self.moved = plot, 0, {}
        self.timer = QTimer(self)
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.timeout.connect(self.move_all)

    def start(self):
        """From now on."""
        self.started = time.perf_counter()
        self.timer.start(1)

    def move_all(self):
        """What is due."""
        while self.sent < min(MOVES, 1000 * (time.perf_counter() - self.started)):
            self.move()

    def move(self):
        angle = self.sent / 200
        at = self.plot.pixel_of(1.5 * np.sin(angle), 1.2 * np.sin(2 * angle))
        where = QPointF(self.plot.mapToGlobal(at.toPoint()))
        none = Qt.MouseButton.NoButton
        event = QMouseEvent(QEvent.Type.MouseMove, at, where, none, none, Qt.KeyboardModifier.NoModifier)
        self.moved[self.plot.place_of(at)] = time.perf_counter()
        self.sent += 1
        QApplication.sendEvent(self.plot.viewport(), event)
        if self.sent >= MOVES:
            self.timer.stop()


class Watch(QObject):
    """Notes how long each picture took from its move to its paint, and how many jobs were under way."""

    def __init__(self, window, picture, mouse):
        super().__init__()
        self.picture, self.mouse, self.line = picture, mouse, window.page.probes
        self.place, self.taken, self.backlog = None, [], 0
        self.line.delivered.connect(self.note)
        picture.installEventFilter(self)

    def note(self, answer):
        self.place = (answer.place.across, answer.place.up)
        self.backlog = max(self.backlog, int(self.line._waiting is not None))

    def eventFilter(self, watched, event):  # noqa: N802
        if event.type() == QEvent.Type.Paint and self.place in self.mouse.moved:
            self.taken.append(time.perf_counter() - self.mouse.moved.pop(self.place))
            self.place = None
        return False


def memory():
    """Megabytes that this process has in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def decode_alone(window):
    """Seconds of one decode of one latent, the 95th percentile, in this thread with nothing else to do."""
    from engine.latent.model import open_model

    model, z, taken = open_model(window.page.store.document.model), np.zeros((1, 2)), []
    for _ in range(300):
        start = time.perf_counter()
        model.decode(z)
        taken.append(time.perf_counter() - start)
    return float(np.percentile(taken, 95))


def rows():
    """The rows of the table."""
    app = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        window = Window(Settings(Path(folder)), "latent")
        window.resize(1600, 900)
        window.show()
        until(lambda: window.page.view.findChild(Plane).plot.complete.pixels is not None and window.page.idle, 60)
        linear = window.page.store.document.with_chart(Linear())  # the mouse moves in units of z
        window.page.view.edited.emit(Edit("measure", linear))
        until(lambda: window.page.idle, 60)
        alone = decode_alone(window)
        plane = window.page.view.findChild(Plane).plot
        mouse = Mouse(plane)
        watch = Watch(window, window.page.view.findChild(DecodedImage).picture, mouse)
        before = memory()
        start = time.perf_counter()
        mouse.start()
        until(lambda: mouse.sent >= MOVES and window.page.idle, 120)
        rate = MOVES / (time.perf_counter() - start)
        grown = memory() - before
        beyond = float(np.percentile(watch.taken, 95)) - alone
        window.close()
        window.deleteLater()
    assert app is not None
    yield f"mouse move → picture painted, at {rate:.0f} Hz, p95 beyond decoding", f"{1e3 * beyond:.1f} ms", "≤ 6 ms"
    yield f"  of {len(watch.taken)} pictures; the decode alone, p95", f"{1e3 * alone:.1f} ms", ""
    yield "  moves waiting, at most", f"{watch.backlog}", "≤ 1"
    yield f"  memory after {MOVES:,} moves", f"{grown:+.1f} MB", "≤ 20 MB"
