"""A window, in a process of its own, that saves its session on a disk which fails; it prints what it saw.

`python -m tests.gui.shell.sessions.hardships FOLDER full` makes a small disk in FOLDER/disk, fills it, and makes it
read-only; the process needs a name space of its own for that (`unshare -rm`). `homeless` only saves. Each line that is
printed is a list: the name of a step, the sentences in the banner since the last step, whether the title is marked as
modified, and the number of pins in the session file.
"""

import json
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QFileDialog

from engine.saving.own_models import open_work
from gui import app
from gui.page.store import Edit
from gui.shell.settings import Settings

FOLDER, CASE = Path(sys.argv[1]), sys.argv[2]
DISK = FOLDER / "disk"
FILE = DISK / "Übung 😀.bayescape"
SIZE = 256  # kB of the small disk
FILLER = DISK / "filler"


def mount(*options):
    subprocess.run(["mount", *options, str(DISK)], check=True)


def fill():
    """Write to the disk until it is full."""
    with FILLER.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(512))
        except OSError:
            pass


class Hand:
    """Carries out the steps, each when the window has finished the one before."""

    def __init__(self, window):
        self.window, self.said = window, []
        say = window.banner.say
        window.banner.say = lambda text, *rest, **named: (self.said.append(text), say(text, *rest, **named))
        self.steps = self.full() if CASE == "full" else self.homeless()
        self.timer = QTimer(window)
        self.timer.timeout.connect(self.next)
        window.painted.connect(lambda: self.timer.start(20))

    def next(self):
        session = self.window.session
        if not session.worker.idle or self.window.stack.initial:
            return
        step = next(self.steps, None)
        if step is None:
            self.timer.stop()
            session.path = None  # nothing is asked
            self.window.close()

    def pin(self):
        self.window.stack.build_all()
        latent = self.window.pages["latent"].store
        latent.commit(Edit("Pin", latent.document.pin((0.5, 0.5))))

    def save(self):
        """Save as the menu does; the first time the dialog answers with the file."""
        self.said.clear()
        self.window.menus.action_of(
            next(owned for owned in self.window.menus.commands if owned.command.text == "Save")
        ).trigger()

    def report(self, name):
        pins = len(open_work(FILE).documents[1].pins) if FILE.exists() else -1
        print(json.dumps([name, self.said, self.window.isWindowModified(), pins]), flush=True)

    def saved(self, name):
        """Edit, save, and report."""
        self.pin()
        self.save()
        yield name
        self.report(name)

    def full(self):
        yield from self.saved("a disk with room")
        fill()
        yield from self.saved("a full disk")
        FILLER.unlink()
        yield from self.saved("room again")
        mount("-o", "remount,ro")
        yield from self.saved("a read-only disk")
        mount("-o", "remount,rw")

    def homeless(self):
        self.report("the start")
        yield from self.saved("a user without a home folder")


build = app._build_window
hands = []


def built(*arguments):
    window = build(*arguments)
    hands.append(Hand(window))
    return window


if __name__ == "__main__":
    DISK.mkdir()
    if CASE == "full":
        mount("-t", "tmpfs", "-o", f"size={SIZE}k", "tmpfs")
        app.Settings = lambda: Settings(FOLDER / "settings")
    QFileDialog.getSaveFileName = lambda *_: (str(FILE), "")
    app._build_window = built
    QApplication.setQuitOnLastWindowClosed(True)
    sys.exit(app.run(app.Options()))
