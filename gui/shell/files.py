"""The File menu: it opens and saves sessions, and passes other files to the page that reads them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from engine import session
from engine.file_kinds import ENDINGS, kind_at
from engine.files import quoted
from engine.lecture import steps
from gui.page.commands import Command, Key
from gui.page.store import Edit
from gui.pages import PAGES
from gui.shell.export import write_file
from gui.shell.page_stack import PageStack
from gui.widgets.question import ask

FOREIGN = "The session {} names files or folders outside its own folder. Do you want to open the session and read them?"


class Files(QObject):
    """The owner of the commands of the File menu."""

    refused = Signal(str)  # the reason why a file was not opened or saved

    def __init__(self, window: QWidget, stack: PageStack) -> None:
        super().__init__(window)
        self.window, self.stack = window, stack

    def new(self) -> None:
        """Replace the document of the page in front by a new one, as one undoable edit."""
        self.stack.page.store.commit(Edit("New", self.stack.view.kind.document()))

    def open(self) -> None:
        """Open a file dialog, then the chosen file."""
        patterns = " ".join(f"*{ending}" for endings in ENDINGS.values() for ending in endings)
        kinds = f"All supported files ({patterns});;All files (*)"
        name, _ = QFileDialog.getOpenFileName(self.window, "Open", "", kinds)
        if name:
            self.open_file(Path(name))

    def open_file(self, path: Path) -> None:
        """Open a session, or a file or folder that a page accepts.

        An invalid file changes nothing, and `refused` carries the reason.
        """
        try:
            if kind_at(path) == "session":
                self._open_session_file(path)
            else:
                self.stack.bring_page(next(name for name in PAGES if self.stack.kind_of(name).accepts(path)))
                self.stack.view.take_file(path)
        except ValueError as error:
            self.refused.emit(str(error))

    def _open_session_file(self, path: Path) -> None:
        """Open a session; first ask the user if it names files elsewhere. Raises ValueError, in one sentence."""
        from engine.latent.foreign_paths import foreign_paths  # imported here, because it delays the start

        opened = session.read(path)
        if paths := foreign_paths(opened.document, path.parent):
            ask(
                self.window,
                "Open session",
                FOREIGN.format(quoted(path.name)),
                partial(self.open_session, opened),
                paths,
            )
        else:
            self.open_session(opened)

    def open_session(self, opened: session.Session) -> None:
        """Replace the document of the session's page, as one undoable edit, and show that page."""
        self.stack.commit(Edit(opened.title or "Open", opened.document))

    def open_step(self, number: int) -> None:
        """Open a step of the lecture, counted from 1."""
        self.open_session(steps()[number - 1])

    def save(self) -> None:
        """Open a file dialog and write the document of the page in front to the chosen file."""
        name, _ = QFileDialog.getSaveFileName(
            self.window, "Save as", f"{self.stack.view.name}.json", "Session (*.json)"
        )
        if not name:
            return
        try:
            write_file(Path(name), session.encode(session.Session(self.stack.page.store.document)))
        except (OSError, ValueError) as error:
            self.refused.emit(str(error))


FILE_COMMANDS = (
    Command("New", "File", run=Files.new, keys=Key.New, tip="Replace the document of this page by a new one"),
    Command("Open…", "File", run=Files.open, keys=Key.Open, tip="Open a session, a model, a table or images"),
    Command("Save as…", "File", run=Files.save, keys="Ctrl+S; Ctrl+Shift+S",
            tip="Save the document of this page as a session"),
)  # fmt: skip
