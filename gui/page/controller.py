"""Controllers: parts of a page without a widget, for commands that take time or need a dialog."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from engine.derived import Scene
from engine.document import Document
from engine.file_kinds import Kind, kind_at
from gui.page.commands import Command


class Controller(QObject):
    """Runs commands and handles requests of one page. Abstract: a PageKind lists the concrete classes."""

    edited = Signal(object)  # an Edit
    refused = Signal(str)  # the reason why an action of the user was refused
    requested = Signal(object)  # a Command, or a request that another controller accepts
    outdated = Signal()  # something outside the document has changed, so the values must be computed again
    running = Signal(object, bool)  # a Command, and whether the process that it has started runs
    viewport_changed = Signal(object, object)  # a derived value, and the viewport for which it is needed, or None
    brought = Signal(object)  # a panel class, to be brought to the front
    reported = Signal(object)  # a report for all panels, received by `Panel.hear`

    title: ClassVar[str] = ""
    opens: ClassVar[Kind | None] = None  # the kind of the files that it opens
    commands: ClassVar[tuple[Command, ...]] = ()

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self.view = view  # used only as the parent of dialogs
        self.document: Any = None

    def echo(self, document: Document) -> None:
        """Take a new document. The view calls this after every edit."""
        self.document = document

    def draw(self, scene: Scene) -> None:
        """Take a new scene. The view calls this for every scene."""

    def accepts(self, request: Any) -> bool:
        """Whether `take` handles this request of a panel."""
        return False

    def take(self, request: Any, panel: Any) -> None:
        """Handle a request of a panel."""

    @classmethod
    def accepts_file(cls, path: Path) -> bool:
        """Whether `take_file` opens this file or folder. Raises ValueError if the program does not."""
        return cls.opens is not None and kind_at(path) == cls.opens

    def take_file(self, path: Path) -> None:
        """Open a file or folder that was chosen in a dialog or dropped on the window."""

    def hide(self) -> None:
        """Stop activities that need a visible page. The view calls this when the page is hidden."""

    def close(self) -> None:
        """Stop all activities. The view calls this when the window closes."""
