"""The tree of the panel Steps: sections with their steps, which the author moves by the mouse or by keys."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDropEvent, QKeyEvent
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem

from gui.lecture.overview.thumbnails import SIZE

STEP = Qt.ItemDataRole.UserRole  # the position of a step, from 0
ID = Qt.ItemDataRole.UserRole + 1
SECTION = Qt.ItemDataRole.UserRole + 2  # of a heading
UP, DOWN = Qt.Key.Key_Up, Qt.Key.Key_Down


class StepTree(QTreeWidget):
    """Lists the steps below the headings of their sections. The items move only when the lecture was edited."""

    dropped = Signal(str, str, str)  # a step, the step before which it goes or "", and its section
    shifted = Signal(int)  # −1: the present step goes one position towards the start; 1: towards the end

    def __init__(self) -> None:
        super().__init__()
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setIconSize(SIZE)
        self.setWordWrap(True)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setAccessibleName("Steps of the lecture")
        self.setDropIndicatorShown(True)
        self.can_move = False

    def let_move(self, on: bool) -> None:
        """Let the user move steps, or not."""
        self.can_move = on
        mode = self.DragDropMode.InternalMove if on else self.DragDropMode.NoDragDrop
        self.setDragDropMode(mode)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Say where the dragged step goes. Qt must not move the item itself, because the edit may be refused."""
        held, target = self.currentItem(), self.itemAt(event.position().toPoint())
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        if held is None or held.data(0, ID) is None:
            return
        before, section = self._place(target, self.dropIndicatorPosition())
        if before != held.data(0, ID):
            self.dropped.emit(held.data(0, ID), before, section)

    def _place(self, target: QTreeWidgetItem | None, position: QTreeWidget.DropIndicatorPosition) -> tuple[str, str]:
        """The id of the step before which a dropped step goes ("" for the end), and its section."""
        heading = target.parent() if target is not None else self.topLevelItem(self.topLevelItemCount() - 1)
        if target is None or heading is None:
            within = target or heading
            first = target.child(0) if target is not None else None
            return str(first.data(0, ID)) if first is not None else "", within.data(0, SECTION) if within else ""
        section = heading.data(0, SECTION)
        if position == QTreeWidget.DropIndicatorPosition.AboveItem:
            return target.data(0, ID), section
        following = self._following(target)
        return (following.data(0, ID) if following else ""), section

    def _following(self, item: QTreeWidgetItem) -> QTreeWidgetItem | None:
        below: QTreeWidgetItem | None = self.itemBelow(item)
        while below is not None and below.data(0, ID) is None:
            below = self.itemBelow(below)
        return below

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Move the present step at Alt+Up and Alt+Down."""
        is_alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if is_alt and event.key() in (UP, DOWN) and self.can_move:
            self.shifted.emit(-1 if event.key() == UP else 1)
        else:
            super().keyPressEvent(event)
