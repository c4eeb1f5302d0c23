"""A scripted session of the program, which a test kills: it edits both documents, saves, and prints each edit.

`python -m tests.gui.shell.sessions.scripted FOLDER` keeps settings and session file in FOLDER.
"""

import sys
import time
from pathlib import Path

from PySide6.QtCore import QTimer

from gui import app
from gui.page.store import Edit
from gui.shell.settings import Settings

FOLDER = Path(sys.argv[1])
EVERY = 40  # milliseconds between two edits


class Script:
    """Pins a latent in each turn, draws observations in some, and saves in others."""

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
        if self.turn % 15 == 0:
            self.window.session._write(FOLDER / "mine 😀.bayescape", True)
        print(self.turn, time.time(), flush=True)


build = app._build_window
scripts = []


def built(*arguments):
    window = build(*arguments)
    scripts.append(Script(window))
    return window


if __name__ == "__main__":
    app.Settings = lambda: Settings(FOLDER / "settings")
    app._build_window = built
    sys.exit(app.run(app.Options()))
