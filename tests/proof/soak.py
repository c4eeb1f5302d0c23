"""A long lecture with a training beside it: memory and the gaps in which the window does not answer, as a table.

`python -m tests.proof.soak --minutes 120` shows one step of the lecture after another, goes back to the first, edits
and moves over the planes, while a training runs that starts again when it is done. The exit status is 1 if memory grows
by more than 5 MB an hour, or if 1 % of the gaps between two ticks of a clock in the window are 50 ms or longer.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from engine.latent.training.folders import keep_in
from engine.latent.training.process import TrainingProcess
from gui.page.store import Edit
from gui.plots.plot import Plot
from tests.bench.lecture import open_window, quick_pass
from tests.proof.killing import RECIPE
from tests.proof.leaks import resident, slope, trim, until

TICK = 10  # milliseconds between two ticks of the clock
WARM = 3  # passes through the lecture before the measurement
STEP = 5.0  # seconds of a step of the lecture
MOVES = 20  # moves of the pointer in each step
TENTH, LONG = 1e-4, 10_000  # seconds of one count, and the number of counts; the last one is of all longer gaps
FEWEST = 8  # measurements of the memory from which a slope is told
MOST_GROWTH, LONGEST_GAP = 5.0, 0.050  # MB an hour, seconds


class Clock(QObject):
    """Counts the gaps between ticks beyond the time that was asked for, by their tenths of a millisecond.

    A list of the gaps would grow by 11 MB an hour, which is twice what is looked for.
    """

    def __init__(self):
        super().__init__()
        self.counts, self.longest, self.last = np.zeros(LONG, np.int64), 0.0, time.perf_counter()
        self.timer = QTimer(self)
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.timeout.connect(self.tick)
        self.timer.start(TICK)

    def tick(self):
        now = time.perf_counter()
        gap, self.last = max(0.0, now - self.last - TICK / 1000), now
        self.longest = max(self.longest, gap)
        self.counts[min(int(gap / TENTH), LONG - 1)] += 1

    def skip(self):
        """Leave out what was just done for the measurement."""
        self.last = time.perf_counter()


class Beside:
    """A training that is started again when it has ended."""

    def __init__(self):
        self.process, self.ended = None, True

    def go_on(self):
        if self.ended:
            self.close()
            self.ended = False
            self.process = TrainingProcess(RECIPE, self.hear)
            self.process.go(0.01)

    def hear(self, report):
        self.ended = report.state in ("done", "stopped", "failed")

    def close(self):
        if self.process is not None:
            self.process.close()


def move(window, n):
    """Move the pointer over the plots that are in sight."""
    none = Qt.MouseButton.NoButton
    for plot in window.page.view.findChildren(Plot):
        if plot.isVisible() and plot.width() > 40 and plot.height() > 40:
            at = QPointF(20 + (37 * n) % (plot.width() - 40), 20 + (23 * n) % (plot.height() - 40))
            where = QPointF(plot.mapToGlobal(at.toPoint()))
            event = QMouseEvent(QEvent.Type.MouseMove, at, where, none, none, Qt.KeyboardModifier.NoModifier)
            QApplication.sendEvent(plot.viewport(), event)


def rest(seconds):
    """Run the event loop for some seconds."""
    end = time.perf_counter() + seconds
    until(lambda: time.perf_counter() >= end, seconds + 60)


def soak(window, seconds):
    """Play the lecture for some seconds. Return the clock, and the memory at the first step of each pass, (hours, MB).

    Each step has its own panels and models, so the memory of other steps would differ by more than a leak adds.
    """
    player, clock, beside, memory = window.lecture.player, Clock(), Beside(), []
    start, n, heard = time.perf_counter(), 0, np.zeros(LONG, np.int64)
    while (now := time.perf_counter() - start) < seconds:
        beside.go_on()
        n += 1
        is_first = player.course.following is None
        if is_first:
            player.first()
        else:
            player.step_forward()
        store = window.page.store
        if hasattr(store.document, "with_drawn_points"):
            store.commit(Edit("Draw", store.document.with_drawn_points(1)))
            store.stack.undo()
        for turn in range(MOVES):
            move(window, MOVES * n + turn)
            rest(STEP / MOVES)
        if is_first:
            for page in window.pages.values():
                page.store.stack.clear()  # each edit can be undone, and must stay in memory for that
            trim()
            memory.append((now / 3600, resident() / 1024))
            tell(now, memory[-1][1], clock.counts - heard)
            heard = clock.counts.copy()
            clock.skip()
    beside.close()
    return clock, memory


def most(counts):
    """The seconds that 99 % of the counted gaps do not exceed."""
    return TENTH * float(np.searchsorted(np.cumsum(counts), 0.99 * counts.sum()) + 1)


def tell(seconds, mb, counts):
    """Write how it goes after each pass, so that hours are not lost if the end does not come."""
    gap = 1000 * most(counts)
    print(f"{seconds / 60:.0f} min: {mb:.0f} MB, 99 % of the gaps in this part below {gap:.1f} ms", flush=True)


def rows(clock, memory):
    """The rows of the table: what, measured, wanted, and whether it is so."""
    gap = most(clock.counts)
    if len(memory) < FEWEST:
        yield "memory, MB an hour", "too short", f"< {MOST_GROWTH:.0f}", True
    else:
        growth = slope(memory[len(memory) // 4 :])  # caches fill at first
        yield "memory, MB an hour", f"{growth:+.1f}", f"< {MOST_GROWTH:.0f}", growth < MOST_GROWTH
    yield "gap of the window, 99 %, ms", f"{1000 * gap:.1f}", f"< {1000 * LONGEST_GAP:.0f}", gap < LONGEST_GAP
    yield "gap of the window, longest, ms", f"{1000 * clock.longest:.0f}", "", True
    yield "memory at the end, MB", f"{resident() / 1024:.0f}", "", True


def main(argv):
    parser = argparse.ArgumentParser(description="Play the lecture for a long time, and measure memory and gaps.")
    parser.add_argument("--minutes", type=float, default=120.0)
    options = parser.parse_args(argv)
    app = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_DATA_HOME"] = folder
        keep_in(Path(folder) / "runs")
        window = open_window(folder)
        for _ in range(WARM):
            quick_pass(window)  # loads the models and makes the panels
        found = list(rows(*soak(window, 60 * options.minutes)))
        window.close()
    assert app is not None
    for what, measured, wanted, _ in found:
        print(f"| {what:<34} | {measured:>10} | {wanted:>8} |", flush=True)
    return 0 if all(good for *_, good in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
