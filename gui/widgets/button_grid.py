"""A grid of buttons of equal width: as many in a row as fit, so that a narrow panel does not cut the last one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

GAP = 6  # pixels


class ButtonGrid(QWidget):
    """Buttons in their order, row by row.

    It has no layout of Qt, because its height depends on its width in steps. A scroll area that learns the height only
    after the width never comes to rest.
    """

    def __init__(self, *buttons: QPushButton) -> None:
        super().__init__()
        self.buttons = buttons
        for button in buttons:
            button.setParent(self)
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def widest(self) -> int:
        """The width of the widest button."""
        return max(button.sizeHint().width() for button in self.buttons)

    def _tall(self) -> int:
        """The height of the highest button."""
        return max(button.sizeHint().height() for button in self.buttons)

    def _columns_in(self, width: int) -> int:
        """The number of columns at a width, for rows of about equal length."""
        fitting = max(1, (width + GAP) // (self.widest + GAP))
        return -(-len(self.buttons) // -(-len(self.buttons) // fitting))

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """The height of all rows at a width."""
        rows = -(-len(self.buttons) // self._columns_in(width))
        return rows * (self._tall() + GAP) - GAP

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(len(self.buttons) * (self.widest + GAP) - GAP, self._tall())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(self.widest, self._tall())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._place()

    def event(self, event: QEvent) -> bool:
        """Place the buttons again when one has another text, or all have another font."""
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.FontChange):
            self.updateGeometry()
            self._place()
        return super().event(event)

    def _place(self) -> None:
        """Give each button its cell. The columns share the width, to the pixel."""
        columns, tall = self._columns_in(self.width()), self._tall()
        edges = [i * (self.width() + GAP) // columns for i in range(columns + 1)]
        for i, button in enumerate(self.buttons):
            row, column = divmod(i, columns)
            button.setGeometry(edges[column], row * (tall + GAP), edges[column + 1] - edges[column] - GAP, tall)
