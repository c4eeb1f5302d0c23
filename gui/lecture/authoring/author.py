"""The author of a lecture: commands that add, update, move, split and remove steps, and edit their words."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QMainWindow

from engine.document import Document
from engine.lecture import authoring
from engine.lecture.files import encode
from engine.lecture.lecture import Lecture, Look, Rows, Step, Tab
from gui.lecture.authoring.version import Place, Version
from gui.lecture.player import Player
from gui.page.commands import Command
from gui.page.plot_panel import PlotPanel
from gui.page.view import View

MENU = "Lecture/Edit"
SAME_ROW = 24  # pixels by which the tops of panels in one row may differ
CLOSED = "No lecture is open. Open one in the menu Lecture."
ELSEWHERE = "This page does not show the step. Press R to return to the step, or add a new step."


class Author(QObject):
    """Edits the lecture that runs. Each edit is undone as an edit of the page that shows the edited step."""

    refused = Signal(str)

    def __init__(self, window: QMainWindow, player: Player) -> None:
        super().__init__(window)
        self.window, self.player, self.stack = window, player, player.stack

    def carry_out(self, action: Callable[[Author], None]) -> None:
        """Carry out an action of the panel Steps. If it is not possible, `refused` has the reason."""
        try:
            action(self)
        except ValueError as error:
            self.refused.emit(str(error))

    @property
    def lecture(self) -> Lecture:
        """The lecture that runs. Raises ValueError if there is none."""
        if self.player.course is None or not self.player.running:
            raise ValueError(CLOSED)
        return self.player.course.lecture

    @property
    def _build(self) -> int:
        assert self.player.course is not None
        return self.player.course.build

    @property
    def _shown(self) -> tuple[Tab, Rows, Document]:
        """The tab, the panels in sight and the document of the page in front."""
        tab: Tab = self.stack.tabs.front  # type: ignore[assignment]
        return tab, rows_in_sight(self.stack.view), self.stack.page.store.document

    @property
    def _on_step(self) -> tuple[Step, Rows, Document]:
        """The present step with the panels and the document that are shown. Raises ValueError on another page."""
        step, (tab, rows, document) = self.player.step, self._shown
        if tab != step.tab:
            raise ValueError(ELSEWHERE)
        return step, rows, document

    # Steps

    def add(self) -> None:
        """Add a step after the present one from what is shown, and ask for its words."""
        step = self.player.step
        lecture = authoring.with_step(self.lecture, step.id, f"{step.title[:50]} (new)", *self._shown)
        self._commit("Add step", lecture, _after(lecture, step.id))
        self.edit_words()

    def duplicate(self) -> None:
        """Add a copy of the present step after it."""
        lecture = authoring.duplicated(self.lecture, self.player.step.id)
        self._commit("Duplicate step", lecture, _after(lecture, self.player.step.id))

    def update(self) -> None:
        """Let the present step show what is shown."""
        step, rows, document = self._on_step
        build = self._build
        lecture = authoring.with_shown(self.lecture, step.id, rows, document, build)
        self._commit("Update step", lecture, step.id, build)

    def look(self) -> None:
        """Let the present step, or its present build, have the viewports that are shown."""
        step, _, _ = self._on_step
        look = viewports_in_sight(self.stack.view)
        build = self._build
        self._commit("Set viewports", authoring.with_look(self.lecture, step.id, look, build), step.id, build)

    def fit(self) -> None:
        """Let the plots of the present step, or of its present build, fit what they show."""
        step, build = self.player.step, self._build
        self._commit("Fit viewports", authoring.with_look(self.lecture, step.id, {}, build), step.id, build)

    def build(self) -> None:
        """Add a build after the present one: what has been changed since."""
        step, _, document = self._on_step
        build = self._build
        self._commit("Add build", authoring.with_build(self.lecture, step.id, build, document), step.id, build + 1)

    def split(self) -> None:
        """Let the present step show its changes one after the other."""
        self._commit("Split step", authoring.split(self.lecture, self.player.step.id), self.player.step.id)

    def remove(self) -> None:
        """Remove the present step."""
        step = self.player.step
        index = _index(self.lecture, step.id)
        lecture = authoring.without(self.lecture, step.id)
        self._commit("Remove step", lecture, lecture.steps[min(index, len(lecture.steps) - 1)].id)

    def discard(self) -> None:
        """Show the lecture as it is in its file. Undo brings the edits back."""
        original = self.player.original
        if original is None or original is self.lecture:
            raise ValueError("The lecture has no edits.")
        at = self.player.step.id
        self._commit("Discard edits", original, at if original.has(at) else original.steps[0].id)

    # Order

    def earlier(self) -> None:
        """Move the present step one position towards the start."""
        self._move(-1)

    def later(self) -> None:
        """Move the present step one position towards the end."""
        self._move(1)

    def _move(self, by: int) -> None:
        """Move the present step past its neighbour. At the border of a section it goes into the other section."""
        lecture, step = self.lecture, self.player.step
        index = _index(lecture, step.id)
        if not 0 <= index + by < len(lecture.steps):
            raise ValueError(f"This is the {'first' if by < 0 else 'last'} step of the lecture.")
        other = lecture.steps[index + by]
        crosses = other.section != step.section
        to = index if crosses else index + by
        self._commit("Move step", authoring.moved(lecture, step.id, to, other.section), step.id, self._build)

    def place(self, id_: str, before: str, section: str) -> None:
        """Move a step before another one, or to the end if `before` is empty, and into a section."""
        lecture = self.lecture
        others = [step.id for step in lecture.steps if step.id != id_]
        to = others.index(before) if before in others else len(others)
        at = self.player.step.id
        self._commit("Move step", authoring.moved(lecture, id_, to, section), at, self._build)

    # Words

    def edit_words(self) -> None:
        """Open a dialog with the words and the question of the present step."""
        step = self.player.step
        from gui.lecture.authoring.words import Words  # imported here, because it delays the start

        Words(self.window, self.lecture, step, partial(self._on_words, step.id)).open()

    def _on_words(self, id_: str, fields: dict[str, Any]) -> None:
        """Use the fields. Raises ValueError, in one sentence, if they cannot be used."""
        build = self._build if id_ == self.player.step.id else 0
        self._commit("Edit words", authoring.with_fields(self.lecture, id_, **fields), id_, build)

    def _commit(self, text: str, lecture: Lecture, at: str, build: int = 0) -> None:
        """Use another version of the lecture, undoably, in the history of the page that will show the step `at`."""
        before = self.lecture
        if encode(before) != encode(lecture):
            player = self.player
            can = player.course is not None and at not in player.course.unavailable
            page = self.stack.page_in(lecture.step(at).tab) if can else self.stack.page
            places = Place(before, player.step.id, self._build), Place(lecture, at, build)
            page.store.stack.push(Version(text, player, *places))


def _index(lecture: Lecture, id_: str) -> int:
    return next(i for i, step in enumerate(lecture.steps) if step.id == id_)


def _after(lecture: Lecture, id_: str) -> str:
    return lecture.steps[_index(lecture, id_) + 1].id


def viewports_in_sight(view: View) -> Look:
    """The viewports of the plots in sight, by their planes, with four digits."""
    plots = [p for p in view.panels.values() if isinstance(p, PlotPanel) and p.seen]
    seen = {panel.plane: panel.plot.shown for panel in plots}
    return {
        plane: (_short(v.left), _short(v.right), _short(v.bottom), _short(v.top)) for plane, v in sorted(seen.items())
    }


def _short(edge: float) -> float:
    return float(f"{edge:.4g}")


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


def _command(text: str, run: Callable[[Author], None], tip: str, *, line: bool = False) -> Command:
    return Command(text, MENU, run=run, tip=tip, unavailable=_closed, line=line)


AUTHOR_COMMANDS = (
    _command("Add step from what is shown…", Author.add, "Add a step after this one, as the screen shows it"),
    _command("Duplicate step", Author.duplicate, "Add a copy of this step after it"),
    _command("Update step from the screen", Author.update, "Let this step show the document and the panels shown"),
    _command("Use the viewports of the screen", Author.look, "Let this step show the plots in their present viewports"),
    _command("Let the plots fit", Author.fit, "Let the plots of this step fit what they show"),
    _command("Add build from what is shown", Author.build, "Add what you have changed as the next build of this step"),
    _command("Split into builds", Author.split, "Show what this step changes one after the other"),
    _command("Edit words and question…", Author.edit_words, "Edit words, equation, try, goal, question and veils"),
    _command("Move step earlier", Author.earlier, "Exchange this step and the one before", line=True),
    _command("Move step later", Author.later, "Exchange this step and the next one"),
    _command("Remove step", Author.remove, "Remove this step from the lecture; the file does not change"),
    _command("Discard my edits", Author.discard, "Show the lecture as it is in its file; undo brings the edits back"),
)
