"""The undo command of an edit of the lecture: it swaps two versions, with the step and the documents that are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

from PySide6.QtGui import QUndoCommand, QUndoStack

from engine.document import Document
from engine.lecture.files import encode
from engine.lecture.lecture import Lecture
from gui.lecture.player import Player

NUMBERS = count()  # of the edits, in the order in which they were made


@dataclass(frozen=True)
class Place:
    """A version of the lecture, the step that is shown, and its build."""

    lecture: Lecture
    step: str
    build: int


class Version(QUndoCommand):
    """An edit of the lecture. Each page has an undo history, and the lecture is one for all pages.

    So the undo of an edit first undoes the later edits that the histories of other pages hold, and its redo first does
    the earlier ones again. An edit that no longer follows from the lecture, because another one was made instead of
    an earlier one, is removed from its history.
    """

    def __init__(self, text: str, player: Player, before: Place, after: Place) -> None:
        super().__init__(text)
        self.number = next(NUMBERS)
        self.player, self.before, self.after = player, before, after
        stacks = [page.store.lecture for page in player.stack.pages.values()]
        done = [each.number for stack in stacks for each in _versions(stack, 0, stack.index())]
        self._earlier = frozenset(done)  # the edits from which this one follows; others are undone for good
        self._shown_before = _documents(player)
        self._document = player.document  # of the step before
        self._shown_after: Mapping[str, Document] | None = None  # known when it was done once

    def redo(self) -> None:
        for stack in self._histories() if self._shown_after else ():  # a new edit follows from what is shown
            while any(each.number in self._earlier for each in _versions(stack, stack.index(), stack.count())):
                stack.redo()
        if self._follows(self.before):
            self._use(self.after, None, self._shown_before, self._shown_after or {})
            self._shown_after = self._shown_after or _documents(self.player)

    def undo(self) -> None:
        for stack in self._histories():
            while any(each.number > self.number for each in _versions(stack, 0, stack.index())):
                stack.undo()
        if self._follows(self.after):
            self._use(self.before, self._document, self._shown_after or {}, self._shown_before)

    def _histories(self) -> list[QUndoStack]:
        """The undo histories of the other pages."""
        stacks = [page.store.lecture for page in self.player.stack.pages.values()]
        return [stack for stack in stacks if self not in _versions(stack, 0, stack.count())]

    def _follows(self, place: Place) -> bool:
        """Whether the lecture is this version. If it is not, the edit is removed from its history."""
        course = self.player.course
        follows = course is not None and encode(course.lecture) == encode(place.lecture)
        self.setObsolete(not follows)
        return follows

    def _use(
        self, place: Place, document: Document | None, left: Mapping[str, Document], documents: Mapping[str, Document]
    ) -> None:
        """Show a version, with the documents of all pages if they are known.

        A page whose document is not that of the version that is `left` keeps it: the user has changed it since, and the
        undo history of that page holds the change.
        """
        others, now = self._histories(), _documents(self.player)
        self.player.use(place.lecture, place.step, place.build, document)
        for name, shown in documents.items():
            store = self.player.stack.pages[name].store
            right = now[name] if store.lecture in others and now[name] != left.get(name, now[name]) else shown
            if store.document != right:
                store.show(right)


def _documents(player: Player) -> dict[str, Document]:
    return {name: page.store.document for name, page in player.stack.pages.items()}


def _versions(stack: QUndoStack, first: int, last: int) -> list[Version]:
    """The edits of the lecture among the commands of a history, from a position to another."""
    commands = [stack.command(n) for n in range(first, last)]
    return [command for command in commands if isinstance(command, Version)]
