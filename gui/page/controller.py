"""Controllers: panels without a face. They carry out what takes time or a dialog, and belong to one page."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from engine.derived import Scene
from engine.document import Document
from gui.page.commands import Command


class Controller(QObject):
    """Carries out commands and requests of one page. Abstract: a page kind names the final ones."""

    edited = Signal(object)  # an Edit
    refused = Signal(str)  # why an action of the user was refused
    requested = Signal(object)  # a Command, or a request that another controller accepts
    outdated = Signal()  # the values were computed from something that has changed outside the document
    running = Signal(object, bool)  # a Command, and whether what it has started is under way
    brought = Signal(object)  # a class of panel that should come to the front
    reported = Signal(object)  # news for the panels, which `Panel.hear` receives

    title: ClassVar[str] = ""
    endings: ClassVar[tuple[str, ...]] = ()  # what the names of the files end with that it opens
    commands: ClassVar[tuple[Command, ...]] = ()

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self.view = view  # the parent of dialogs; nothing else of it is used
        self.document: Any = None

    def echo(self, document: Document) -> None:
        """Called with every new document."""
        self.document = document

    def draw(self, scene: Scene) -> None:
        """Called with every new scene."""

    def accepts(self, request: Any) -> bool:
        """Whether `take` is for this request of a panel."""
        return False

    def take(self, request: Any, panel: Any) -> None:
        """Carry out the request of a panel."""

    @classmethod
    def accepts_file(cls, path: Path) -> bool:
        """Whether `take_file` is for this file or folder."""
        return bool(cls.endings) and path.name.lower().endswith(cls.endings)

    def take_file(self, path: Path) -> None:
        """Take in a file that was opened or dropped on this page."""

    def hide(self) -> None:
        """Called when the page leaves the screen."""

    def close(self) -> None:
        """End what is under way: the window closes."""
