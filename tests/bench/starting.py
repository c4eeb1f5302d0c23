"""From the start of the process to the first paint and the first pictures, and the first opening of each tab."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from gui.pages import TITLES
from gui.shell.settings import Settings
from gui.window import Window
from tests.bench.clicking import until

RUNS, OPENINGS = 9, 5
TABS = ("latent", "unboxing")  # the other one is open from the start
EMPTY = """
import os, sys
import pyqtgraph
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
class Empty(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        print("painted", flush=True)
        os._exit(0)
window = Empty()
window.resize(1600, 900)
window.show()
app.exec()
"""
OURS = """
import os, sys
import main
importing = main._without_garbage
def end():
    print("painted", flush=True)
    os._exit(0)
def note():  # the program starts as usual, and says when its window has been painted
    with importing():
        yield
    import gui.app
    show = gui.app._show
    gui.app._show = lambda app, window: (until(window), show(app, window))
from contextlib import contextmanager
main._without_garbage = contextmanager(note)
"""
FIRST = """
def until(window):
    window.painted.connect(end)
main.main(["--size", "1600x900"])
"""
PICTURES = """
def until(window):
    from PySide6.QtCore import QEvent, QObject, QTimer
    class Painted(QObject):
        left = None
        def eventFilter(self, plot, event):
            if event.type() == QEvent.Type.Paint and self.left is not None:
                self.left.discard(plot)
                if not self.left:
                    QTimer.singleShot(0, end)  # after this paint
            return False
    painted = until.painted = Painted()
    def plots():
        seen = [panel for panel in window.page.view.panels.values() if panel.seen]
        return {panel.plot.viewport() for panel in seen if hasattr(panel, "plot")}
    def begin():
        for plot in plots():
            plot.installEventFilter(painted)
    def drawn(_):
        if painted.left is None:
            painted.left = plots()
    window.painted.connect(begin)
    for signal in (window.page.scenes.progressed, window.page.scenes.delivered):
        signal.connect(drawn)
main.main(["--size", "1600x900"])
"""


def seconds(code):
    """Wall time and processor time of a process that ends when it has painted."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        environment |= {"QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
        environment |= dict.fromkeys(("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"), folder)
        start, before = time.perf_counter(), os.times()
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False, timeout=60
        )
        wall, after = time.perf_counter() - start, os.times()
    assert "painted" in done.stdout, done.stderr
    processor = sum(after[2:4]) - sum(before[2:4])
    return wall, processor


def rows():
    """The rows of the table."""
    codes = (EMPTY, OURS + FIRST, OURS + PICTURES)
    for code in codes:
        seconds(code)  # warm the disk's cache
    runs = [[seconds(code) for code in codes] for _ in range(RUNS)]
    for title, which, wanted in (
        ("start → first painted window, against an empty one", 1, "≤ 1.4"),
        ("  until the pictures of its panels are painted", 2, ""),
    ):
        ratio = median(run[which][0] / run[0][0] for run in runs)
        mine, empty = (median(run[i][0] for run in runs) for i in (which, 0))
        yield title, f"{ratio:.2f} ({mine:.2f} s, {empty:.2f} s)", wanted
        ratio = min(run[which][1] for run in runs) / min(run[0][1] for run in runs)
        yield "  in processor time, the smallest of each", f"{ratio:.2f}", ""
    yield from opening_rows()


def opened(window, tab):
    """Seconds until the panels of a tab are painted, of the processor meanwhile, and until all pictures are shown."""
    start, before = time.perf_counter(), time.thread_time()
    window.show_page(tab)
    view, drawn = window.page.view, []
    note = lambda _: drawn.append(time.perf_counter())  # noqa: E731
    for signal in (window.page.scenes.progressed, window.page.scenes.delivered):
        signal.connect(note)
    until(lambda: view.seen_titles <= view.panels.keys())
    QCoreApplication.processEvents()  # paints
    panels, busy = time.perf_counter() - start, time.thread_time() - before
    until(lambda: bool(drawn) and window.page.idle, 60)
    QCoreApplication.processEvents()
    for signal in (window.page.scenes.progressed, window.page.scenes.delivered):
        signal.disconnect(note)
    return panels, busy, time.perf_counter() - start


def opening_rows():
    """The rows of the first opening of each tab."""
    import torch

    assert QApplication.instance() or QApplication([])
    assert torch.get_num_threads()
    times = {tab: [] for tab in TABS}
    for _ in range(OPENINGS):
        with tempfile.TemporaryDirectory() as folder:
            window = Window(Settings(Path(folder)))
            window.resize(1600, 900)
            window.show()
            until(lambda window=window: len(window.pages) == 2 and window.page.idle, 60)
            for tab in TABS:
                times[tab].append(opened(window, tab))
            window.close()
            window.deleteLater()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    for tab, seconds in times.items():
        panels, busy, pictures = (median(each) for each in zip(*seconds, strict=True))
        yield f"first opening of {TITLES[tab]} → panels painted", f"{panels:.2f} s", "≤ 0.3 s"
        yield "  processor time of the thread of the window", f"{busy:.2f} s", ""
        yield "  with all pictures; model and images read too", f"{pictures:.2f} s, {seconds[0][2]:.2f} s", ""
