"""The desk: the tools of a lecture that runs, and the actions of its keys."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QInputDialog, QMainWindow, QVBoxLayout

from engine.files import unwritable
from engine.lecture.answers import in_markdown
from gui.lecture.bar import LectureBar
from gui.lecture.card import Card
from gui.lecture.curtain import Curtain
from gui.lecture.laser import Laser
from gui.lecture.notes import Notes
from gui.lecture.overview.steps import Steps
from gui.lecture.pen import Pen
from gui.lecture.player import Player
from gui.lecture.predict import Predict
from gui.shell.export import write_file
from gui.widgets.file_dialogs import choose_to_save

ANSWER_KINDS = "Markdown (*.md);;PDF (*.pdf)"
PLAYED = {  # what a step plays -> the text of the command that starts and pauses it
    "observations": "Play",
    "walk": "Play or pause the walk",
    "training": "Start training",
    "replay": "Replay the training",
    "climb": "Set q to the optimal Gaussian q*",
}


class Desk(QObject):
    """The widgets of the lecture mode: bar, question, panel Steps, curtain, pen, laser and notes.

    It is made when the first lecture starts, because most runs of the program show none.
    """

    refused = Signal(str)

    def __init__(self, window: QMainWindow, player: Player, column: QVBoxLayout, folder: Path) -> None:
        super().__init__(window)
        self.window, self.player, self.stack = window, player, player.stack
        self.bar, self.card = LectureBar(player), Card()
        self.steps, self.curtain, self.laser = Steps(player, window), Curtain(window), Laser(window)
        self.predict = Predict(player, self.card, folder)
        self.pen, self.notes = Pen(player, self.predict), Notes(player, self.curtain)
        self.predict.refused.connect(self.refused)
        column.insertWidget(0, self.bar)
        column.insertWidget(1, self.card)
        self.card.lower()
        self.bar.lower()  # Tab visits it before the page
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self.steps)
        self.steps.chosen.connect(player.go)
        player.replaced.connect(self.steps.fill)
        self.bar.steps_wanted.connect(self.toggle_steps)
        self.bar.next_wanted.connect(self.forward)
        self.bar.question_wanted.connect(self.ask)
        self.bar.restore_wanted.connect(self.restore)
        self.put_away()

    def lay_out(self) -> None:
        """Show the bar, because a lecture starts."""
        self.bar.show()
        self.steps.fill()

    def put_away(self) -> None:
        """Hide everything, because the lecture ends."""
        self.curtain.open()
        self.laser.use(False)
        self.notes.close()
        self.bar.hide()
        self.steps.hide()

    # Steps

    def forward(self) -> None:
        """Reveal what is veiled or asked; else show the next build or step."""
        if self.predict.waiting:
            self.predict.reveal()
        else:
            self.player.forward()

    def reveal_or_play(self) -> None:
        """Reveal what is veiled or asked; else play or pause what the step plays."""
        if self.predict.waiting:
            self.predict.reveal()
        elif (play := self.player.step.play) is not None:
            if self.stack.tabs.front != self.player.step.tab:  # the user looks at another tab meanwhile
                self.player.bring()
            view = self.stack.view
            view.run(next(owned for owned in view.commands if owned.command.text == PLAYED[play.what]))

    def ask(self) -> None:
        """Show the question of the step, then its answer. Raises ValueError if there is none."""
        self.predict.ask()

    def restore(self) -> None:
        """Show the present step as the lecture declares it, with its veils."""
        self.player.restore()

    def restore_all(self) -> None:
        """Show the whole lecture as declared, with all veils."""
        self.player.restore(everything=True)

    def go_to(self) -> None:
        """Ask for the number of a step, and show it."""
        dialog = QInputDialog(self.window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle("Go to step")
        dialog.setLabelText("Number of the step, or s and the number of a slide:")
        dialog.textValueSelected.connect(self.find)
        dialog.open()

    def find(self, text: str) -> None:
        """Show a step by its number, its slide or its id."""
        try:
            self.player.find(text)
        except ValueError as error:
            self.refused.emit(str(error))

    # Tools

    def toggle_steps(self) -> None:
        """Show or hide the panel Steps."""
        self.steps.setVisible(self.steps.isHidden())
        self.steps.refresh()

    def toggle_bar(self) -> None:
        """Show or hide the lecture bar."""
        self.bar.setVisible(self.bar.isHidden())

    def black(self) -> None:
        """Make the screen black."""
        self.curtain.toggle("black")
        self.notes.tick()

    def white(self) -> None:
        """Make the screen white."""
        self.curtain.toggle("white")
        self.notes.tick()

    def point(self) -> None:
        """Switch the ring around the pointer on or off."""
        self.laser.toggle()

    def draw(self) -> None:
        """Take the pen into the hand, or lay it down."""
        self.pen.use("pen")

    def erase(self) -> None:
        """Take the eraser into the hand, or lay it down."""
        self.pen.use("eraser")

    def clear(self) -> None:
        """Remove the strokes of the pen from the present step."""
        self.pen.clear()

    def toggle_notes(self) -> None:
        """Open or close the notes window."""
        self.notes.toggle()

    def swap_screens(self) -> None:
        """Exchange the screens of the window and of the notes. Raises ValueError if there is only one screen."""
        screens = QGuiApplication.screens()
        if len(screens) < 2:
            raise ValueError("There is only one screen. Connect a second one to swap the windows.")
        present = self.window.screen()
        other = next(screen for screen in screens if screen is not present)
        full = self.window.isFullScreen()
        self.window.showNormal()
        self.window.setGeometry(other.availableGeometry())
        self.notes.move(present.availableGeometry().topLeft())
        if full:
            self.window.showFullScreen()

    def save_answers(self) -> None:
        """Ask for a file, and write the answers to the questions as a text in Markdown or as PDF."""
        course = self.player.course
        if course is None or not any(self.predict.answers.values()):
            raise ValueError("You have not answered a question yet. Press Q to see the question of a step.")
        path = choose_to_save(self.window, "answers", "Save my answers", "answers.md", ANSWER_KINDS)
        if path is not None:
            text = in_markdown(course.lecture, self.predict.answers)
            try:
                write_file(path, _answers_as(path.suffix.lower(), course.lecture.head.title, text))
            except OSError as error:
                self.refused.emit(str(unwritable(path, error)))


def _answers_as(ending: str, title: str, text: str) -> bytes:
    """The content of a file with the answers, which are given as a text in Markdown."""
    if ending == ".md":
        return text.encode()
    from gui.paper.answers import answers_file  # imported here, because it delays the start

    return answers_file(title, text)
