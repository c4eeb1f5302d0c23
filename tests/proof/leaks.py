"""What stays after windows, edits, hovers and trainings: memory, threads, processes, open files and widgets.

`python -m tests.proof.leaks KIND COUNT` does one kind of thing COUNT times in a window with a running event loop, and
prints the growth as JSON.
"""

import ctypes
import gc
import json
import os
import sys
import tempfile
import threading
from contextlib import suppress
from itertools import combinations, pairwise
from pathlib import Path
from statistics import median

from PySide6.QtCore import QEvent, QEventLoop, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QPixmapCache
from PySide6.QtWidgets import QApplication

import main as program  # noqa: F401  (it limits the threads and caches of PyTorch)
from engine import memo
from engine.latent.training.folders import keep_in
from engine.latent.training.training import with_recipe
from engine.latent.unboxing import shared_posterior
from engine.lecture.shipped import files, shipped
from gui.latent.plane.plane import Plane
from gui.latent.training.trainer import Trainer
from gui.page.store import Edit
from gui.shell.settings import Settings
from gui.window import Window
from tests.bench.lecture import quick_pass, warm
from tests.proof.killing import RECIPE

POINTS = 20  # measurements of the memory
# Times that are not counted, while caches and arenas fill; else 10.
BEFORE = {"windows": 40, "trainings": 20, "passes": 5}
PATIENCE, LATER = 600.0, 5.0  # seconds
KEPT = "ThreadPool", "lattice"  # threads that are kept for the next one who needs them: not a leak, whenever they begin


def until(condition, seconds=PATIENCE):
    """Run the event loop until a condition holds. Raises TimeoutError."""
    loop, timer, end = QEventLoop(), QTimer(), QTimer()
    timer.timeout.connect(lambda: condition() and loop.quit())
    end.setSingleShot(True)
    end.timeout.connect(loop.quit)
    timer.start(2)
    end.start(round(1000 * seconds))
    loop.exec()
    if not condition():
        raise TimeoutError


def trim():
    """Give the memory that is free back to the system, and that of Qt's cache of pixmaps, which has a limit of 10 MB.

    The icons of each window are other pixmaps for the cache: it grows by some 50 KiB with a window until it is full.
    """
    gc.collect()
    QPixmapCache.clear()
    ctypes.CDLL("libc.so.6").malloc_trim(0)


def empty_caches():
    """Empty the caches of computed values that have a limit: how full they are differs from one time to another."""
    for name, module in list(sys.modules.items()):
        for value in list(vars(module).values()) if name.startswith(("engine.", "gui.")) else ():
            if isinstance(value, memo.Recent):
                value.clear()
            elif hasattr(value, "cache_clear") and value.cache_info().maxsize is not None:
                value.cache_clear()
    for values in list(memo._of_owners.values()):
        values.clear()
    shared_posterior._latest.clear()


def resident():
    """The memory of this process, in KiB."""
    return int(Path("/proc/self/smaps_rollup").read_text(encoding="ascii").split("Rss:")[1].split()[0])


def counts():
    """The numbers of threads, child processes, open files and widgets of this process."""
    threads = [thread for thread in threading.enumerate() if not thread.name.startswith(KEPT)]
    tasks = Path("/proc/self/task").iterdir()
    children = sum(len((task / "children").read_text(encoding="ascii").split()) for task in tasks)
    widgets = len(QApplication.allWidgets()) if QApplication.instance() else 0
    return {
        "threads": len(threads),
        "processes": children,
        "files": len(os.listdir("/proc/self/fd")),  # noqa: PTH208  (a path object would be an open file too)
        "widgets": widgets,
    }


def slope(values):
    """The median of the slopes of all pairs of (x, y), which outliers do not change."""
    return median((y - v) / (x - u) for (u, v), (x, y) in combinations(values, 2))


