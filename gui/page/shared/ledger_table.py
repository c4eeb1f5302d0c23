"""The table of a ledger: one row for each observation, which can be dragged to another position and ticked.

Rows are dragged by own mouse events. The drag and drop of Qt runs an event loop inside the mouse press, and some
desktops do not deliver its events.
"""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
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

from gui.page.shared.columns import Columns
from gui.shell import theme
from gui.widgets.controls import box_side, frame_focus

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
Role = Qt.ItemDataRole
ALIGNMENT, DISPLAY, CHECK, FONT, FOREGROUND = (
    int(role)
    for role in (Role.TextAlignmentRole, Role.DisplayRole, Role.CheckStateRole, Role.FontRole, Role.ForegroundRole)
)
Key = Qt.Key
PANEL_KEYS = (Key.Key_Delete, Key.Key_Backspace, Key.Key_Return, Key.Key_Enter, Key.Key_Space, Key.Key_Escape)
ANSWERED = frozenset((DISPLAY, CHECK, FONT, FOREGROUND))


class LedgerRows(QAbstractTableModel):
    """The table model of the observations from number `first`. Abstract: a subclass defines the text of the cells.

    The first `step` observations are taken into account; the others wait.
    """

    ticked = Signal(int, bool)  # an observation, and whether to take it into account

    columns: ClassVar[tuple[tuple[str, str], ...]]  # (heading, tooltip) of each column
    tickable: ClassVar[bool] = False
    widest: ClassVar[tuple[str, ...]] = ()  # the longest text of each column; without it the columns share the width
    in_words: ClassVar[frozenset[int]] = frozenset()  # the columns with words, which are aligned left

    def __init__(self) -> None:
        super().__init__()
        self.first = self.step = self._count = 0

    def text(self, n: int, column: int) -> str:
        """The text of an observation in a column other than the first."""
        raise NotImplementedError

    def is_left_out(self, n: int) -> bool:
        """Whether an observation is left out."""
        return False

    def is_pale(self, n: int) -> bool:
        """Whether the row of an observation is drawn pale, because the observation has no effect at present."""
        return self.is_left_out(n)

    def words(self, text: str) -> str:
        """A heading or tooltip in the present notation."""
        return text

    def take(self, first: int, count: int, step: int) -> None:
        """Replace the rows. If `first` and `count` stay, only the cells are updated, which is faster."""
        if (first, count) == (self.first, self._count) and count:
            self.step = step
            self.dataChanged.emit(self.index(0, 0), self.index(count - 1, len(self.columns) - 1))
            return
        self.beginResetModel()
        self.first, self._count, self.step = first, count, step
        self.endResetModel()

    def observation(self, row: int) -> int | None:
        """The observation in a row; None if there is no such row."""
        return self.first + row if 0 <= row < self._count else None

    def rowCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, way: Qt.Orientation, role: int = Role.DisplayRole) -> Any:  # noqa: N802
        if way == Qt.Orientation.Horizontal and role in (Role.DisplayRole, Role.ToolTipRole):
            return self.words(self.columns[section][role == Role.ToolTipRole])
        if role == Role.TextAlignmentRole and section in self.in_words:
            return LEFT
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        ticked = self.tickable and index.column() == 0
        return super().flags(index) | (Qt.ItemFlag.ItemIsUserCheckable if ticked else Qt.ItemFlag.NoItemFlags)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Return the data of a cell. Qt calls this several hundred times for each paint, so it must be fast."""
        if role == ALIGNMENT:
            return LEFT if index.column() in self.in_words else RIGHT
        if role not in ANSWERED:
            return None
        n, column = self.first + index.row(), index.column()
        if role == DISPLAY:
            return self.text(n, column) if column else f"▸ {n + 1}" if n == self.step - 1 else str(n + 1)
        if role == FONT:
            return _bold() if n == self.step - 1 else None
        if role == FOREGROUND:
            return QApplication.palette().placeholderText() if self.is_pale(n) else None
        if self.tickable and column == 0:
            return Qt.CheckState.Unchecked if self.is_left_out(n) else Qt.CheckState.Checked
        return None

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:  # noqa: N802
        if role != Role.CheckStateRole:
            return False
        self.ticked.emit(self.first + index.row(), Qt.CheckState(value) == Qt.CheckState.Checked)
        return True


def _bold() -> QFont:
    font = QFont(theme.font())
    font.setBold(True)
    return font


class _Boxes(QStyledItemDelegate):
    """Boxes to tick that grow with the text and have an outline: an empty box is invisible on a dark background."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802
        super().initStyleOption(option, index)
        option.features &= ~QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator

    def _box(self, option: QStyleOptionViewItem) -> QRect:
        side, room = box_side(option.widget), option.rect
        return QRect(room.left() + 3, room.center().y() - side // 2, side, side)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        shown = QStyleOptionViewItem(option)
        shown.rect = self._box(option)
        is_on = Qt.CheckState(index.data(CHECK)) == Qt.CheckState.Checked
        shown.state |= QStyle.StateFlag.State_On if is_on else QStyle.StateFlag.State_Off
        kind = QStyle.PrimitiveElement.PE_IndicatorItemViewItemCheck
        option.widget.style().drawPrimitive(kind, shown, painter, option.widget)
        painter.setPen(theme.faded(theme.ink(), 0.6))
        painter.drawRect(shown.rect.adjusted(0, 0, -1, -1))

    def editorEvent(  # noqa: N802
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """Tick or untick at a click in the box."""
        if event.type() != QEvent.Type.MouseButtonRelease or not isinstance(event, QMouseEvent):
            return False
        if event.button() != Qt.MouseButton.LeftButton or not self._box(option).contains(event.position().toPoint()):
            return False
        is_on = Qt.CheckState(index.data(CHECK)) == Qt.CheckState.Checked
        return model.setData(index, Qt.CheckState.Unchecked if is_on else Qt.CheckState.Checked, CHECK)


class LedgerTable(QTableView):
    """The table view of a ledger. Its panel handles Enter, Space, Delete, Backspace, Escape and keys with Alt."""

    moved = Signal(int, int)  # a row, and its new position

    def __init__(self, rows: LedgerRows, name: str) -> None:
        super().__init__()
        self.setModel(rows)
        if rows.tickable:
            self.setItemDelegateForColumn(0, _Boxes(self))
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)  # Tab leaves the table
        self.verticalHeader().hide()
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setDefaultAlignment(RIGHT)
        self._share_width(rows)
        self._pressed = QPoint()
        self._held: int | None = None  # the row that is pressed
        self._gap: int | None = None  # the row above which the pressed row would be dropped
        rows.modelReset.connect(self._let_go)

    def _share_width(self, rows: LedgerRows) -> None:
        """Fit columns with numbers to their content; columns with words share the rest.

        Without words all columns are equal but the last, which fits its content.
        """
        if rows.widest:
            Columns(self, lambda: rows.widest)
            return
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        if not rows.in_words:  # the last column has the longest title
            header.setSectionResizeMode(len(rows.columns) - 1, QHeaderView.ResizeMode.ResizeToContents)
        for column in range(len(rows.columns) if rows.in_words else 0):
            if column not in rows.in_words:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)

    def _let_go(self) -> None:
        self._held = self._gap = None
        self.viewport().unsetCursor()
        self.viewport().update()

    def _gap_at(self, y: int) -> int:
        """The row above which a row dropped at height `y` is inserted."""
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
        if event.key() in PANEL_KEYS or event.modifiers() & Qt.KeyboardModifier.AltModifier:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        frame_focus(self)
        if self._gap is None:
            return
        last = self._gap == self.model().rowCount()
        y = self.rowViewportPosition(self._gap - last) + last * self.rowHeight(self._gap - 1)
        painter = QPainter(self.viewport())
        painter.fillRect(0, max(y - 1, 0), self.viewport().width(), 3, theme.role_colour("hovered"))
