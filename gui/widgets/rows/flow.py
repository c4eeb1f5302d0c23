"""A row of widgets that continues on the next line where it is too narrow, as the words of a text do."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

Line = list[tuple[QLayoutItem, int, int]]  # the item, its least width, its share of the width that is left
ANY = 10**6  # pixels, more than any width


class Flow(QLayout):
    """Widgets in lines. Each has at least its least width; what is left of a line goes to the widgets with a share.

    A widget whose `line` is a flow continues on the next line as a whole, and wraps if it is still too narrow there.
    """

    def __init__(self, *widgets: QWidget, gap: int = 6, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._shares: list[tuple[int, float]] = []
        self.setSpacing(gap)
        self.setContentsMargins(*margins)
        for widget in widgets:
            self.put(widget, 1 if hasattr(widget, "line") else 0)

    def put(self, widget: QWidget, share: int = 0, least: float = 0.0) -> None:
        """Add a widget with a share of the width that is left, and a least width in lines of text."""
        self._shares.append((share, least))
        self.addWidget(widget)

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, i: int) -> QLayoutItem | None:  # noqa: N802
        return self._items[i] if 0 <= i < len(self._items) else None

    def takeAt(self, i: int) -> QLayoutItem | None:  # noqa: N802
        if not 0 <= i < len(self._items):
            return None
        self._shares.pop(i)
        return self._items.pop(i)

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        left, top, right, bottom = self._edges()
        room = width - left - right
        heights = [self._height(line, room) for line in self._lines(room)]
        return top + bottom + sum(heights) + self.spacing() * max(len(heights) - 1, 0)

    @property
    def width_of_line(self) -> int:
        """The least width of all widgets on one line."""
        items = self._sized(ANY)
        return sum(least for _, least, _ in items) + self.spacing() * max(len(items) - 1, 0)

    def minimumSize(self) -> QSize:  # noqa: N802
        left, top, right, bottom = self._edges()
        items = self._sized(0)
        width = max((least for _, least, _ in items), default=0)
        return QSize(left + width + right, top + self._height(items, ANY) + bottom)

    def sizeHint(self) -> QSize:  # noqa: N802
        left, top, right, bottom = self._edges()
        items = self._sized(ANY)
        width = sum(max(least, item.sizeHint().width()) for item, least, _ in items)
        gaps = self.spacing() * max(len(items) - 1, 0)
        return QSize(left + width + gaps + right, top + self._height(items, ANY) + bottom)

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802
        super().setGeometry(rect)
        inside = rect.marginsRemoved(self.contentsMargins())
        y = inside.top()
        for line in self._lines(inside.width()):
            height, x = self._height(line, inside.width()), inside.left()
            for (item, _, _), width in zip(line, self._widths(line, inside.width()), strict=True):
                item.setGeometry(QRect(x, y, width, height))
                x += width + self.spacing()
            y += height + self.spacing()

    def _edges(self) -> tuple[int, int, int, int]:
        margins = self.contentsMargins()
        return margins.left(), margins.top(), margins.right(), margins.bottom()

    def _sized(self, room: int) -> Line:
        """Return the visible items with their least widths and shares, in a line of width `room`."""
        found: Line = []
        for item, (share, least) in zip(self._items, self._shares, strict=True):
            if not item.isEmpty() and (widget := item.widget()) is not None:
                wide = max(item.minimumSize().width(), round(least * widget.fontMetrics().height()))
                inner = getattr(widget, "line", None)
                if isinstance(inner, Flow):
                    wide = max(wide, min(inner.width_of_line, room))
                found.append((item, wide, share))
        return found

    def _lines(self, width: int) -> list[Line]:
        """Return the items in lines of at most a width, or of one item each."""
        lines: list[Line] = []
        left = 0
        for sized in self._sized(width):
            if not lines or sized[1] > left:
                lines.append([])
                left = width
            lines[-1].append(sized)
            left -= sized[1] + self.spacing()
        return lines

    def _height(self, line: Line, room: int) -> int:
        return max(map(_high, line, self._widths(line, room)), default=0)

    def _widths(self, line: Line, room: int) -> list[int]:
        """Return the width of each item: its preferred one if there is room, and what is left by the shares."""
        widths = [least for _, least, _ in line]
        left = room - sum(widths) - self.spacing() * (len(line) - 1)
        wishes = [max(0, item.sizeHint().width() - least) for item, least, _ in line]
        given = min(left, sum(wishes))
        if given > 0:
            widths = [width + wish * given // sum(wishes) for width, wish in zip(widths, wishes, strict=True)]
            left -= given
        shares = sum(share for _, _, share in line)
        if left > 0 and shares:
            widths = [width + share * left // shares for width, (_, _, share) in zip(widths, line, strict=True)]
        return [min(width, room) for width in widths]


def flowing(*widgets: QWidget, gap: int = 6, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QWidget:
    """Return a widget with `widgets` in a flow."""
    holder = QWidget()
    holder.setLayout(Flow(*widgets, gap=gap, margins=margins))
    return holder


def _high(sized: tuple[QLayoutItem, int, int], width: int) -> int:
    """The height of an item at a width."""
    item = sized[0]
    usual = max(item.minimumSize().height(), item.sizeHint().height())
    return item.heightForWidth(width) if item.hasHeightForWidth() else usual