def without_a_step(values):
    """Values (x, y) without the largest step up: a library that is loaded or a cache that fills once is no leak."""
    steps = [later - earlier for (_, earlier), (_, later) in pairwise(values)]
    step = max([0, *steps])
    at = steps.index(step) if step else len(values)
    return [(x, y - step * (i > at)) for i, (x, y) in enumerate(values)]


def growth(act, count, before):
    """Do a thing `count` times. Return the memory that each adds, in KiB, and what is there more than at the start.

    It is done `before` times first, because panels are made and caches filled then.
    """
    every, memory = max(1, count // POINTS), []
    for n in range(-before, 0):
        act(n)
    trim()
    start = counts()
    for n in range(count):
        if n % every == 0:
            trim()
            memory.append((n, resident()))
        act(n)
    trim()
    with suppress(TimeoutError):  # on a busy computer some things end a little later
        until(lambda: counts() == start, LATER)
    end = counts()
    print(*(kib // 1024 for _, kib in memory), "MB", file=sys.stderr)
    return {"memory": slope(without_a_step(memory)), **{kind: end[kind] - start[kind] for kind in end}}


def opened(settings, page):
    """A window at rest."""
    window = Window(settings, page)
    window.resize(1280, 720)
    window.show()
    until(lambda: window._painted and window.page.idle)
    return window


def closed(window):
    window.close()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def windows(settings):
    """Open and close a window, with each tab in turn in front.

    All is built and computed before: what a window that closes early has computed, and keeps for the next, differs.
    """

    def act(n):
        window = opened(settings, ("regression", "latent", "unboxing")[n % 3])
        window.stack.build_all()
        until(lambda: all(page.idle for page in window.pages.values()))
        closed(window)

    return act


def edits(settings):
    """Draw an observation and undo it."""
    window = opened(settings, "regression")
    store = window.page.store

    def act(_):
        store.commit(Edit("Draw", store.document.with_drawn_points(1)))
        until(lambda: window.page.idle)
        store.stack.undo()
        until(lambda: window.page.idle)

    return act


def hovers(settings):
    """Move over the latent plane."""
    window = opened(settings, "latent")
    plot = window.page.view.findChild(Plane).plot
    none = Qt.MouseButton.NoButton

    def act(n):
        at = QPointF(20 + (37 * n) % (plot.width() - 40), 20 + (23 * n) % (plot.height() - 40))
        where = QPointF(plot.mapToGlobal(at.toPoint()))
        move = QMouseEvent(QEvent.Type.MouseMove, at, where, none, none, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(plot.viewport(), move)
        until(lambda: window.page.idle)

    return act


def trainings(settings):
    """Start a training, and stop it when it runs."""
    window = opened(settings, "latent")
    store = window.page.store
    store.commit(Edit("Recipe", with_recipe(store.document, RECIPE)))
    trainer = window.page.view.controller(Trainer)

    def act(_):
        trainer.start()
        until(lambda: any(report.state == "running" for report in trainer.workshop.last.values()))
        trainer.stop()
        until(lambda: not trainer.workshop.busy and window.page.idle)
        until(lambda: all(process.gone for process in trainer.workshop._leaving))

    return act


def passes(settings):
    """Go through the whole lecture, as fast as it can be shown."""
    window = opened(settings, "regression")
    window.lecture.open(shipped(files()[0]))
    warm(window)

    def act(_):
        quick_pass(window)
        for page in window.pages.values():
            page.store.stack.clear()  # each step can be undone, and its document must stay in memory for that
        empty_caches()

    return act


KINDS = {act.__name__: act for act in (windows, edits, hovers, trainings, passes)}


def main(kind, count):
    QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        keep_in(Path(folder) / "runs")
        act = KINDS[kind](Settings(Path(folder) / "settings"))
        print(json.dumps(growth(act, int(count), BEFORE.get(kind, 10))), flush=True)
        os._exit(0)  # nothing else is measured, and the window of the last thing is still open


if __name__ == "__main__":
    main(*sys.argv[1:])
