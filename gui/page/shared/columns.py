"""The columns of a table: each as wide as its texts, with the room that is left shared equally; rows of one line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

AROUND = 12  # pixels beside a text in a cell
ABOVE = 5  # pixels above and below it, together


class Columns(QObject):
    """Keeps the widths while the table, its text size or its heading changes. A narrow table scrolls sideways.

    `widest` returns the longest text of each column: to measure all cells takes longer than the rest of an update.
    """

    def __init__(self, table: QTableView, widest: Callable[[], Sequence[str]]) -> None:
        super().__init__(table)
        self.table, self._widest = table, widest
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.viewport().installEventFilter(self)
        table.model().modelReset.connect(self.share)
        table.model().dataChanged.connect(self.share)

    def share(self) -> None:
        """Set the widths. In a figure the columns have widths of their own."""
        header = self.table.horizontalHeader()
        texts = self._widest()
        if header.count() != len(texts) or header.sectionResizeMode(0) != QHeaderView.ResizeMode.Fixed:
            return
        metrics = self.table.fontMetrics()
        self.table.verticalHeader().setDefaultSectionSize(metrics.height() + ABOVE)
        needed = [
            max(header.sectionSizeHint(i), metrics.horizontalAdvance(text) + AROUND) for i, text in enumerate(texts)
        ]
        spare = max(0, self.table.viewport().width() - sum(needed))
        for i, width in enumerate(needed):
            if header.sectionSize(i) != (wide := width + (i + 1) * spare // len(texts) - i * spare // len(texts)):
                header.resizeSection(i, wide)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() in (QEvent.Type.Resize, QEvent.Type.FontChange):
            self.share()
        return False
