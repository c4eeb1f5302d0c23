"""Ledger: what each observation was worth, given those before it."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import QEvent, QModelIndex, Qt
from PySide6.QtGui import QEnterEvent, QKeyEvent
from PySide6.QtWidgets import QVBoxLayout

from engine.document import Document
from engine.plane import subscript
from engine.regression.document import Regression
from engine.regression.ledger import ROWS, ObservationPlace
from engine.regression.scene import Answer, Scene
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.regression.rows import Rows, Table
from gui.shell.notice import Notice
from gui.shell.numbers import nats

HINT = "Space: leave out · Drag: reorder · Enter: step · Delete: remove"


class Ledger(Panel):
    """Ledger."""

    title: ClassVar[str] = "Ledger"
    role = "evidence"
    draws = "ledger"
    place = Place(9, "Uncertainty budget", "tab", 81, 50)
    sentence = (
        "What each observation was worth, given those before it, in nats. In another order the single numbers change "
        "and their sum, the log evidence, does not: drag a row to see it. Untick an observation to leave it out. "
        "▸ is the present step; Enter steps to a row, Delete removes it, Alt+↑ and Alt+↓ move it, Space ticks it."
    )
    equation = r"\ln p(\mathbf{t})=\sum_n\ln p(t_n\mid t_1,\dots,t_{n-1})"

    def __init__(self) -> None:
        super().__init__()
        self.document = Regression()
        self.chosen: int | None = None  # the observation that is selected
        self.rows = Rows()
        self.table = Table(self.rows)
        self._asked = True  # whether it was the user who chose another row
        self.rows.ticked.connect(self._on_ticked)
        self.table.moved.connect(self._on_moved)
        self.table.doubleClicked.connect(self._on_double_clicked)
        self.table.selectionModel().currentRowChanged.connect(self._on_selected)
        self.notice = Notice(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        self.setFocusProxy(self.table)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Regression)
        self.document = document
        self.notice.say("" if len(document.observations) else "No observation yet: click in data space to make one.")

    def draw(self, scene: Scene) -> None:
        current, at = self._chosen(), self.table.verticalScrollBar().value()
        self.rows.show_scene(scene)
        self._show_observation(current)
        self.table.verticalScrollBar().setValue(at)
        self.captioned.emit(caption(scene))

    def _show_row(self, row: int) -> None:
        """Select a row without saying so."""
        if row >= 0 and self.table.selectionModel().isRowSelected(row, QModelIndex()):
            return
        self._asked = False
        self.table.selectRow(row) if row >= 0 else self.table.clearSelection()
        self._asked = True

    def select(self, place: Any) -> None:
        self.chosen = place.n if isinstance(place, ObservationPlace) else None
        self._show_observation(self.chosen)

    def reveal(self, answer: Answer | None) -> None:
        """The row of the observation under the cursor, and when the cursor has left, of the one that is selected."""
        self._show_observation(answer.entry.n if answer and answer.entry else self.chosen)

    def _show_observation(self, n: int | None) -> None:
        if n is not None and self.rows.observation(n - self.rows.first) == n:
            self._show_row(n - self.rows.first)

    def appear(self, seen: bool) -> None:
        self.framed.emit("ledger", ROWS if seen else None)

    def _chosen(self) -> int | None:
        return self.rows.observation(self.table.currentIndex().row())

    def _move(self, n: int, to: int) -> None:
        if max(n, to) < len(self.document.observations) and to >= 0:
            self.edited.emit(Edit("Reorder observations", self.document.reorder(n, to)))
            self.selected.emit(ObservationPlace(to))

    def _remove(self, n: int) -> None:
        """The next one takes its place."""
        self.edited.emit(Edit("Remove observation", self.document.remove(n)))
        left = len(self.document.observations)
        self.selected.emit(ObservationPlace(min(n, left - 1)) if left else None)

    def _step_to(self, n: int) -> None:
        stepped = self.document.step_to(n)
        self.edited.emit(Edit(f"Step to {stepped.step}", stepped, "step"))

    def _on_ticked(self, n: int, taken: bool) -> None:
        if n >= len(self.document.observations):
            return
        if taken:
            self.edited.emit(Edit(f"Take observation {n + 1} in again", self.document.take_in(n)))
        else:
            self.edited.emit(Edit(f"Leave observation {n + 1} out", self.document.leave_out(n)))

    def _on_moved(self, row: int, to: int) -> None:
        self._move(self.rows.first + row, self.rows.first + to)

    def _on_double_clicked(self, index: QModelIndex) -> None:
        if index.column():  # not on a tick box
            self._step_to(self.rows.first + index.row() + 1)

    def _on_selected(self, index: QModelIndex) -> None:
        n = self.rows.observation(index.row())
        if self._asked and n is not None and n < len(self.document.observations):
            self.selected.emit(ObservationPlace(n))

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        super().enterEvent(event)
        self.hinted.emit(HINT)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        super().leaveEvent(event)
        self.hinted.emit("")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        n, key = self._chosen(), event.key()
        if n is None or n >= len(self.document.observations):
            event.ignore()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._remove(n)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._step_to(n + 1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._move(n, n + (1 if key == Qt.Key.Key_Down else -1))
        elif key == Qt.Key.Key_Space:
            self._on_ticked(n, self.document.is_left_out(n))
        elif key == Qt.Key.Key_Escape:
            self._show_row(-1)
            self.selected.emit(None)
        else:
            event.ignore()


def caption(scene: Scene) -> str:
    """The sum of the surprises, and of how many observations it is not."""
    document, n = scene.document, scene.document.count
    out = document.step - n
    total = f"ln p(t₁…t{subscript(n)}) = {nats(scene.log_evidence)} nats, the same in any order"
    parts = [total if document.units.are_original else f"{total}, of standardised t"] if n else []
    return ", ".join([*parts, f"{out} left out"] if out else parts)
