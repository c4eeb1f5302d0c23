"""From a click in data space until all four panels are painted, against matplotlib and against bare images."""

import tempfile
import time
from itertools import chain
from pathlib import Path
from statistics import median, quantiles

from PySide6.QtCore import QEvent, QEventLoop, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from engine.regression.document import Regression
from gui.garbage import Garbage
from gui.page.store import Edit
from gui.regression.data_space import DataSpace
from gui.regression.weight_space import Likelihood, Posterior, Prior
from gui.shell.settings import Settings
from gui.window import Window
from tests.bench.rivals import CLICKS, BareImages, ByHand, Matplotlib, Painted, place

ROUND, PASSES = 6, 4
PANELS = (Prior, Likelihood, Posterior, DataSpace)


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


class Ours:
    """The real window."""

    def __init__(self, folder):
        self.window = Window(Settings(Path(folder)))
        self.window.resize(1280, 720)
        self.window.show()
        until(lambda: self.window._painted and self.window.page.idle)
        self.window.stack.build_all()  # as soon after a start, and not between two clicks
        self.plots = [self.window.page.view.findChild(kind).plot for kind in PANELS]
        self.cells = f"{self.plots[0].shown.columns}×{self.plots[0].shown.rows}"
        self.sizes = [(plot.width(), plot.height()) for plot in self.plots]
        self.painted, self.delivered = Painted([plot.viewport() for plot in self.plots]), 0.0
        for signal in (self.window.page.scenes.progressed, self.window.page.scenes.delivered):
            signal.connect(self.note)
        self.begin()

    def begin(self):
        """Show one observation: after the first one the prior is as before it, so that there is nothing to paint."""
        self.window.page.store.commit(Edit("Begin", Regression()))
        until(lambda: self.window.page.idle)
        click(self.plots[-1], 0, -1)
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

    def begin(self):
        """Nothing changes."""

    def click(self, _):
        for plot in self.plots:
            plot.viewport().update()


def rows():
    """The rows of the table."""
    app = QApplication.instance() or QApplication([])
    garbage = Garbage()  # collected between the clicks, as in the program
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
        ratios = []
        for start in list(range(0, CLICKS, ROUND)) * PASSES:  # in turn: a change of the machine's speed meets them all
            for contestant, seen in times.items():
                if not start:
                    contestant.begin()
                seen.append([taken(contestant, i) for i in range(start, start + ROUND)][1:])
            ratios.append(median(times[ours][-1]) / median(times[rivals[-2]][-1]))
        low, _, high = quantiles(ratios, n=4)
        mine, drawn, blitted, by_hand, bare, again = (median(chain(*seen)) for seen in times.values())
        ours.window.close()
        ours.window.deleteLater()
    garbage.end()
    assert app is not None
    yield f"click → four panels painted, heatmaps of {ours.cells}, p50", f"{1e3 * mine:.1f} ms", ""
    yield "  times faster than matplotlib's draw", f"{drawn / mine:.1f} ({1e3 * drawn:.0f} ms)", "≥ 15"
    yield "  times faster than matplotlib with blitting", f"{blitted / mine:.1f} ({1e3 * blitted:.0f} ms)", "≥ 4"
    yield "  times slower than four QImages, computed and painted", f"{mine / by_hand:.2f} ({1e3 * by_hand:.1f} ms)", ""
    yield "  times slower than four bare QImages of ready pixels", f"{mine / bare:.2f} ({1e3 * bare:.1f} ms)", "≤ 1.3"
    yield "  the middle half of the rounds", f"{low:.2f} to {high:.2f}", ""
    yield "  of which painting, nothing computed or changed", f"{again / bare:.2f} ({1e3 * again:.1f} ms)", ""
