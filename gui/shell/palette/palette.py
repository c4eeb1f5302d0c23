"""The command palette, which finds a command, panel, lecture step or model by a few letters and runs it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QFont, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFrame,
    QLabel,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from gui.shell.palette.entries import Entry, matching
from gui.widgets.controls import Line

Index = QModelIndex | QPersistentModelIndex
NAME = "Find a command"
ENTRY = Qt.ItemDataRole.UserRole
NOTHING = "No command matches. Try fewer letters or another word."
ROWS, LINE = 9, 76  # the largest number of visible rows, and of characters in a row
MOVES = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -ROWS, Qt.Key.Key_PageDown: ROWS}


class Entries(QAbstractListModel):
    """The list model of the matching entries."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: list[Entry] = []

    def show_rows(self, rows: list[Entry]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self.rows[index.row()]
        values = {
            Qt.ItemDataRole.DisplayRole: entry.text,
            Qt.ItemDataRole.AccessibleTextRole: entry.spoken,
            Qt.ItemDataRole.ToolTipRole: entry.reason or entry.tip,
            ENTRY: entry,
        }
        return values.get(Qt.ItemDataRole(role))


class Row(QStyledItemDelegate):
    """Draws a row: the text and its keys, and below them the menu path and the tip, or the reason if unavailable."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        return QSize(0, 2 * option.fontMetrics.height() + 10)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        opt: Any = option
        entry: Entry = index.data(ENTRY)
        chosen = bool(opt.state & QStyle.StateFlag.State_Selected)
        text, pale = _pens(opt.palette, chosen, bool(entry.reason))
        area = opt.rect.adjusted(10, 4, -10, -4)
        painter.save()
        if chosen:
            painter.fillRect(opt.rect, opt.palette.brush(QPalette.ColorRole.Highlight))
        _write(painter, area, text, entry.text, entry.keys)
        small = QFont(opt.font)
        small.setPointSizeF(0.9 * opt.font.pointSizeF())
        painter.setFont(small)
        lower = area.adjusted(0, opt.fontMetrics.height() + 1, 0, 0)
        _write(painter, lower, pale, " – ".join(filter(None, (entry.where, entry.reason or entry.tip))))
        painter.restore()


def _pens(palette: QPalette, chosen: bool, grey: bool) -> tuple[Any, Any]:
    """The colours of the upper and the lower line."""
    pale = palette.color(QPalette.ColorRole.PlaceholderText)
    if chosen:
        strong = palette.color(QPalette.ColorRole.HighlightedText)
        return strong, strong
    return (pale if grey else palette.color(QPalette.ColorRole.Text)), pale


def _write(painter: QPainter, area: QRect, pen: Any, left: str, right: str = "") -> None:
    """Draw one line of text, elided if it is too long, with `right` at its right end."""
    metrics, top = painter.fontMetrics(), Qt.AlignmentFlag.AlignTop
    painter.setPen(pen)
    painter.drawText(area, Qt.AlignmentFlag.AlignRight | top, right)
    room = area.width() - (metrics.horizontalAdvance(right) + 16 if right else 0)
    painter.drawText(
        area, Qt.AlignmentFlag.AlignLeft | top, metrics.elidedText(left, Qt.TextElideMode.ElideRight, room)
    )


class Palette(QDialog):
    """A line edit and the list of matching entries. Enter runs the current entry, Up and Down move, Escape closes."""

    chosen = Signal(object)  # an Entry

    def __init__(self, parent: QWidget, entries: Iterable[Entry], recent: list[str]) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(NAME)
        self.setAccessibleName(NAME)
        self._entries, self._recent = tuple(entries), recent
        self.line, self.list, self.rows, self.nothing = Line(), QListView(), Entries(self), QLabel(NOTHING)
        self._dress()
        self.line.textChanged.connect(self._on_typed)
        self.line.installEventFilter(self)
        self.list.clicked.connect(self._on_accepted)
        self._on_typed("")

    def _dress(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        for widget in (self.line, self.list, self.nothing):
            column.addWidget(widget)
        self.line.setPlaceholderText("Command, panel, lecture step or model")
        self.line.setAccessibleName(NAME)
        self.line.setAccessibleDescription(
            "Type a few letters. Up and Down choose, Enter runs the entry, Escape closes."
        )
        self.list.setAccessibleName("Matching commands")
        self.list.setModel(self.rows)
        self.list.setItemDelegate(Row(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.nothing.setWordWrap(True)

    @property
    def current(self) -> Entry | None:
        """The entry that Enter runs."""
        index = self.list.currentIndex()
        return self.rows.rows[index.row()] if index.isValid() else None

    def open_over(self, window: QWidget) -> None:
        """Show the palette at the top centre of a window, not larger than the window."""
        metrics = self.fontMetrics()
        width = min(LINE * metrics.averageCharWidth(), window.width() - 20)
        height = min(ROWS * (2 * metrics.height() + 10) + 3 * metrics.height(), window.height() - 60)
        self.setFixedSize(width, height)
        self.move(window.mapToGlobal(QPoint((window.width() - width) // 2, 40)))
        self.show()
        self.line.setFocus(Qt.FocusReason.PopupFocusReason)

    def _on_typed(self, text: str) -> None:
        self.rows.show_rows(matching(self._entries, text, self._recent))
        self.list.setCurrentIndex(self.rows.index(0))
        self.list.setVisible(bool(self.rows.rows))
        self.nothing.setVisible(not self.rows.rows)
        self._announce()

    def _on_accepted(self) -> None:
        """Run the current entry and close. If the entry is unavailable, beep and stay open with the reason visible."""
        entry = self.current
        if entry is not None and not entry.reason:
            self.close()
            self.chosen.emit(entry)
        else:
            QApplication.beep()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Handle the keys that run an entry or move in the list, while the line edit has the focus."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_accepted()
        elif key in MOVES:
            self._move(MOVES[key])
        else:
            return False
        return True

    def _move(self, by: int) -> None:
        """Move the current row. Single steps wrap around; steps of a page stop at the first and the last row."""
        count = len(self.rows.rows)
        if count:
            to = self.list.currentIndex().row() + by
            self.list.setCurrentIndex(self.rows.index(to % count if abs(by) == 1 else min(max(to, 0), count - 1)))
            self._announce()

    def _announce(self) -> None:
        """Announce the current row to screen readers, because the focus stays in the line edit."""
        if (entry := self.current) is not None and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.line, entry.spoken))
