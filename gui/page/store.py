"""The store: one immutable document and the way back through its earlier ones."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from engine.document import Document


@dataclass(frozen=True)
class Edit:
    """What the user did: the document it leads to, and its name in the Edit menu.

    Edits in a row with the same `gesture` (a drag, the typing of one number) are one step of undo.
    """

    text: str
    document: Document
    gesture: object = None


class Store(QObject):
    """Holds a page's document. `commit` is the only way anything changes."""

    changed = Signal(object)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.stack = QUndoStack(self)

    def commit(self, edit: Edit) -> None:
        """Make `edit` the present, undoably. Nothing happens if it changes nothing."""
        if edit.document is not self.document and edit.document != self.document:
            self.stack.push(_Swap(self, edit))

    def show(self, document: Document) -> None:
        """For the undo commands alone."""
        self.document = document
        self.changed.emit(document)


class _Swap(QUndoCommand):
    """The one undo command of the program: swaps two documents."""

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
