"""The banner over the top of the page, with one notice or error message and its details."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMessageBox, QSizePolicy, QWidget

from engine.document import Document
from gui.page.jobs import Failure
from gui.widgets.controls import Button


class Banner(QFrame):
    """A line with one message. It is hidden without a message; a new message replaces the former one.

    It lies over the page, so that the page keeps its place. A message about a page goes with the next edit of the page,
    and when another page is shown.
    """

    reported = Signal(str)  # the details of an error that the user wants to report

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.details = ""
        self.about: Document | None = None
        self.is_passing = False
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.more, self.report, self.dismiss = Button("Details"), Button("Report a problem"), Button("Dismiss")
        self.more.clicked.connect(self._on_more)
        self.report.clicked.connect(self._on_report)
        self.dismiss.clicked.connect(self.hide)
        for widget in (self.text, self.more, self.report, self.dismiss):
            row.addWidget(widget)
        self.over = parent
        parent.installEventFilter(self)
        self.hide()

    def say(self, text: str, details: str = "", about: Document | None = None, *, is_passing: bool = False) -> None:
        """Show a message, which may be about one document. With `details` the buttons Details and Report are shown.

        A passing message answers an action of the user in one tab, and goes with that tab.
        """
        self.details, self.about, self.is_passing = details, about, is_passing
        self.text.setText(text)
        for button in (self.more, self.report):
            button.setVisible(bool(details))
        self.setAccessibleName(text)
        self.show()
        self.raise_()
        self._place()
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def retract(self, document: Document) -> None:
        """Hide a message about another document of the same page, because the page shows `document` now."""
        if type(self.about) is type(document) and self.about is not document:
            self.hide()

    def leave(self, document: Document) -> None:
        """Hide a passing message and a message about another page, because another tab, with `document`, is shown."""
        if self.is_passing or (self.about is not None and type(self.about) is not type(document)):
            self.hide()

    def retract_failure(self, failure: Failure) -> None:
        """Hide the message of a failed computation, because the computation has succeeded since."""
        if self.text.text() == failure.reason:
            self.hide()

    def _place(self) -> None:
        """Lie at the top of the parent, in the middle, as wide as the text needs."""
        room, text = self.over.width(), self.text
        others = self.sizeHint().width() - text.sizeHint().width()
        width = min(others + text.fontMetrics().horizontalAdvance(text.text()) + 8, room)
        height = max(self.heightForWidth(width), self.minimumSizeHint().height())
        self.setGeometry((room - width) // 2, 0, width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return False

    def show_failure(self, failure: Failure) -> None:
        """Show the reason and the details of a failure."""
        self.say(failure.reason, failure.details)

    def _on_report(self) -> None:
        self.reported.emit(self.details)

    def _on_more(self) -> None:
        close = QMessageBox.StandardButton.Close
        box = QMessageBox(QMessageBox.Icon.Information, "Details", "", close, self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setText(self.text.text())
        box.setDetailedText(self.details)
        box.open()
