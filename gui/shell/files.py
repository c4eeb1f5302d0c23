"""The File menu: it opens sessions, and passes other files to the page that reads them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from engine import session
from engine.document import Document
from engine.file_kinds import ENDINGS, kind_at
from engine.files import quoted, read_start
from engine.lecture import steps
from gui.page.commands import Command, Key
from gui.page.jobs import Failure, Latest
from gui.page.store import Edit
from gui.pages import PAGES, tab_of
from gui.shell.page_stack import PageStack
from gui.shell.sessions.current_session import CurrentSession
from gui.shell.sessions.missing_models import MissingModels
from gui.widgets.file_dialogs import choose_to_open
from gui.widgets.question import ask

if TYPE_CHECKING:
    from engine.saving.work import Work

    Opened = tuple[Path, Work]

FOREIGN = "The session {} names files or folders outside its own folder. Do you want to open the session and read them?"
ARCHIVE = b"PK\3\4"  # the first bytes of a session file; a session as text begins otherwise


class Files(QObject):
    """The owner of the commands of the File menu that open something."""

    refused = Signal(str)  # the reason why a file was not opened
    lecture_opened = Signal(object)  # the path of a lecture file

    def __init__(self, window: QWidget, stack: PageStack, current: CurrentSession) -> None:
        super().__init__(window)
        self.window, self.stack, self.current = window, stack, current
        self.missing = MissingModels(window, stack)
        self.in_lecture: Callable[[str], bool] = lambda _: False  # goes to a step of the lecture that runs
        self.reading = Latest("session file", parent=self)
        self.reading.delivered.connect(self._on_read)
        self.reading.failed.connect(self._on_failed)

    def new(self) -> None:
        """Replace the documents of all pages by new ones, as one undoable edit of each page."""
        self.current.settle(self._begin_new)

    def _begin_new(self) -> None:
        self.stack.replacing.emit()
        new: dict[str, Document] = {}
        for name in PAGES:
            page = self.stack.page_in(name)
            kind = page.view.kind
            new[name] = (kind.new or kind.document)()
            page.store.commit(Edit("New", new[name]))
        self.current.belong_to(None, new)

    def open(self) -> None:
        """Open a file dialog, then the chosen file."""
        patterns = " ".join(f"*{ending}" for endings in ENDINGS.values() for ending in endings)
        kinds = f"All supported files ({patterns});;Sessions (*.bayescape *.json);;All files (*)"
        if path := choose_to_open(self.window, "session", "Open", kinds):
            self.open_file(path)

    def open_file(self, path: Path) -> None:
        """Open a session, or a file or folder that a page accepts.

        An invalid file changes nothing, and `refused` carries the reason.
        """
        try:
            kind = kind_at(path)
            if kind == "lecture":
                self.lecture_opened.emit(path)
            elif kind != "session":
                self.stack.bring_page(next(name for name in PAGES if self.stack.kind_of(name).accepts(path)))
                self.stack.view.take_file(path)
            elif read_start(path, len(ARCHIVE)) == ARCHIVE:
                self.current.settle(partial(self._read, path))
            else:
                self._open_text(path)
        except ValueError as error:
            self.refused.emit(str(error))

    # Session files with the documents of all pages

    def _read(self, path: Path) -> None:
        self.reading.submit(partial(_opened, path.absolute()))

    def _on_read(self, opened: Opened) -> None:
        path, work = opened
        self._ask(path, work, partial(self._open_work, path, work))

    def _open_work(self, path: Path, work: Work) -> None:
        """Replace the documents of all pages, each as one undoable edit, and let the window belong to the file."""
        self.stack.replacing.emit()
        opened: dict[str, Document] = {}
        for document in work.documents:
            name = self.stack.page_for(document)
            self.stack.page_in(name).store.commit(Edit(f"Open {quoted(path.name)}", document))
            opened[name] = document
        page = work.page if work.page in PAGES else next(iter(opened))
        self.stack.bring(tab_of(page, work.arrangement))
        self.current.belong_to(path, opened)
        self.missing.look(work, path.parent)

    def _on_failed(self, failure: Failure) -> None:
        self.refused.emit(failure.reason)

    # Sessions of one document, as text

    def _open_text(self, path: Path) -> None:
        from engine.latent.foreign_paths import placed  # imported here, because they delay the start
        from engine.saving.work import Work

        opened = session.read(path)
        opened = replace(opened, document=placed(opened.document, path.absolute().parent))
        work = Work((opened.document,))
        self._ask(path, work, partial(self._open_document, path, opened, work))

    def _open_document(self, path: Path, opened: session.Session, work: Work) -> None:
        self.open_session(opened)
        self.missing.look(work, path.absolute().parent)

    def open_session(self, opened: session.Session) -> None:
        """Replace the document of the session's page, as one undoable edit, and show that page."""
        self.stack.replacing.emit()
        self.stack.commit(Edit(opened.title or "Open", opened.document))

    def open_step(self, number: int) -> None:
        """Open a step of the lecture, counted from 1. A lecture that runs and has the step goes to it."""
        step = steps()[number - 1]
        if not self.in_lecture(step.title):
            self.open_session(step)

    def _ask(self, path: Path, work: Work, then: partial[None]) -> None:
        """Call `then`, after a question if the documents name files outside the folder of the session."""
        from engine.latent.foreign_paths import foreign_paths  # imported here, because it delays the start

        named = [foreign for document in work.documents for foreign in foreign_paths(document, path.parent)]
        if named:
            ask(self.window, "Open session", FOREIGN.format(quoted(path.name)), then, named)
        else:
            then()

    def close(self) -> None:
        """Stop reading."""
        self.reading.close()
        self.missing.close()


def _opened(path: Path) -> Opened:
    from engine.latent.foreign_paths import placed  # imported here, because they delay the start
    from engine.saving.own_models import open_work

    work = open_work(path)
    return path, replace(work, documents=tuple(placed(document, path.parent) for document in work.documents))


FILE_COMMANDS = (
    Command("New", "File", run=Files.new, keys=Key.New, tip="Replace the documents of all pages by new ones"),
    Command("Open…", "File", run=Files.open, keys=Key.Open, tip="Open a session, a model, a table or images"),
)
