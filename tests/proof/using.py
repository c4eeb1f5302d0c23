"""A session that uses what writes files: edits, saving, a training, exports, a lecture with answers and its author.

`python -m tests.proof.using FOLDER` saves files in FOLDER. It prints the name of each act, and ends with the window.
"""

import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog

from engine.latent.training.training import with_recipe
from engine.lecture.answers import Given
from gui import app
from gui.figures.dialog import FigureDialog
from gui.latent.training.trainer import Trainer
from gui.page.store import Edit
from tests.proof.killing import RECIPE

EVERY = 20  # milliseconds between two looks whether the next act can begin
EXPORTED = ("Observations…", "Ledger…", "Predictive curve…", "Samples…", "Numbers of the panel as CSV…")


class Use:
    """Carries out the acts one after the other. Each yields a condition that must be true before the next one."""

    def __init__(self, window, folder):
        self.window, self.folder = window, folder
        QFileDialog.getSaveFileName = self.answer
        self.acts, self.ready = self.play(), lambda: True
        self.timer = QTimer(window, interval=EVERY)
        self.timer.timeout.connect(self.go_on)
        window.painted.connect(self.timer.start)

    def answer(self, _parent, _title, proposed, *_):
        """The user's answer to each file dialog: the proposed name, in the folder."""
        return str(self.folder / Path(proposed).name), ""

    def go_on(self):
        if self.ready():
            try:
                self.ready = next(self.acts)
            except StopIteration:
                self.timer.stop()
                self.window.close()

    def run(self, text):
        print(text, flush=True)
        self.window.run(next(owned for owned in self.window.menus.commands if owned.command.text == text))

    def idle(self):
        return self.window.page.idle and self.window.session.worker.idle and self.window.figures.writer.idle

    def play(self):
        window = self.window
        window.stack.build_all()
        window.show_page("regression")
        yield self.idle
        self.run("Draw 20 observations")
        yield self.idle
        for text in EXPORTED:
            self.run(text)
            yield self.idle
        self.run("Save as…")
        yield self.idle
        self.run("Export figure…")
        (dialog,) = window.findChildren(FigureDialog)
        yield lambda: dialog.figure is not None
        dialog.save.click()
        yield lambda: self.idle() and list(self.folder.glob("*.png"))
        yield from self.train()
        yield from self.give_a_lecture()
        self.run("Save as…")
        yield self.idle

    def train(self):
        self.window.show_page("latent")
        store = self.window.page.store
        store.commit(Edit("Recipe", with_recipe(store.document, RECIPE)))
        trainer = self.window.page.view.controller(Trainer)
        trainer.start()
        yield lambda: trainer._news is not None and trainer._news.report.step > 5
        print("training", flush=True)
        trainer.stop()
        yield lambda: not trainer.workshop.busy and self.idle()

    def give_a_lecture(self):
        window, player = self.window, self.window.lecture.player
        self.run("Short lecture")
        yield self.idle
        asking = next(n for n, step in enumerate(player.course.steps) if step.question is not None)
        player.go(asking)
        window.lecture.desk.ask()
        window.lecture.desk.predict.card.answered.emit(Given(numbers=(0.5,)))
        yield self.idle
        for text in ("Save my answers…", "Save this step as a session…", "Remove step", "Save lecture as…"):
            self.run(text)
            yield self.idle
        yield lambda: not window.lecture.memories.soon.isActive() and window.lecture.memories.line.idle
        window.lecture.leave()
        yield self.idle


def main(folder):
    build, users = app._build_window, []

    def built(*arguments):
        window = build(*arguments)
        users.append(Use(window, folder))
        return window

    app._build_window = built
    return app.run(app.Options())


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
