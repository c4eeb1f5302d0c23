"""A dialog that reads a file in a thread while it is open."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from gui.page.jobs import Failure, Latest
from gui.widgets.scrolling import CalmArea

LARGEST = QSize(1260, 680)  # pixels: a projector of 1280×720 less the frame of a window
BAR = 24  # pixels beside the content for a scroll bar


class _Content(QWidget):
    """A column that scrolls only if it is smaller than it needs to be."""

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """The least height at a width. Qt takes the preferred one."""
        layout = self.layout()
        return layout.totalMinimumHeightForWidth(width) if layout is not None else -1


class ReadingDialog(QDialog):
    """A dialog with a worker thread, which ends with the dialog. Abstract.

    A subclass submits a job to `line` and shows its results.
    """

    def __init__(self, parent: QWidget | None, title: str) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self._painted = False
        self.content = _Content()  # all but the buttons; it scrolls where the screen is small and the text large
        self.line = Latest("reading", parent=self)
        self.line.progressed.connect(self._on_progressed)
        self.line.delivered.connect(self._on_delivered)
        self.line.failed.connect(self._on_failed)

    def lay_out(self, column: QLayout, buttons: QWidget) -> None:
        """Show a column of widgets, with the buttons below it, which are always in sight."""
        area, whole = CalmArea(), QVBoxLayout(self)
        self.content.setLayout(column)
        area.setWidget(self.content)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column.setContentsMargins(16, 14, 16, 4)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(16, 6, 16, 14)
        row.addWidget(buttons)
        whole.addWidget(area, 1)
        whole.addLayout(row)

    def take_room(self, width: int, height: int) -> None:
        """Set the size, which is at least as wide as the content and not larger than the screen or a projector."""
        screen = self.screen().availableGeometry().size()
        wide = max(width, self.content.minimumSizeHint().width() + BAR)
        self.resize(min(wide, screen.width(), LARGEST.width()), min(height, round(0.9 * screen.height())))
        self.resize(self.size().boundedTo(LARGEST))

    def _read(self) -> None:
        """Start to read, and cancel an earlier job."""
        raise NotImplementedError

    def _on_progressed(self, progress: Any) -> None:
        raise NotImplementedError

    def _on_delivered(self, result: Any) -> None:
        raise NotImplementedError

    def _on_failed(self, failure: Failure) -> None:
        raise NotImplementedError

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Start to read after the first paint, because painting and reading compete for the interpreter."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self._read)

    def done(self, result: int) -> None:
        """Stop reading, and close."""
        self.line.close()
        super().done(result)
