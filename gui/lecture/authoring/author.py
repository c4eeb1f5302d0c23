"""The author of a lecture: commands that add, update, move and remove steps, edit their words, and save the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QUndoCommand
from PySide6.QtWidgets import QFileDialog, QMainWindow

from engine.document import Document
from engine.lecture.authoring import moved, with_shown, with_step, with_words, without
from engine.lecture.files import ENDING, encode
from engine.lecture.lecture import Lecture, Rows, Tab
from gui.lecture.authoring.words import Words
from gui.lecture.player import Player
from gui.page.commands import Command
from gui.page.view import View
from gui.shell.export import write_file

MENU = "Lecture/Edit"
SAME_ROW = 24  # pixels by which the tops of panels in one row may differ
CLOSED = "No lecture is open. Open one in the menu Lecture."


class Author(QObject):
    """Edits the lecture that runs. Each edit is undone as an edit of the page in front."""

    refused = Signal(str)

    def __init__(self, window: QMainWindow, player: Player) -> None:
        super().__init__(window)
        self.window, self.player, self.stack = window, player, player.stack

    @property
    def lecture(self) -> Lecture:
        """The lecture that runs."""
        assert self.player.course is not None
        return self.player.course.lecture

    @property
    def _shown(self) -> tuple[Tab, Rows, Document]:
        """The tab, the panels in sight and the document of the page in front."""
        tab: Tab = self.stack.tabs.front  # type: ignore[assignment]
        return tab, rows_in_sight(self.stack.view), self.stack.page.store.document

    def add(self) -> None:
        """Add a step after the present one from what is shown, and ask for its words."""
        step = self.player.step
        lecture = with_step(self.lecture, step.id, f"{step.title[:50]} (new)", *self._shown)
        at = next(i for i, other in enumerate(lecture.steps) if other.id == step.id) + 1
        self._commit("Add step", lecture, lecture.steps[at].id)
        self.edit_words()

    def update(self) -> None:
        """Let the present step show what is shown."""
        step = self.player.step
        tab, rows, document = self._shown
        if tab != step.tab:
            raise ValueError("This page does not show the step. Press R to return to the step, or add a new step.")
        self._commit("Update step", with_shown(self.lecture, step.id, rows, document), step.id)

    def remove(self) -> None:
        """Remove the present step."""
        step = self.player.step
        index = next(i for i, other in enumerate(self.lecture.steps) if other.id == step.id)
        lecture = without(self.lecture, step.id)
        self._commit("Remove step", lecture, lecture.steps[min(index, len(lecture.steps) - 1)].id)

    def earlier(self) -> None:
        """Move the present step one position towards the start."""
        self._move(-1)

    def later(self) -> None:
        """Move the present step one position towards the end."""
        self._move(1)

    def _move(self, by: int) -> None:
        step = self.player.step
        index = next(i for i, other in enumerate(self.lecture.steps) if other.id == step.id)
        self._commit("Move step", moved(self.lecture, step.id, index + by), step.id)

    def edit_words(self) -> None:
        """Open a dialog with the words of the present step."""
        dialog = Words(self.window, self.player.step)
        dialog.accepted_words.connect(self._on_words)
        dialog.open()

    def _on_words(self, id_: str, words: dict[str, str]) -> None:
        try:
            self._commit("Edit words", with_words(self.lecture, id_, **words), id_)
        except ValueError as error:
            self.refused.emit(str(error))

    def _commit(self, text: str, lecture: Lecture, at: str) -> None:
        before, here = self.lecture, self.player.step.id
        if encode(before) != encode(lecture):
            self.stack.page.store.stack.push(_Version(text, self.player, (before, here), (lecture, at)))

    def save(self) -> None:
        """Ask for a file, and write the lecture to it."""
        name, _ = QFileDialog.getSaveFileName(
            self.window, "Save lecture as", f"lecture{ENDING}", f"Lecture (*{ENDING})"
        )
        if not name:
            return
        path = Path(name if name.endswith(ENDING) else f"{name.removesuffix('.json')}{ENDING}")
        try:
            write_file(path, encode(self.lecture))
        except OSError as error:
            self.refused.emit(str(error))


class _Version(QUndoCommand):
    """The undo command of an edit of the lecture, which swaps two versions, each with the step that is shown."""

    def __init__(self, text: str, player: Player, before: tuple[Lecture, str], after: tuple[Lecture, str]) -> None:
        super().__init__(text)
        self.player, self.before, self.after = player, before, after

    def redo(self) -> None:
        self._use(self.after)

    def undo(self) -> None:
        self._use(self.before)

    def _use(self, version: tuple[Lecture, str]) -> None:
        self.player.use(*version)


def rows_in_sight(view: View) -> Rows:
    """The titles of the panels in sight, in rows from top to bottom. Floating panels are left out.

    Raises ValueError if no panel is in sight.
    """
    docks = [(title, view.docks[title]) for title in view.seen_titles if not view.docks[title].isFloating()]
    if not docks:
        raise ValueError("No panel is in sight. Open a panel in the menu View first.")
    places = sorted((dock.mapTo(view, QPoint(0, 0)).y(), dock.x(), title) for title, dock in docks)
    rows: list[list[tuple[int, int, str]]] = []
    for place in places:
        if not rows or place[0] - rows[-1][0][0] > SAME_ROW:
            rows.append([])
        rows[-1].append(place)
    return tuple(tuple(title for _, _, title in sorted(row, key=lambda item: item[1])) for row in rows)


def _closed(author: Author) -> str:
    return "" if author.player.running else CLOSED


def _command(text: str, run: Callable[[Author], None], tip: str) -> Command:
    return Command(text, MENU, run=run, tip=tip, unavailable=_closed)


AUTHOR_COMMANDS = (
    _command("Add step from what is shown…", Author.add, "Add a step after this one, as the screen shows it"),
    _command("Update step from the screen", Author.update, "Let this step show the document and the panels shown"),
    _command("Edit words of the step…", Author.edit_words, "Edit title, sentences, equation, try and notes"),
    _command("Move step earlier", Author.earlier, "Exchange this step and the one before"),
    _command("Move step later", Author.later, "Exchange this step and the next one"),
    _command("Remove step", Author.remove, "Remove this step from the lecture; the file does not change"),
    _command("Save lecture as…", Author.save, "Write the lecture with your edits to a file"),
)
