"""The base class of ledger panels, which converts mouse and keyboard input to edits and selections."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from PySide6.QtCore import QEvent, QModelIndex, Qt
from PySide6.QtGui import QEnterEvent, QKeyEvent
from PySide6.QtWidgets import QVBoxLayout

from gui.page.panel import Panel
from gui.page.shared.ledger_table import LedgerRows, LedgerTable
from gui.page.store import Edit
from gui.widgets.notice import Notice


class LedgerPanel(Panel):
    """A panel with a ledger. A subclass defines the rows, the probe of each row, and the edit of each gesture."""

    hint: ClassVar[str]  # the actions of mouse and keys

    def __init__(self, rows: LedgerRows, name: str) -> None:
        super().__init__()
        self.document: Any = None
        self.chosen: int | None = None  # the selected observation
        self.rows, self.table = rows, LedgerTable(rows, name)
        self._by_user = True  # whether the user, not the program, changes the current row
        rows.ticked.connect(self._on_ticked)
        self.table.moved.connect(self._on_moved)
        self.table.doubleClicked.connect(self._on_double_clicked)
        self.table.selectionModel().currentRowChanged.connect(self._on_selected)
        self.notice = Notice(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        self.setFocusProxy(self.table)

    # Implemented by a subclass

    @property
    def count(self) -> int:
        """The number of observations, including the waiting ones."""
        raise NotImplementedError

    def place_of(self, n: int) -> Any:
        """The probe that selects an observation."""
        raise NotImplementedError

    def chosen_in(self, place: Any) -> int | None:
        """The observation that a selected probe belongs to; None if it belongs to none."""
        raise NotImplementedError

    def fill(self, scene: Any) -> None:
        """Show the rows of a scene."""
        raise NotImplementedError

    def step_to(self, n: int) -> Edit:
        """The edit of Enter: take the first `n` observations into account."""
        raise NotImplementedError

    def reorder(self, n: int, to: int) -> Edit:
        """The edit of dragging a row, and of Alt+↑ and Alt+↓: move observation `n` to position `to`."""
        raise NotImplementedError

    def remove(self, n: int) -> Edit:
        """The edit of Delete. Like all edits here it may raise ValueError, with one sentence."""
        raise NotImplementedError

    def tick(self, n: int, taken: bool) -> Edit | None:
        """The edit of Space: take an observation into account or leave it out; None for no edit."""
        return None

    # Called by the view

    def draw(self, scene: Any) -> None:
        current, scrolled, step = self._current(), self.table.verticalScrollBar().value(), self.rows.step
        self.fill(scene)
        self.show_observation(current)
        self.table.verticalScrollBar().setValue(scrolled)
        if self.rows.step != step:  # the present step stays in sight while observations are played
            self.table.scrollTo(self.rows.index(max(self.rows.step - 1 - self.rows.first, 0), 0))

    def select(self, place: Any) -> None:
        self.chosen = self.chosen_in(place)
        self.show_observation(self.chosen)

    def show_observation(self, n: int | None) -> None:
        """Highlight the row of an observation without emitting `selected`."""
        if n is not None and self.rows.observation(n - self.rows.first) == n:
            self._show_row(n - self.rows.first)

    def _show_row(self, row: int) -> None:
        if row >= 0 and self.table.selectionModel().isRowSelected(row, QModelIndex()):
            return
        self._by_user = False
        self.table.selectRow(row) if row >= 0 else self.table.clearSelection()
        self._by_user = True

    def _current(self) -> int | None:
        return self.rows.observation(self.table.currentIndex().row())

    # Actions of the user

    def _try(self, gesture: Callable[..., Edit | None], *where: Any) -> bool:
        """Emit the edit of a gesture, or the reason why it is refused. Return whether it is accepted."""
        try:
            edit = gesture(*where)
        except ValueError as refusal:
            self.refused.emit(str(refusal))
            return False
        if edit is not None:
            self.edited.emit(edit)
        return True

    def _move(self, n: int, to: int) -> None:
        if max(n, to) < self.count and to >= 0 and self._try(self.reorder, n, to):
            self.selected.emit(self.place_of(to))

    def _remove(self, n: int) -> None:
        """Remove an observation and select the next one."""
        if self._try(self.remove, n):
            self.selected.emit(self.place_of(min(n, self.count - 1)) if self.count else None)

    def _on_ticked(self, n: int, taken: bool) -> None:
        if n < self.count:
            self._try(self.tick, n, taken)

    def _on_moved(self, row: int, to: int) -> None:
        self._move(self.rows.first + row, self.rows.first + to)

    def _on_double_clicked(self, index: QModelIndex) -> None:
        if index.column() or not self.rows.tickable:  # not on a tick box
            self._try(self.step_to, self.rows.first + index.row() + 1)

    def _on_selected(self, index: QModelIndex) -> None:
        n = self.rows.observation(index.row())
        if self._by_user and n is not None and n < self.count:
            self.selected.emit(self.place_of(n))

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        super().enterEvent(event)
        self.hint_changed.emit(self.hint)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        super().leaveEvent(event)
        self.hint_changed.emit("")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        n, key = self._current(), event.key()
        if n is None or n >= self.count:
            event.ignore()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._remove(n)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._try(self.step_to, n + 1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._move(n, n + (1 if key == Qt.Key.Key_Down else -1))
        elif key == Qt.Key.Key_Space:
            self._on_ticked(n, self.rows.is_left_out(n))
        elif key == Qt.Key.Key_Escape:
            self._show_row(-1)
            self.selected.emit(None)
        else:
            event.ignore()
