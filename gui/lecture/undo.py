"""The undo command of the player: it swaps two documents, and the step and the memory that belong to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QUndoCommand

from engine.document import Document
from engine.lecture.memory import Forgotten


@dataclass(frozen=True)
class Position:
    """What is shown: a step by its id ("" outside the lecture), its build, and the document of a page."""

    step: str
    build: int
    document: Document


class Shown(QUndoCommand):
    """Shows a step or a build, or restores it. What was forgotten about the lecture comes back at undo.

    `put` shows a position; its second argument says whether the command is undone.
    """

    def __init__(
        self,
        text: str,
        before: Position,
        after: Position,
        forgotten: Forgotten,
        put: Callable[[Position, Forgotten, bool], None],
    ) -> None:
        super().__init__(text)
        self.before, self.after, self.forgotten, self.put = before, after, forgotten, put

    def redo(self) -> None:
        self.put(self.after, self.forgotten, False)

    def undo(self) -> None:
        self.put(self.before, self.forgotten, True)
