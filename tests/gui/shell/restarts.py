"""Starts and closes the window three times in one process, with a running event loop, and prints what it looked like.

`python -m tests.gui.shell.restarts FOLDER STATE` keeps the settings in FOLDER. The first window is shown in STATE, such
as showMaximized; the others are shown as the program shows them.
"""

import json
import sys
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from gui.app import fit
from gui.regression.weight_space import Likelihood, Posterior, Prior
from gui.shell.settings import Settings
from gui.window import Window


def run_for(milliseconds):
    """Run the event loop, which also deletes the objects of `deleteLater`."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def look(settings, show):
    """Show a window, close it, and return the widths of the planes, the size and the state of the window."""
    window = Window(settings)
    fit(window)
    getattr(window, show)()
    run_for(500)
    planes = [window.page.view.docks[kind.title].width() for kind in (Prior, Likelihood, Posterior)]
    seen = planes, window.size().toTuple(), window.windowState().value
    window.close()
    window.deleteLater()
    run_for(10)
    return seen


if __name__ == "__main__":
    app = QApplication([])
    settings = Settings(Path(sys.argv[1]))
    print(json.dumps([look(settings, show) for show in (sys.argv[2], "show", "show")]))
