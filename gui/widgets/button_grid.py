"""A grid of buttons of equal width: as many in a row as fit, so that a narrow panel does not cut the last one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLayout, QPushButton, QWidget

GAP = 6  # pixels


class ButtonGrid(QWidget):
    """Buttons in their order, row by row."""

    def __init__(self, *buttons: QPushButton) -> None:
        super().__init__()
        self.buttons = buttons
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setSpacing(GAP)
        self.grid.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # the grid may become narrower than a row
        self._columns = 0
        self._wrap()

    @property
    def widest(self) -> int:
        """The width of the widest button."""
        return max(button.sizeHint().width() for button in self.buttons)

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """The height of all rows at a width. A scroll area that learns it only afterwards never comes to rest."""
        rows = -(-len(self.buttons) // self._columns_in(width))
        tall = max(button.sizeHint().height() for button in self.buttons)
        return rows * (tall + GAP) - GAP

    def sizeHint(self) -> QSize:  # noqa: N802
        width = len(self.buttons) * (self.widest + GAP) - GAP
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(self.widest, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._wrap()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._wrap()

    def _columns_in(self, width: int) -> int:
        """The number of columns at a width, for rows of about equal length."""
        fitting = max(1, (width + GAP) // (self.widest + GAP))
        return -(-len(self.buttons) // -(-len(self.buttons) // fitting))

    def _wrap(self) -> None:
        columns = self._columns_in(self.width())
        if columns == self._columns:
            return
        self._columns = columns
        for column in range(len(self.buttons)):
            self.grid.setColumnStretch(column, int(column < columns))
        for i, button in enumerate(self.buttons):
            self.grid.addWidget(button, i // columns, i % columns)
        self.grid.activate()
