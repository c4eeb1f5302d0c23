"""Training in the window while the mouse moves over the plane: its speed, and how long the screen waits."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from engine.latent.training.folders import keep_in
from engine.latent.training.training import with_recipe
from engine.latent.vae.architectures.mlp import Mlp
from engine.latent.vae.recipe import Recipe
from gui.latent.plane.plane import Plane
from gui.latent.training.trainer import Trainer
from gui.latent.training.training import Training
from gui.page.store import Edit
from gui.shell.settings import Settings
from gui.window import Window
from tests.bench import training
from tests.bench.clicking import until
from tests.bench.hovering import Mouse

SECONDS = 20
RATE = 125  # moves a second
ALL = training.ALL
EXAMPLE = Recipe(
    architecture=Mlp(widths=(training.HIDDEN,)),
    batch=training.BATCH,
    learning_rate=1e-3,
    input_dropout=0.0,
    epochs=60,
    threads=ALL,
)
ALONE = """
import time, torch
torch.set_num_threads(1)
from engine.latent.vae.architectures.mlp import Mlp
from engine.latent.vae.recipe import Recipe
from engine.latent.vae.training.training import Training
recipe = Recipe()
training = iter(Training(recipe, recipe.data.train()))
for _ in range(20): next(training)
start, n = time.perf_counter(), 0
while time.perf_counter() - start < 12:
    next(training)
    n += 1
print(n * recipe.batch / (time.perf_counter() - start))
"""


class Gaps(QObject):
    """How long the event loop lets a timer of a millisecond wait."""

    def __init__(self):
        super().__init__()
        self.gaps, self.last = [], 0.0
        self.timer = QTimer(self)
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.timeout.connect(self.note)

    def begin(self):
        self.last = time.perf_counter()
        self.timer.start(1)

    def note(self):
        now = time.perf_counter()
        self.gaps.append(now - self.last)
        self.last = now


class SlowMouse(Mouse):
    """At the rate of a usual mouse."""

    def move_all(self):
        while self.sent < RATE * (time.perf_counter() - self.started):
            self.move()


def rows():
    """The rows of the table."""
    alone = float(subprocess.run([sys.executable, "-c", ALONE], capture_output=True, check=True, text=True).stdout)
    example = training.alone("example, all threads")
    app = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        keep_in(Path(folder) / "runs")
        window = Window(Settings(Path(folder)), "latent")
        window.resize(1600, 900)
        window.show()
        view = window.page.view
        until(lambda: view.findChild(Plane).plot.complete.pixels is not None and window.page.idle, 60)
        view.docks[Training.title].raise_()
        mouse, gaps = SlowMouse(view.findChild(Plane).plot), Gaps()
        rate = trained(view, Recipe(), lambda: (mouse.start(), gaps.begin()))
        mouse.timer.stop()
        gaps.timer.stop()
        stopped, kept = halted(view)
        same = trained(view, EXAMPLE, lambda: None)
        halted(view)
        window.close()
        window.deleteLater()
    assert app is not None
    p95, p99 = np.percentile(gaps.gaps, [95, 99]) * 1e3
    yield "training in the window under a moving mouse, against alone", f"{rate / alone:.2f} ({rate:,.0f}/s)", "≥ 0.9"
    yield "  gaps of the event loop meanwhile, p95", f"{p95:.1f} ms", "≤ 20 ms"
    yield "  p99", f"{p99:.1f} ms", "≤ 35 ms"
    yield "  from Stop until it trains no more", f"{1e3 * stopped:.0f} ms", "≤ 300 ms"
    yield "  until everything is kept", f"{1e3 * kept:.0f} ms", ""
    words = f"{same / example:.2f} times ({same:,.0f}/s)"
    yield f"in the window on {ALL} threads, against PyTorch's VAE example", words, "≥ 3"


def trained(view, recipe, begin):
    """Images a second of a recipe in the window, over SECONDS."""
    view.edited.emit(Edit("Recipe", with_recipe(view.document, recipe)))
    trainer = view.controller(Trainer)
    trainer.start()
    workshop = trainer.workshop
    until(lambda: workshop.last[recipe].step > 40, 60)
    begin()
    first, start = workshop.last[recipe].step, time.perf_counter()
    until(lambda: time.perf_counter() - start > SECONDS, 2 * SECONDS)
    return (workshop.last[recipe].step - first) * recipe.batch / (time.perf_counter() - start)


def halted(view):
    """Seconds from Stop until it trains no more, and until everything is kept."""
    workshop = view.controller(Trainer).workshop
    (recipe,), asked = workshop.processes, time.perf_counter()
    workshop.stop()
    until(lambda: workshop.last[recipe].state != "running", 20)
    stopped = time.perf_counter() - asked
    until(lambda: not workshop.busy, 20)
    return stopped, time.perf_counter() - asked
