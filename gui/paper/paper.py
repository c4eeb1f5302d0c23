"""The commands for paper: the figures of the book, the handout and the thumbnails of a lecture."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow

from gui.lecture.mode import LectureMode
from gui.page.commands import Command
from gui.shell.page_stack import PageStack
from gui.shell.settings import Settings

if TYPE_CHECKING:
    from gui.paper.dialog import PaperDialog
    from gui.paper.products import Product


class Paper(QObject):
    """The owner of the commands, which open one dialog at a time."""

    def __init__(self, window: QMainWindow, stack: PageStack, settings: Settings, mode: LectureMode) -> None:
        super().__init__(window)
        self.window, self.stack, self.settings, self.mode = window, stack, settings, mode

    def _open(self, make: Callable[[], Product]) -> None:
        from gui.paper.dialog import PaperDialog  # imported here, because it delays the start

        self.close()
        self.dialog: PaperDialog = PaperDialog(self.window, self.stack, self.settings, make())
        self.dialog.show()

    def open_book(self) -> None:
        """Open the dialog for the figures of the book."""
        from gui.paper.products import BookProduct

        self._open(lambda: BookProduct(self.stack))

    def open_handout(self) -> None:
        """Open the dialog for the handout."""
        from gui.paper.products import HandoutProduct

        self._open(lambda: HandoutProduct(self.mode))

    def open_thumbnails(self) -> None:
        """Open the dialog for the thumbnails."""
        from gui.paper.products import ThumbnailsProduct

        self._open(lambda: ThumbnailsProduct(self.mode))

    def close(self) -> None:
        """Cancel the work of the dialog that is open, and close it."""
        from gui.paper.dialog import PaperDialog

        for dialog in self.window.findChildren(PaperDialog):
            dialog.reject()


PAPER_COMMANDS = (
    Command("The book's figures…", "File/Export", run=Paper.open_book, line=True,
            tip="Save figure 3.7, 3.8 or 3.9 of Bishop's book, of your own data or of the lecture"),
    Command("Handout of the lecture…", "File/Export", run=Paper.open_handout,
            tip="Save the steps with their panels and words as PDF, with the answers at the end"),
    Command("Thumbnails of the lecture…", "File/Export", run=Paper.open_thumbnails,
            tip="Save small pictures of all steps on few pages"),
    Command("Handout…", "Lecture", run=Paper.open_handout, line=True,
            tip="Save the steps with their panels and words as PDF, with the answers at the end"),
)  # fmt: skip
