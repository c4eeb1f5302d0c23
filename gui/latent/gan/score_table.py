"""A table of numbers that is as high as its rows, and scrolls sideways if it is too wide."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableWidget, QTableWidgetItem

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
NARROWEST = 160  # pixels


class ScoreTable(QTableWidget):
    """One row for each kind of images."""

    def __init__(self, name: str, headings: Sequence[str], rows: Sequence[str]) -> None:
        super().__init__(len(rows), len(headings))
        self._was_too_wide = False
        self.setAccessibleName(name)
        self.setHorizontalHeaderLabels(headings)
        self.setVerticalHeaderLabels(rows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)  # Tab leaves the table
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setHighlightSections(False)  # bold headings are wider
            header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            header.sectionResized.connect(self._on_resized)

    def write(self, row: int, texts: Sequence[str]) -> None:
        """Write the cells of a row."""
        for column, text in enumerate(texts):
            item = self.item(row, column)
            if item is None:
                item = QTableWidgetItem()
                item.setTextAlignment(RIGHT)
                self.setItem(row, column, item)
            item.setText(text)
        self._on_resized()

    def _on_resized(self) -> None:
        self.updateGeometry()
        self.viewport().update()  # Qt does not clear what is left beside columns that have become narrower

    @property
    def _is_too_wide(self) -> bool:
        """Whether the columns do not fit, so that the table scrolls sideways."""
        return self.horizontalHeader().length() > self.viewport().width()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        if (wide := self._is_too_wide) != self._was_too_wide:
            self._was_too_wide = wide
            self.updateGeometry()

    def sizeHint(self) -> QSize:  # noqa: N802
        heading, bar = self.horizontalHeader().sizeHint().height(), self.horizontalScrollBar().sizeHint().height()
        bar = bar if self._is_too_wide else 0
        height = heading + self.verticalHeader().length() + bar + 2 * self.frameWidth()
        return QSize(self.verticalHeader().sizeHint().width() + self.horizontalHeader().length(), height)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(NARROWEST, self.sizeHint().height())
