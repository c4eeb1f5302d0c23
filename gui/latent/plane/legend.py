"""The legend of the plane: one button for each class, which shows or hides its test images."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from gui.shell import theme
from gui.widgets.controls import CONTROL, ToolButton
from gui.widgets.elided import Elided
from gui.widgets.plain_tip import plain_tip

TITLE = "Classes"
MARGIN = 10  # pixels to the left and right


class Legend(QWidget):
    """A row of check buttons, one for each class; empty until `show_classes` is called."""

    toggled = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.buttons: list[ToolButton] = []
        self._hidden: tuple[int, ...] = ()
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(MARGIN, 2, MARGIN, 4)
        self.grid.setSpacing(2)
        self.words = Elided()
        self.words.say(TITLE)
        self.setProperty(CONTROL, True)
        self.hide()

    def show_classes(self, classes: tuple[str, ...]) -> None:
        """Create a button for each class, unless the buttons exist already."""
        if [button.text() for button in self.buttons] == list(classes):
            return
        for button in self.buttons:
            button.deleteLater()
        self.buttons = [self._button(i, name) for i, name in enumerate(classes)]
        self._arrange()
        self.show_hidden(self._hidden, shown=not self.isHidden())

    def show_hidden(self, hidden: tuple[int, ...], *, shown: bool) -> None:
        """Check the buttons of all classes except `hidden`; hide the whole legend unless `shown`."""
        self._hidden = hidden
        self.setVisible(shown)
        for i, button in enumerate(self.buttons):
            button.setChecked(i not in hidden)

    def _arrange(self) -> None:
        """Place the title, then the buttons, as many in a row as fit."""
        if not self.buttons:
            return
        side = round(0.75 * self.fontMetrics().height())
        for button in self.buttons:
            button.setIconSize(QSize(side, side))
        title = self.fontMetrics().horizontalAdvance(TITLE) + side
        widest = max(button.sizeHint().width() for button in self.buttons) + self.grid.spacing()
        columns = max(1, min(len(self.buttons), (self.width() - title - 2 * MARGIN) // widest))
        self.grid.addWidget(self.words, 0, 0)
        self.grid.setColumnMinimumWidth(0, title)
        for i, button in enumerate(self.buttons):
            self.grid.addWidget(button, i // columns, 1 + i % columns)
        self.grid.setColumnStretch(len(self.buttons) + 1, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            for i, button in enumerate(self.buttons):
                button.setIcon(_dot(theme.classes()[i % len(theme.CLASSES)]))
        if event.type() == QEvent.Type.FontChange:
            self._arrange()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(0, super().minimumSizeHint().height())

    def _button(self, i: int, name: str) -> ToolButton:
        button = ToolButton()
        button.setText(name)
        button.setIcon(_dot(theme.classes()[i % len(theme.CLASSES)]))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setAutoRaise(True)
        button.setCheckable(True)
        button.setAccessibleName(f"Show class {name}")
        button.setToolTip(plain_tip(f"Show or hide the test images of class {name}"))
        button.setProperty("class_index", i)
        button.clicked.connect(self._on_clicked)
        return button

    def _on_clicked(self) -> None:
        self.toggled.emit(self.sender().property("class_index"))


def _dot(colour: str) -> QIcon:
    pixmap = QPixmap(24, 24)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawEllipse(2, 2, 20, 20)
    painter.end()
    return QIcon(pixmap)
