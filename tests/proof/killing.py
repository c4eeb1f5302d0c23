"""A window that trains, edits and saves until it is killed; it prints each edit and the process of the training.

`python -m tests.proof.killing FOLDER` keeps settings and the session file in FOLDER.
"""

import sys
import time
from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QTimer

from engine.latent.datasets.faces import Faces
from engine.latent.training.training import with_recipe
from engine.latent.vae.architectures.residual_mlp import ResidualMlp
from engine.latent.vae.recipe import Recipe
from gui import app
from gui.latent.training.trainer import Trainer
from gui.page.store import Edit
from gui.shell.settings import Settings

SMALL = ResidualMlp(encoder_width=16, bottleneck=8, decoder_width=16, octaves=1)
RECIPE = replace(Recipe(), data=Faces(training=200, held_out=20), architecture=SMALL, epochs=1000, batch=20)
EVERY = 40  # milliseconds between two edits
FILE = "mine 😀.bayescape"


class Script:
    """Starts a training, then pins a latent in each turn, and saves in some."""

    def __init__(self, window, folder):
        self.window, self.folder, self.turn, self.training = window, folder, 0, 0
        self.timer = QTimer(window)
        self.timer.timeout.connect(self.edit)
        window.painted.connect(self.begin)

    def begin(self):
        self.window.stack.build_all()
        self.window.show_page("latent")
        store = self.window.pages["latent"].store
        store.commit(Edit("Recipe", with_recipe(store.document, RECIPE)))
        self.trainer = self.window.page.view.controller(Trainer)
        self.trainer.start()
        self.timer.start(EVERY)

    def edit(self):
        for process in self.trainer.workshop.processes.values() if not self.training else ():
            self.training = process._process.pid
            print("training", self.training, flush=True)
        self.turn += 1
        store = self.window.pages["latent"].store
        store.commit(Edit("Pin", store.document.pin((self.turn / 1000, 0.0))))
        if self.turn % 15 == 0:
            self.window.session._write(self.folder / FILE, True)
        print(self.turn, time.monotonic(), flush=True)


def main(folder):
    build, scripts = app._build_window, []

    def built(*arguments):
        window = build(*arguments)
        scripts.append(Script(window, folder))
        return window

    app.Settings = lambda: Settings(folder / "settings")
    app._build_window = built
    return app.run(app.Options())


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
