"""A panel that is a ledger: what the mouse and the keys do in its rows, turned into edits and selections."""

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
    """A subclass says how many observations there are, what a row stands for, and which edit each gesture means."""

    hint: ClassVar[str]  # what mouse and keys do here

    def __init__(self, rows: LedgerRows, name: str) -> None:
        super().__init__()
        self.document: Any = None
        self.chosen: int | None = None  # the observation that is selected
        self.rows, self.table = rows, LedgerTable(rows, name)
        self._asked = True  # whether it was the user who chose another row
        rows.ticked.connect(self._on_ticked)
        self.table.moved.connect(self._on_moved)
        self.table.doubleClicked.connect(self._on_double_clicked)
        self.table.selectionModel().currentRowChanged.connect(self._on_selected)
        self.notice = Notice(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        self.setFocusProxy(self.table)

    # What a subclass says

    @property
    def count(self) -> int:
        """How many observations there are, with those that wait."""
        raise NotImplementedError

    def place_of(self, n: int) -> Any:
        """What is selected with an observation."""
        raise NotImplementedError

    def chosen_in(self, place: Any) -> int | None:
        """The observation that is selected, if it is one."""
        raise NotImplementedError

    def fill(self, scene: Any) -> None:
        """Show the rows of a scene."""
        raise NotImplementedError

    def step_to(self, n: int) -> Edit:
        """What Enter does: the first `n` are taken into account."""
        raise NotImplementedError

    def reorder(self, n: int, to: int) -> Edit:
        """What dragging a row does, and Alt+↑ and Alt+↓."""
        raise NotImplementedError

    def remove(self, n: int) -> Edit:
        """What Delete does. It may raise ValueError, as all of these, in one sentence."""
        raise NotImplementedError

    def tick(self, n: int, taken: bool) -> Edit | None:
        """What Space does: to take an observation into account, or leave it out."""
        return None

    # What the page says

    def draw(self, scene: Any) -> None:
        current, at = self._current(), self.table.verticalScrollBar().value()
        self.fill(scene)
        self.show_observation(current)
        self.table.verticalScrollBar().setValue(at)

    def select(self, place: Any) -> None:
        self.chosen = self.chosen_in(place)
        self.show_observation(self.chosen)

    def show_observation(self, n: int | None) -> None:
        """Highlight its row without saying so."""
        if n is not None and self.rows.observation(n - self.rows.first) == n:
            self._show_row(n - self.rows.first)

    def _show_row(self, row: int) -> None:
        if row >= 0 and self.table.selectionModel().isRowSelected(row, QModelIndex()):
            return
        self._asked = False
        self.table.selectRow(row) if row >= 0 else self.table.clearSelection()
        self._asked = True

    def _current(self) -> int | None:
        return self.rows.observation(self.table.currentIndex().row())

    # What the user does

    def _try(self, gesture: Callable[..., Edit | None], *where: Any) -> bool:
        """Emit the edit, or the sentence that says why there is none."""
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
        """The next one takes its place."""
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
        if self._asked and n is not None and n < self.count:
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
