"""A dialog that reads something while one looks at it, in a thread that ends with it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QDialog, QWidget

from gui.page.jobs import Failure, Latest


class ReadingDialog(QDialog):
    """A subclass says what is submitted to the `line`, and hears what comes of it."""

    def __init__(self, parent: QWidget, title: str) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self._painted = False
        self.line = Latest("reading", parent=self)
        self.line.progressed.connect(self._on_progressed)
        self.line.delivered.connect(self._on_delivered)
        self.line.failed.connect(self._on_failed)

    def _read(self) -> None:
        """Start to read, instead of what was asked before."""
        raise NotImplementedError

    def _on_progressed(self, progress: Any) -> None:
        raise NotImplementedError

    def _on_delivered(self, found: Any) -> None:
        raise NotImplementedError

    def _on_failed(self, failure: Failure) -> None:
        raise NotImplementedError

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Reading starts when there is something to look at: the two would fight for the interpreter."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self._read)

    def done(self, result: int) -> None:
        """Stop to read, and close."""
        self.line.close()
        super().done(result)
