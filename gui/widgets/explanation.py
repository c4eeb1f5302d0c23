"""The popup of the "?" button of a panel, with its explanation, its equation and the colours of its marks."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from gui.widgets.bold import embolden
from gui.widgets.elided import Elided, Spans
from gui.widgets.mathtext import Formula

LINE = 52  # the smallest width, in characters


class Explanation(QFrame):
    """A popup that closes at a click outside and at Escape."""

    def __init__(self, parent: QWidget, title: str, sentence: str, equation: str, marks: Spans) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setAccessibleName(title)
        self.setAccessibleDescription(" ".join([sentence, *(f"{text}." for _, text in marks)]))
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
        column.addLayout(_legend(marks))
        words.setWordWrap(True)
        words.setFixedWidth(width)
        words.setFixedHeight(words.heightForWidth(width))  # because the layout of a window ignores heightForWidth

    def show_below(self, right_corner: QPoint) -> None:
        """Show the popup below the point `right_corner` of the screen, at its left, inside the screen."""
        self.show()  # the size is final only after that
        area = self.screen().availableGeometry()
        x = max(area.left(), min(right_corner.x() - self.width(), area.right() - self.width()))
        y = max(area.top(), min(right_corner.y() + 4, area.bottom() - self.height()))
        self.move(x, y)
        self.setFocus(Qt.FocusReason.PopupFocusReason)
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self.accessibleDescription()))


def _legend(marks: Spans) -> QVBoxLayout:
    """Return one line for each colour and its meaning."""
    column = QVBoxLayout()
    column.setSpacing(3)
    for mark in marks:
        line = Elided()
        line.say(mark)
        column.addWidget(line)
    return column
