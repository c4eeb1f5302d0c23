"""Saving while a lecture runs: this step as a session, or the lecture with what the user has changed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMainWindow, QMessageBox

from engine.lecture.authoring import with_left
from engine.lecture.files import ENDING, encode
from engine.lecture.lecture import Lecture
from gui.lecture.player import Player
from gui.page.commands import Command
from gui.shell.export import write_file
from gui.shell.sessions.current_session import CurrentSession
from gui.widgets.file_dialogs import choose_to_save

CLOSED = "No lecture is open. Open one in the menu Lecture."
KIND = f"Lecture (*{ENDING})"
EXPLAINED = "Your own documents are not in this lecture, and you find them unchanged when you leave it."


class Saver(QObject):
    """Offers what can be saved while a lecture runs, because Save must not write its documents into the user's file."""

    refused = Signal(str)
    said = Signal(str)  # a confirmation

    def __init__(self, window: QMainWindow, player: Player, session: CurrentSession) -> None:
        super().__init__(window)
        self.window, self.player, self.session = window, player, session
        player.started.connect(self._on_started)
        player.ended.connect(self._on_ended)

    def _on_started(self) -> None:
        self.session.instead = self.offer

    def _on_ended(self) -> None:
        self.session.instead = None

    def offer(self) -> None:
        """Ask whether the step or the lecture is to be saved."""
        box = QMessageBox(QMessageBox.Icon.Question, "Save", "", parent=self.window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText("A lecture is open. What do you want to save?")
        box.setInformativeText(EXPLAINED)
        role = QMessageBox.ButtonRole.AcceptRole
        step, whole = (
            box.addButton("This &step as a session…", role),
            box.addButton("The &lecture with my changes…", role),
        )
        box.addButton(QMessageBox.StandardButton.Cancel)
        step.clicked.connect(self.save_step)
        whole.clicked.connect(self.save_lecture)
        box.open()

    def save_step(self) -> None:
        """Ask for a file, and write the documents that are shown as a session."""
        self.session.save_shown(self.player.step.title)

    def save_lecture(self) -> None:
        """Ask for a file, and write the lecture with the edits of its author and with what was changed in its steps."""
        course = self.player.course
        if course is None:
            raise ValueError(CLOSED)
        self.player.keep()
        lecture, refusals = with_left(course.lecture, course.left)
        path = choose_to_save(self.window, "lecture", "Save lecture as", f"lecture{ENDING}", KIND)
        if path is not None:
            self._write(_with_ending(path), lecture, refusals)

    def _write(self, path: Path, lecture: Lecture, refusals: list[str]) -> None:
        try:
            write_file(path, encode(lecture))
        except OSError as error:
            self.refused.emit(str(error))
            return
        if self.player.course is not None:
            self.player.course.memory.edited = ""  # the edits are in a file now
        self.said.emit(f"Saved {path.name}.")
        if refusals:
            self.refused.emit(" ".join(refusals))


def _with_ending(path: Path) -> Path:
    """The path with the ending of lectures, by which they are recognised."""
    return path.with_name(f"{path.name.removesuffix(ENDING).removesuffix('.json')}{ENDING}")


def _closed(saver: Saver) -> str:
    return "" if saver.player.running else CLOSED


SAVER_COMMANDS = (
    Command("Save this step as a session…", "Lecture/Edit", run=Saver.save_step, unavailable=_closed, line=True,
            tip="Write the documents that are shown to a session file"),
    Command("Save lecture as…", "Lecture/Edit", run=Saver.save_lecture, unavailable=_closed,
            tip="Write the lecture with your edits, and with what you have changed in its steps"),
)  # fmt: skip
