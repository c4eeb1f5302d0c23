"""Dragging a point under 25 bumps with every panel open; the evidence's surface against its bare formula."""

import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from engine.plane import Viewport
from engine.regression import GaussianBumps, LinearModel, Polynomial, Source
from engine.regression.data.truths import Sinusoid
from engine.regression.document import Regression
from engine.regression.evidence import log_evidence
from engine.regression.model.log_evidence import Spectrum
from gui.page.store import Edit
from gui.regression.data_space import DataSpace
from gui.shell.settings import Settings
from gui.window import Window
from tests.bench.clicking import until

SECONDS, MOVES_A_SECOND = 4.0, 90
MODEL = LinearModel(GaussianBumps(count=25, width=0.06))
BUMPS = Regression(model=MODEL, source=Source(Sinusoid(), 0.2, 0, 1)).with_drawn_points(25)


class Frames:
    """Notes the scenes that come to the screen."""

    def __init__(self, page):
        self.seen = []
        page.scenes.progressed.connect(self.note)
        page.scenes.delivered.connect(self.note)

    def note(self, scene):
        """Posterior and curves of another document have arrived."""
        if not self.seen or self.seen[-1][1] is not scene.document:
            self.seen.append((time.perf_counter(), scene.document))

    @property
    def a_second(self):
        """Different scenes a second."""
        times = [moment for moment, _ in self.seen]
        return (len(times) - 1) / (times[-1] - times[0])


class Paints(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, widget):
        super().__init__()
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, _, event):  # noqa: N802
        self.count += event.type() == QEvent.Type.Paint
        return False


def dragged():
    """Frames of data space and scenes a second while a point is dragged, and whether the last scene is exact."""
    with tempfile.TemporaryDirectory() as folder:
        window = Window(Settings(Path(folder)))
        window.resize(1920, 1080)
        window.show()
        until(lambda: window.page._wanted_values and window.page.idle)
        page, view = window.page, window.page.view
        page.store.commit(Edit("Bumps", BUMPS))
        tabs = [kind.title for kind in view.kinds if kind.place.how == "tab"]
        for i, title in enumerate(tabs):  # two rows of them, beside and below what is there
            beside = view.docks["Data space" if i % 2 else "Truth and data"]
            view.splitDockWidget(beside, view.docks[title], Qt.Orientation.Horizontal)
        until(lambda: len(view.panels) == len(view.docks) and page.idle, 60)
        plot = view.panel(DataSpace).plot
        frames, paints = Frames(page), Paints(plot.viewport())
        x, t = float(BUMPS.observations.x[4]), float(BUMPS.observations.t[4])
        held, hand = Qt.MouseButton.LeftButton, QTimer()
        send(plot, QEvent.Type.MouseButtonPress, x, t, held)
        start = time.perf_counter()

        def move():
            send(plot, QEvent.Type.MouseMove, x, t + 0.5 * np.sin(3 * time.perf_counter()), held)

        hand.timeout.connect(move)
        hand.start(1000 // MOVES_A_SECOND)
        until(lambda: time.perf_counter() - start > SECONDS)
        hand.stop()
        painted = paints.count / (time.perf_counter() - start)
        send(plot, QEvent.Type.MouseButtonRelease, x, t, held)
        until(lambda: page.idle, 60)
        rate, document = frames.a_second, page.store.document
        fresh = document.model.condition(document.observations.x, document.observations.t)
        exact = abs(view.scene.get(log_evidence) - fresh.log_evidence) < 1e-9 and len(view.scene.values) >= 11
        window.close()
        window.deleteLater()
    return painted, rate, exact, len(view.docks)


def send(plot, kind, x, t, held):
    """A mouse event at a place of a plot."""
    at = plot.pixel_of(x, t)
    where, button = QPointF(plot.mapToGlobal(at.toPoint())), Qt.MouseButton.NoButton
    if kind != QEvent.Type.MouseMove:
        button = Qt.MouseButton.LeftButton
    event = QMouseEvent(kind, at, where, button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(plot.viewport(), event)


def surface():
    """The surface from the observations, against one eigendecomposition and the formula written out for it."""
    rng, view, basis = np.random.default_rng(0), Viewport(-4, 4, -3, 4, 64, 64), Polynomial(9)
    x, t = rng.uniform(-1, 1, 100), rng.standard_normal(100)
    document = replace(BUMPS, model=LinearModel(basis))
    statistics = document.observations.statistics(basis)
    alpha, beta = 10.0 ** view.x[None, :], 10.0 ** view.y[:, None]
    phi = basis.features(x)
    gram, target, square = phi.T @ phi, phi.T @ t, t @ t
    ours, bare = [], []
    for _ in range(60):
        start = time.perf_counter()
        Spectrum.of_statistics(statistics).log_evidence(alpha, beta)
        ours.append(time.perf_counter() - start)
        start = time.perf_counter()
        values, vectors = np.linalg.eigh(gram)
        c = (vectors.T @ target) ** 2
        scale = alpha[..., None] + beta[..., None] * values
        energy = beta * square - beta**2 * np.sum(c / scale, axis=-1)
        0.5 * (10 * np.log(alpha) + 100 * np.log(beta / 2 / np.pi) - energy - np.sum(np.log(scale), axis=-1))
        bare.append(time.perf_counter() - start)
    return median(ours), median(bare)


def rows():
    """The rows of the table."""
    app = QApplication.instance() or QApplication([])
    painted, rate, exact, panels = dragged()
    assert app is not None
    yield f"dragging under 25 bumps, {panels} panels open: frames a second", f"{painted:.0f}", "≥ 30"
    yield "  scenes a second", f"{rate:.0f} ({'last one exact' if exact else 'LAST ONE WRONG'})", ""
    ours, bare = surface()
    yield (
        "evidence over 64×64 for k = 10, against eigh and the formula",
        f"{ours / bare:.2f} ({1e3 * ours:.2f} ms)",
        "≤ 5",
    )
