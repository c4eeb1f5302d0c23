"""A dialog that reads a file in a thread while it is open."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QDialog, QWidget

from gui.page.jobs import Failure, Latest


class ReadingDialog(QDialog):
    """A dialog with a worker thread, which ends with the dialog. Abstract.

    A subclass submits a job to `line` and shows its results.
    """

    def __init__(self, parent: QWidget | None, title: str) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self._painted = False
        self.line = Latest("reading", parent=self)
        self.line.progressed.connect(self._on_progressed)
        self.line.delivered.connect(self._on_delivered)
        self.line.failed.connect(self._on_failed)

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
