"""A scripted hour of the program, which a test kills: it edits both documents, saves, and prints each edit.

`python -m tests.gui.shell.sessions.scripted FOLDER` keeps settings and session file in FOLDER. The hour is short: the
HOUR edits, one in four seconds of a lecture, follow one another EVERY milliseconds. Some are drawn points, pages are
changed, some edits are undone and redone, and after each minute the session is saved.

`python -m tests.gui.shell.sessions.scripted FOLDER restore` starts the program again, presses Restore in the offer, and
prints how many pins and observations the window shows.
"""

import os
import sys
import time
from pathlib import Path

from PySide6.QtCore import QTimer

from gui import app
from gui.page.store import Edit
from gui.shell.sessions.recovery import Recovery
from gui.shell.settings import Settings

FOLDER = Path(sys.argv[1]) if __name__ == "__main__" else Path()
EVERY = 40  # milliseconds between two edits
HOUR = 900  # edits
MINUTE = 15  # edits
TABS = ("regression", "latent", "unboxing")


class Script:
    """Pins a latent in each turn, draws observations in some, and saves in others, until the hour is over."""

    def __init__(self, window):
        self.window, self.turn = window, 0
        self.timer = QTimer(window)
        self.timer.timeout.connect(self.edit)
        window.painted.connect(self.begin)

    def begin(self):
        self.window.stack.build_all()
        self.timer.start(EVERY)

    def edit(self):
        self.turn += 1
        latent = self.window.pages["latent"].store
        latent.commit(Edit("Pin", latent.document.pin((self.turn / 1000, 0.0))))
        if self.turn % 5 == 0:
            regression = self.window.pages["regression"].store
            regression.commit(Edit("Draw", regression.document.with_drawn_points(1)))
        if self.turn % 7 == 0:
            latent.stack.undo()
            latent.stack.redo()
        if self.turn % 40 == 0:
            self.window.show_page(TABS[self.turn // 40 % len(TABS)])
        if self.turn % MINUTE == 0:
            self.window.session._write(FOLDER / "mine 😀.bayescape", True)
        print(self.turn, time.time(), flush=True)
        if self.turn == HOUR:
            self.timer.stop()


class Restoring:
    """Presses Restore as soon as the offer is shown, prints what the window shows then, and ends the process."""

    def __init__(self, window):
        self.window = window
        self.timer = QTimer(window)
        self.timer.timeout.connect(self.look)
        window.painted.connect(lambda: self.timer.start(50))

    def look(self):
        recovery = self.window.findChild(Recovery)
        if recovery is not None and recovery.offer is not None and recovery.offer.isVisible():
            self.timer.stop()
            recovery.offer.restores.click()
            pages = self.window.pages
            pins = len(pages["latent"].store.document.pins)
            print(pins, len(pages["regression"].store.document.observations), flush=True)
            os._exit(0)


build = app._build_window
scripts = []


def built(*arguments):
    window = build(*arguments)
    scripts.append(Restoring(window) if sys.argv[2:] else Script(window))
    return window


if __name__ == "__main__":
    app.Settings = lambda: Settings(FOLDER / "settings")
    app._build_window = built
    sys.exit(app.run(app.Options()))
