"""The title bar of a dock, with colour, title, caption and the buttons for help, menu, floating and closing.

The buttons are painted only under the mouse and with the focus. Until then, title and caption have their room.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QGuiApplication, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QMenu, QWidget

from gui.page.panel import Panel
from gui.page.separators import leave_separator
from gui.page.summary import summary
from gui.shell import theme
from gui.widgets.bold import embolden
from gui.widgets.controls import ToolButton
from gui.widgets.elided import Elided, ElidedLabel
from gui.widgets.explanation import Explanation


class TitleButton(ToolButton):
    """A button of a title bar. It is painted while the mouse is over the bar or one of its buttons has the focus."""

    @property
    def is_shown(self) -> bool:
        """Whether the button is painted."""
        bar = self.parentWidget()
        return bar is not None and (bar.underMouse() or any(button.hasFocus() for button in self._siblings()))

    def _siblings(self) -> list[TitleButton]:
        bar = self.parentWidget()
        return bar.findChildren(TitleButton) if bar is not None else []

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if self.is_shown:
            super().paintEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusInEvent(event)
        self._repaint_all()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusOutEvent(event)
        self._repaint_all()

    def _repaint_all(self) -> None:
        bar = self.parentWidget()
        if isinstance(bar, TitleBar):
            bar.refresh()


class TitleBar(QWidget):
    """The bar above a panel. A drag moves the dock, a double click fills the page; all other actions are buttons.

    The buttons are painted under the mouse and with the focus only; they are always there for the keyboard.
    """

    filled = Signal()  # the panel is to fill the page, or to return to its place

    menu_opened = Signal(object, object)  # the panel class and its menu, to which the receiver adds entries

    def __init__(self, dock: QDockWidget, kind: type[Panel]) -> None:
        super().__init__(dock)
        self.dock, self.kind = dock, kind
        self.panel: Panel | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        row = self._row = _Row(self)
        row.setContentsMargins(8, 5, 4, 3)
        row.setSpacing(2)
        self.title, self.caption = ElidedLabel(kind.title), Elided()
        embolden(self.title)
        row.addWidget(self.title)
        row.addWidget(self.caption, 1)
        self.buttons: dict[str, TitleButton] = {}
        for name, text, slot in (
            ("help", f"Explain {kind.title}", self.explain),
            ("menu", f"Menu of {kind.title}", self._on_menu),
            ("float", f"Float or dock {kind.title}", self._on_float),
            ("close", f"Close {kind.title} (reopen it in the View menu)", dock.close),
        ):
            row.addWidget(self._button(name, text, slot))
        self._let_paint()

    def take(self, panel: Panel) -> None:
        """Connect the caption and the menu to a panel."""
        self.panel = panel
        panel.caption_changed.connect(self.caption.say)
        panel.menu_wanted.connect(self.pop_menu)

    def _button(self, name: str, text: str, slot: object) -> TitleButton:
        button = TitleButton()
        button.setAutoRaise(True)
        button.setIcon(theme.icon(name))
        button.setToolTip(text)
        button.setAccessibleName(text)
        button.clicked.connect(slot)
        self.buttons[name] = button
        return button

    def recolour(self) -> None:
        """Draw the icons again in the present colours."""
        for name, button in self.buttons.items():
            button.setIcon(theme.icon(name))

    def pop_menu(self, at: QPoint) -> None:
        """Open the menu of the panel at a point of the screen."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        for action in self.panel.choices() if self.panel else []:
            menu.addAction(action)
        menu.addAction("Fill the page, or return", self.filled.emit)
        self.menu_opened.emit(self.kind, menu)
        menu.addAction("Copy summary", self._on_copy_summary)
        menu.popup(at)

    def explain(self) -> None:
        """Show the explanation of the panel below the button with the question mark."""
        button = self.buttons["help"]
        marks = self.panel.legend_entries() if self.panel and self.panel.seen else []
        explanation = Explanation(self, self.kind.title, self.kind.sentence, self.kind.equation, marks)
        explanation.show_below(button.mapToGlobal(QPoint(button.width(), button.height())))

    def _on_menu(self) -> None:
        button = self.buttons["menu"]
        self.pop_menu(button.mapToGlobal(QPoint(0, button.height())))

    def _on_float(self) -> None:
        self.dock.setFloating(not self.dock.isFloating())

    def _on_copy_summary(self) -> None:
        if self.panel is not None:
            QGuiApplication.clipboard().setText(summary(self.panel, self.caption.text()))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Prepare for a drag, which the dock begins: a pen or a finger may have left a separator without a word."""
        if (page := self.dock.parentWidget()) is not None:
            leave_separator(page)
        event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Fill the page with the panel, or return; a floating panel goes back to its place."""
        if self.dock.isFloating():
            self.dock.setFloating(False)
        else:
            self.filled.emit()
        event.accept()

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        super().enterEvent(event)
        self.refresh()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        super().leaveEvent(event)
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._row.activate()

    def refresh(self) -> None:
        """Paint the buttons, or the caption in their room."""
        self.fit_texts()
        self._let_paint()
        self.update()

    def _let_paint(self) -> None:
        """Let Qt paint the buttons only while they are shown, not each time that the caption below them changes."""
        shown = self.buttons["help"].is_shown
        for button in self.buttons.values():
            button.setUpdatesEnabled(shown)

    def fit_texts(self) -> None:
        """Give title and caption the room up to the buttons if they are painted, else up to the edge."""
        first, right = self.buttons["help"], self.width() - self._row.contentsMargins().right()
        if first.is_shown:
            right = first.x() - self._row.spacing()
        title, caption = self.title.geometry(), self.caption.geometry()
        title.setWidth(max(0, min(self.title.sizeHint().width(), right - title.x())))
        caption.setLeft(min(right, title.right() + 1 + self.fontMetrics().height() // 2))
        caption.setRight(right - 1)
        self.title.setGeometry(title)
        self.caption.setGeometry(caption)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.recolour()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().window())
        colour = theme.role_colour(self.kind.role) if self.kind.role else self.palette().mid().color()
        painter.fillRect(0, 0, self.width(), 3, colour)


class _Row(QHBoxLayout):
    """The row of a title bar. Each time that it is laid out, also by the layout around it, the texts get their room."""

    def setGeometry(self, place: QRect) -> None:  # noqa: N802
        super().setGeometry(place)
        bar = self.parentWidget()
        if isinstance(bar, TitleBar):  # and not a bar that is being destroyed
            bar.fit_texts()
