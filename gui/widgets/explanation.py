"""The explanation behind a "?": one sentence and the equation, typeset."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from gui.widgets.bold import embolden
from gui.widgets.mathtext import Formula

LINE = 52  # characters on a line, at least


class Explanation(QFrame):
    """A small window that closes when one clicks elsewhere or presses Escape."""

    def __init__(self, parent: QWidget, title: str, sentence: str, equation: str) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 14)
        column.setSpacing(10)
        heading, words = QLabel(title), QLabel(sentence)
        embolden(heading)
        column.addWidget(heading)
        column.addWidget(words)
        width = LINE * self.fontMetrics().averageCharWidth()
        if equation:
            formula = Formula(equation)
            column.addWidget(formula)
            width = max(width, formula.sizeHint().width())
        words.setWordWrap(True)
        words.setFixedWidth(width)
        words.setFixedHeight(words.heightForWidth(width))  # which the layout of a window does not ask for

    def show_below(self, right_corner: QPoint) -> None:
        """Show with the upper right corner there, inside the screen."""
        self.show()  # its size is settled only then
        area = self.screen().availableGeometry()
        x = max(area.left(), min(right_corner.x() - self.width(), area.right() - self.width()))
        y = max(area.top(), min(right_corner.y() + 4, area.bottom() - self.height()))
        self.move(x, y)
