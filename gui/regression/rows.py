"""Rows: the ledger as a table, whose rows are ticked, and dragged into another order."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from engine.regression.ledger import MOST, Ledger
from engine.regression.scene import Scene
from gui.regression.notation import written
from gui.shell import theme
from gui.shell.numbers import coordinate, nats

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
Role = Qt.ItemDataRole
ALIGNMENT, DISPLAY, CHECK, FONT, FOREGROUND = (
    int(role)
    for role in (Role.TextAlignmentRole, Role.DisplayRole, Role.CheckStateRole, Role.FontRole, Role.ForegroundRole)
)
ANSWERED = frozenset((DISPLAY, CHECK, FONT, FOREGROUND))
COLUMNS = (
    ("n", "The order in which they were observed: drag a row, or press Alt+↑ and Alt+↓, to change it. "
          "Untick an observation (Space) to leave it out. ▸ is the present step."),
    ("x", "Where it was observed."),
    ("t", "What was observed."),
    ("surprise", "−ln p(tₙ | the ones before), in nats: how badly it was predicted."),
    ("gained", "½ ln(1 + β φᵀSφ), in nats: by how much it narrowed the weights."),
    ("ln evidence", "ln p(t₁…tₙ), in nats: minus the sum of the surprises so far."),
)  # fmt: skip


class Rows(QAbstractTableModel):
    """The ledger of a scene, and the observations that wait for a later step below it."""

    ticked = Signal(int, bool)  # an observation, and whether it is to be taken into account

    def __init__(self) -> None:
        super().__init__()
        self.scene: Scene | None = None
        self.ledger: Ledger | None = None
        self._count = 0

    def show_scene(self, scene: Scene) -> None:
        """Take other rows, or only other numbers in them, which is faster."""
        ledger, document = scene.pictures["ledger"], scene.document
        count = min(len(document.observations), document.step + MOST) - ledger.first
        if (ledger.first, count) == (self.first, self._count) and count:
            self.scene, self.ledger = scene, ledger
            self.dataChanged.emit(self.index(0, 0), self.index(count - 1, len(COLUMNS) - 1))
            return
        self.beginResetModel()
        self.scene, self.ledger, self._count = scene, ledger, count
        self.endResetModel()

    @property
    def first(self) -> int:
        """The observation in the topmost row."""
        return self.ledger.first if self.ledger else 0

    def observation(self, row: int) -> int | None:
        """The observation in a row, if it is one."""
        return self.first + row if 0 <= row < self._count else None

    def rowCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, way: Qt.Orientation, role: int = Role.DisplayRole) -> Any:  # noqa: N802
        if way == Qt.Orientation.Horizontal and role in (Role.DisplayRole, Role.ToolTipRole):
            notation = self.scene.document.display.notation if self.scene else "Bishop"
            return written(COLUMNS[section][role == Role.ToolTipRole], notation)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        tickable = Qt.ItemFlag.ItemIsUserCheckable if index.column() == 0 else Qt.ItemFlag.NoItemFlags
        return super().flags(index) | tickable

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Asked for several hundred times in each painting, and so without detours."""
        if role == ALIGNMENT:
            return RIGHT
        if role not in ANSWERED or self.scene is None:
            return None
        n, document = self.first + index.row(), self.scene.document
        if role == DISPLAY:
            return self._text(self.scene, index.row(), index.column())
        if role == FONT:
            return _bold() if n == document.step - 1 else None
        if role == FOREGROUND:
            return QApplication.palette().placeholderText() if document.is_left_out(n) else None
        if index.column() == 0:
            return Qt.CheckState.Unchecked if document.is_left_out(n) else Qt.CheckState.Checked
        return None

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:  # noqa: N802
        if role != Role.CheckStateRole:
            return False
        self.ticked.emit(self.first + index.row(), Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def _text(self, scene: Scene, row: int, column: int) -> str:
        n, document = self.first + row, scene.document
        if column == 0:
            return f"▸ {n + 1}" if n == document.step - 1 else str(n + 1)
        if column < 3:
            return coordinate(float((document.observations.x, document.observations.t)[column - 1][n]))
        if document.is_left_out(n):
            return "left out" if column == 3 else ""
        assert self.ledger is not None
        values = (self.ledger.surprise, self.ledger.gained, self.ledger.evidence)[column - 3]
        if row >= len(values):
            return "waits" if column == 3 else ""
        return nats(float(values[row]))


def _bold() -> QFont:
    made = QApplication.font()
    made.setBold(True)
    return made


class _Boxes(QStyledItemDelegate):
    """Outlines the boxes to tick: an empty one would not be seen on a dark ground."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        shown = QStyleOptionViewItem(option)
        self.initStyleOption(shown, index)
        style = option.widget.style()
        box = style.subElementRect(QStyle.SubElement.SE_ItemViewItemCheckIndicator, shown, option.widget)
        painter.setPen(theme.faded(theme.ink(), 0.6))
        painter.drawRect(box.adjusted(0, 0, -1, -1))


class Table(QTableView):
    """A table that leaves keys with a meaning to its panel. A row is dragged without Qt's drag and drop, which runs an
    event loop of its own and which some desktops do not deliver.
    """

    moved = Signal(int, int)  # a row, and the one that it becomes

    def __init__(self, rows: Rows) -> None:
        super().__init__()
        self.setModel(rows)
        self.setItemDelegateForColumn(0, _Boxes(self))
        self.setAccessibleName("Ledger of the observations")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setDefaultAlignment(RIGHT)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self._pressed = QPoint()
        self._held: int | None = None  # the row under the button
        self._gap: int | None = None  # the row before which it would be dropped
        rows.modelReset.connect(self._let_go)

    def _let_go(self) -> None:
        self._held = self._gap = None
        self.viewport().unsetCursor()
        self.viewport().update()

    def _gap_at(self, y: int) -> int:
        """The row before which something dropped at that height comes to lie."""
        row = self.rowAt(y)
        if row < 0:
            return 0 if y < 0 else self.model().rowCount()
        return row + (y > self.rowViewportPosition(row) + self.rowHeight(row) / 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            row = self.rowAt(event.position().toPoint().y())
            self._pressed, self._held = event.position().toPoint(), row if row >= 0 else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        at = event.position().toPoint()
        if self._held is None or not event.buttons() & Qt.MouseButton.LeftButton:
            super().mouseMoveEvent(event)
            return
        if self._gap is None and (at - self._pressed).manhattanLength() < QApplication.startDragDistance():
            return
        self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        self._gap = self._gap_at(at.y())
        self.scrollTo(self.model().index(min(max(self._gap, 0), self.model().rowCount() - 1), 0))
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        held, gap = self._held, self._gap
        self._let_go()
        if held is None or gap is None:
            super().mouseReleaseEvent(event)
            return
        self.setState(QAbstractItemView.State.NoState)
        to = gap if gap <= held else gap - 1
        if to != held:
            self.moved.emit(held, to)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        keys = Qt.Key
        kept = (keys.Key_Delete, keys.Key_Backspace, keys.Key_Return, keys.Key_Enter, keys.Key_Space, keys.Key_Escape)
        if event.key() in kept or event.modifiers() & Qt.KeyboardModifier.AltModifier:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if self._gap is None:
            return
        last = self._gap == self.model().rowCount()
        y = self.rowViewportPosition(self._gap - last) + last * self.rowHeight(self._gap - 1)
        painter = QPainter(self.viewport())
        painter.fillRect(0, max(y - 1, 0), self.viewport().width(), 3, theme.role_colour("hovered"))
