"""From the start of the process to the first painted window, against an empty window of the same libraries."""

import os
import subprocess
import sys
import time
from statistics import median

RUNS = 7
EMPTY = """
import os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
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
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["OMP_NUM_THREADS"] = "1"
import tempfile
from pathlib import Path
from gui.app import QApplication, Settings, Window
app = QApplication([])
window = Window(Settings(Path(tempfile.mkdtemp())))
window.resize(1600, 900)
window.painted.connect(lambda: (print("painted", flush=True), os._exit(0)))
window.show()
app.exec()
"""


def seconds(code):
    """Wall time of a process that ends when it has painted."""
    compiled = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code], env=compiled, capture_output=True, text=True, check=False, timeout=60
    )
    assert "painted" in done.stdout, done.stderr
    return time.perf_counter() - start


def rows():
    """The rows of the table."""
    for code in (EMPTY, OURS):
        seconds(code)  # warm the disk's cache
    pairs = [(seconds(OURS), seconds(EMPTY)) for _ in range(RUNS)]
    mine, empty = median(ours for ours, _ in pairs), median(empty for _, empty in pairs)
    ratio = median(ours / empty for ours, empty in pairs)
    yield "start → first painted window, against an empty one", f"{ratio:.2f} ({mine:.2f} s, {empty:.2f} s)", "≤ 1.6"
