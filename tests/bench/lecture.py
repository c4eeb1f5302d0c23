"""From the key *next* of a lecture until the panels of the step are painted, with and without looking ahead."""

import ctypes
import gc
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from engine.lecture.shipped import files, shipped
from gui.pages import page_of
from gui.shell.settings import Settings
from gui.window import Window
from tests.bench.clicking import until

PASSES = 20  # through the whole lecture, for the leak
MIB = 2**20


def is_painted(window):
    """Whether each panel in sight shows its main value of the present document."""
    view = window.page.view
    panels = [panel for panel in view.panels.values() if panel.seen]
    return bool(panels) and all(panel.is_current(view.document) for panel in panels)


def go(window, act):
    """Seconds from `act` until the panels of the step are painted."""
    start = time.perf_counter()
    act()
    until(lambda: is_painted(window), 60)
    QApplication.processEvents()
    return time.perf_counter() - start


def rest(window):
    """Wait until everything is computed, also what the lecture computes ahead."""
    until(lambda: window.page.idle, 600)
    until(lambda: window.lecture.player.ahead.idle, 600)


def one_pass(window):
    """Times of *next* through the whole lecture: a list of (whether within a page, seconds, the id of the step)."""
    player = window.lecture.player
    player.first()
    rest(window)
    player.restore(everything=True)
    rest(window)
    times = []
    while player.course.following is not None or player.course.build + 1 < len(player.course.stages):
        before = page_of(player.step.tab)
        seconds = go(window, player.forward)
        times.append((page_of(player.step.tab) == before, seconds, f"{player.step.id}.{player.course.build}"))
        rest(window)
    return times


def resident():
    """The memory of this process, in bytes, without what the C library holds for later."""
    gc.collect()
    if hasattr(library := ctypes.CDLL(None), "malloc_trim"):
        library.malloc_trim(0)
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def quick_pass(window):
    """Go through the lecture as fast as it can be shown, and back to its first step, which is the same each time."""
    player = window.lecture.player
    player.first()
    while player.course.following is not None or player.course.build + 1 < len(player.course.stages):
        player.forward()
        QApplication.processEvents()
    player.first()
    rest(window)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def warm(window):
    """Load all models, make all panels and fill all caches: the values of each step are computed completely, twice."""
    for _ in range(2):
        one_pass(window)
    for _ in range(3):
        quick_pass(window)


def counts():
    """Widgets and threads that exist."""
    gc.collect()
    return len(QApplication.allWidgets()), threading.active_count()


def open_window(folder):
    """A window with the shipped lecture."""
    window = Window(Settings(Path(folder)), "regression", "light")
    window.resize(1280, 720)
    window.show()
    until(lambda: window._painted and window.page.idle)
    window.lecture.open(shipped(files()[0]))
    return window


def in_ms(times, *, within):
    """The 50th and 95th percentile in words."""
    chosen = [1e3 * seconds for inside, seconds, _ in times if inside == within]
    return f"{np.percentile(chosen, 50):.0f} / {np.percentile(chosen, 95):.0f} ms"


def rows():
    """The rows of the table."""
    app = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        window = open_window(folder)
        one_pass(window)  # loads the models and makes the panels
        for ahead in (False, True):
            window.lecture.player.ahead.used = ahead
            times = one_pass(window)
            how = "with looking ahead" if ahead else "without looking ahead"
            wanted = "p95 ≤ 100 ms" if ahead else ""
            yield f"next → painted within a page, {how}, p50 / p95", in_ms(times, within=True), wanted
            yield f"  across pages, {how}, p50 / p95", in_ms(times, within=False), ""
        warm(window)
        before, memory = counts(), []
        for _ in range(PASSES):
            quick_pass(window)
            memory.append(resident())
        after, more = counts(), (min(memory[-5:]) - min(memory[:5])) / 1024
        changes = f"{after[0] - before[0]:+} widgets, {after[1] - before[1]:+} threads"
        yield f"  {PASSES} passes through the lecture leave", f"{changes}, {more:+.0f} KiB", "0 widgets, threads"
        window.close()
        window.deleteLater()
    assert app is not None
