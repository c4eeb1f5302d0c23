"""Ledger: what each observation was worth, given those before it."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QVBoxLayout

from engine.document import Document
from engine.regression.document import Regression
from engine.regression.ledger import MOST, ROWS
from engine.regression.ledger import Ledger as Books
from engine.regression.planes import subscript
from engine.regression.scene import DataPlace, Scene
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.shell.notice import Notice
from gui.shell.numbers import coordinate, nats

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
COLUMNS = (
    ("n", "The order in which they were observed. Alt+↑ and Alt+↓ change it."),
    ("x", "Where it was observed."),
    ("t", "What was observed."),
    ("surprise", "−ln p(tₙ | the ones before), in nats: how badly it was predicted."),
    ("gained", "½ ln(1 + β φᵀSφ), in nats: by how much it narrowed the weights."),
    ("ln evidence", "ln p(t₁…tₙ), in nats: minus the sum of the surprises so far."),
)


class _Rows(QAbstractTableModel):
    """The ledger of a scene, and the observations that wait for a later step below it."""

    def __init__(self) -> None:
        super().__init__()
        self.scene: Scene | None = None
        self.ledger: Books | None = None

    def show_scene(self, scene: Scene) -> None:
        """Take other rows."""
        self.beginResetModel()
        self.scene, self.ledger = scene, scene.pictures["ledger"]
        self.endResetModel()

    @property
    def first(self) -> int:
        """The observation in the topmost row."""
        return self.ledger.first if self.ledger else 0

    def rowCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        if self.scene is None or parent.isValid():
            return 0
        document = self.scene.document
        return min(len(document.observations), document.step + MOST) - self.first

    def columnCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        if way == Qt.Orientation.Horizontal and role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return COLUMNS[section][role == Qt.ItemDataRole.ToolTipRole]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT
        if role == Qt.ItemDataRole.DisplayRole and self.scene is not None:
            return self._text(self.scene, index.row(), index.column())
        return None

    def _text(self, scene: Scene, row: int, column: int) -> str:
        n, observations = self.first + row, scene.document.observations
        if column < 3:
            return (str(n + 1), coordinate(float(observations.x[n])), coordinate(float(observations.t[n])))[column]
        assert self.ledger is not None
        values = (self.ledger.surprise, self.ledger.gained, self.ledger.evidence)[column - 3]
        if row >= len(values):
            return "waits" if column == 3 else ""
        return nats(float(values[row]))


class _Table(QTableView):
    """A table that leaves keys with a meaning to its panel."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        kept = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() in kept or event.modifiers() & Qt.KeyboardModifier.AltModifier:
            event.ignore()
        else:
            super().keyPressEvent(event)


class Ledger(Panel):
    """Ledger."""

    title: ClassVar[str] = "Ledger"
    role = "evidence"
    draws = "ledger"
    place = Place(9, "Uncertainty budget", "tab", 81, 50)
    sentence = (
        "What each observation was worth, given those before it, in nats. In another order the single numbers change "
        "and their sum, the log evidence, does not. Enter steps to a row, Delete removes it, Alt+↑ and Alt+↓ move it."
    )
    equation = r"\ln p(\mathbf{t})=\sum_n\ln p(t_n\mid t_1,\dots,t_{n-1})"

    def __init__(self) -> None:
        super().__init__()
        self.document = Regression()
        self.rows, self.table = _Rows(), _Table()
        self.table.setModel(self.rows)
        self.table.setAccessibleName("Ledger of the observations")
        self.table.setFrameShape(QFrame.Shape.NoFrame)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setAlternatingRowColors(True)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.horizontalHeader().setDefaultAlignment(RIGHT)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
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
        chosen, at = self.table.currentIndex().row(), self.table.verticalScrollBar().value()
        self.table.selectionModel().blockSignals(True)
        self.rows.show_scene(scene)
        self.table.selectRow(min(chosen, self.rows.rowCount() - 1))
        self.table.selectionModel().blockSignals(False)
        self.table.verticalScrollBar().setValue(at)
        total, n = scene.log_evidence, scene.document.step
        words = "in any order" if scene.document.units.are_original else "in any order, of standardised t"
        self.captioned.emit(f"ln p(t₁…t{subscript(n)}) = {nats(total)} nats, {words}" if n else "")

    def appear(self, seen: bool) -> None:
        self.framed.emit("ledger", ROWS if seen else None)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        n, key = self._chosen(), event.key()
        if n is None:
            event.ignore()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.edited.emit(Edit("Remove observation", self.document.remove(n)))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._step_to(n + 1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._move(n, n + (1 if key == Qt.Key.Key_Down else -1))
        else:
            event.ignore()

    def _chosen(self) -> int | None:
        row = self.table.currentIndex().row()
        return self.rows.first + row if 0 <= row < self.rows.rowCount() else None

    def _move(self, n: int, to: int) -> None:
        if 0 <= to < len(self.document.observations):
            self.edited.emit(Edit("Reorder observations", self.document.swap(n, to)))
            self.table.selectRow(to - self.rows.first)

    def _step_to(self, n: int) -> None:
        self.edited.emit(Edit(f"Step to {n}", self.document.step_to(n), "step"))

    def _on_double_clicked(self, index: QModelIndex) -> None:
        self._step_to(self.rows.first + index.row() + 1)

    def _on_selected(self, index: QModelIndex) -> None:
        n = self.rows.first + index.row()
        if 0 <= n < len(self.document.observations):
            x, t = self.document.observations.x[n], self.document.observations.t[n]
            self.probed.emit(DataPlace(float(x), float(t)))
