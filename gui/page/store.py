"""The store of a page: one immutable document with its undo history, and a second history for lectures."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from engine.document import Document

MOST_EDITS = 1000  # of a page that can be undone: a day of lectures; each one holds a document


@dataclass(frozen=True)
class Edit:
    """An action of the user: the resulting document, and the name of the action in the Edit menu.

    Consecutive edits with the same `gesture` (a drag, the typing of one number) are one step of undo.
    """

    text: str
    document: Document
    gesture: object = None


class Store(QObject):
    """Holds the document of a page. Only `commit`, undo and redo change it; the latest edits can be undone.

    `stack` is the undo history in use: `own`, or `lecture` while a lecture runs, so that undo never mixes the two.
    """

    changed = Signal(object)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.own, self.lecture = QUndoStack(self), QUndoStack(self)
        for stack in (self.own, self.lecture):
            stack.setUndoLimit(MOST_EDITS)
        self.stack = self.own

    def use(self, stack: QUndoStack) -> None:
        """Continue with the other undo history. The menu Edit shows it if it showed the present one."""
        was_active, self.stack = self.stack.isActive(), stack
        if was_active:
            stack.setActive(True)

    def commit(self, edit: Edit) -> None:
        """Apply an edit, undoably. An edit that changes nothing is ignored."""
        if edit.document is not self.document and edit.document != self.document:
            self.stack.push(_Swap(self, edit))

    def show(self, document: Document) -> None:
        """Replace the document without an undo step. Only the undo commands and the player of a lecture call this."""
        self.document = document
        self.changed.emit(document)


class _Swap(QUndoCommand):
    """The undo command of all edits, which swaps two documents."""

    def __init__(self, store: Store, edit: Edit) -> None:
        super().__init__(edit.text)
        self.store = store
        self.before = store.document
        self.after = edit.document
        self.gesture = edit.gesture

    def redo(self) -> None:
        self.store.show(self.after)

    def undo(self) -> None:
        self.store.show(self.before)

    def id(self) -> int:
        return -1 if self.gesture is None else 1

    def mergeWith(self, other: QUndoCommand) -> bool:  # noqa: N802
        if not isinstance(other, _Swap) or other.gesture != self.gesture:
            return False
        self.after = other.after
        self.setText(other.text())
        self.setObsolete(self.after == self.before)
        return True
