"""The current session: the file that the window's documents belong to, and whether they differ from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QAbstractButton, QMessageBox, QWidget

from engine import session
from engine.document import Document
from engine.file_kinds import ENDINGS
from engine.files import check_name, quoted, unwritable, written
from gui.page.commands import Command, Key
from gui.page.jobs import Failure, Latest
from gui.page.page import Page
from gui.pages import PAGES, arrangement_of, page_of
from gui.shell.page_stack import PageStack
from gui.shell.settings import Settings
from gui.widgets.file_dialogs import choose_to_save
from gui.widgets.question import ask

if TYPE_CHECKING:
    from engine.saving.work import Work

ENDING = ENDINGS["session"][0]
SESSION = f"Session (*{ENDING})"
TEXT = "Document of this page as text (*.json)"
BUSY = "A session is being saved or opened. Try again in a moment."
CHANGED = "The file {} was changed by another program or window since it was opened. Do you want to replace it?"
UNSAVED = "Save the changes to {}?"
Stamp = tuple[int, int]  # the time and the size of a file


@dataclass(frozen=True)
class Saved:
    """A file that was written, the documents in it by page, and whether the window now belongs to it."""

    path: Path
    documents: dict[str, Document]
    is_current: bool


class CurrentSession(QObject):
    """Saves the documents of all pages, and compares them with those that were saved last."""

    changed = Signal()  # another file, or the documents differ from the file now, or no longer
    refused = Signal(str)  # the reason why a session was not saved
    told = Signal(str)  # a confirmation for the user
    saved_as = Signal(object)  # the Path of a session file that was written or opened

    def __init__(self, window: QWidget, stack: PageStack, settings: Settings) -> None:
        super().__init__(window)
        self.window_, self.stack, self.settings = window, stack, settings
        self.path: Path | None = None
        # by page: the new documents if there is no file; None if the content of the file is not known
        self.saved: dict[str, Document | None] = {}
        self.modified = False
        self.stamp: Stamp | None = None
        self._starts_saved = False
        self._then: Callable[[], None] | None = None  # waits until the changes are saved
        self._box: QMessageBox | None = None
        self._closing = False
        self.instead: Callable[[], None] | None = None  # what Save does while a lecture shows its own documents
        self.worker = Latest("sessions", parent=self)
        self.worker.delivered.connect(self._on_saved)
        self.worker.failed.connect(self._on_failed)
        stack.built.connect(self._on_built)

    @property
    def name(self) -> str:
        """The name of the file; "" if there is no file."""
        return quoted(self.path.name) if self.path else ""

    @property
    def documents(self) -> dict[str, Document]:
        """The user's documents of the pages that have been built, by page. Those of a lecture are not the user's."""
        return {name: self.stack.own_document(name) for name in self.stack.pages}

    @property
    def work(self) -> Work:
        """The user's documents of all pages, the page in front and its arrangement."""
        return self._work(self.stack.own_document)

    def _work(self, document: Callable[[str], Document]) -> Work:
        from engine.saving.work import Work  # imported here, because it delays the start

        self.stack.build_all()
        front = self.stack.tabs.front
        return Work(tuple(document(name) for name in PAGES), page_of(front), arrangement_of(front))

    def _on_built(self, page: Page) -> None:
        kind, is_new = page.view.kind, page.view.name not in self.stack.reopened
        self.saved.setdefault(
            kind.name, page.store.document if is_new or self._starts_saved else (kind.new or kind.document)()
        )
        page.store.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Compare the documents with those that were saved."""
        self._show(any(document != self.saved[page] for page, document in self.documents.items()))

    def _show(self, modified: bool) -> None:
        if modified != self.modified:
            self.modified = modified
            self.changed.emit()

    def start_from(self, path: Path) -> None:
        """Let the window, whose pages are not built yet, belong to a file that holds their first documents."""
        self.path, self.stamp, self._starts_saved = path, stamp(path), True

    def belong_to(self, path: Path | None, documents: Mapping[str, Document | None]) -> None:
        """Let the window belong to a file with these documents, or to none: then they are the new documents."""
        self.path, self.saved = path, {**self.saved, **documents}
        self.stamp = stamp(path)
        self.modified = False
        self.refresh()
        self.changed.emit()
        if path is not None:
            self.saved_as.emit(path)

    # Saving

    def save(self) -> None:
        """Write the session to its file; without a file, ask for one."""
        self._then = None
        if self.instead is not None:
            self.instead()
        else:
            self._save()

    def _save(self) -> None:
        if self.path is None:
            self._choose("Save as", True)
        elif self.stamp is not None and stamp(self.path) not in (self.stamp, None):
            ask(self.window_, "Save", CHANGED.format(self.name), partial(self._write, self.path, True))
        else:
            self._write(self.path, True)

    def save_as(self) -> None:
        """Ask for a file, write the session to it, and let the window belong to it."""
        if self.instead is not None:
            self.instead()
        else:
            self._choose("Save as", True)

    def save_copy(self) -> None:
        """Ask for a file and write the session to it. The window belongs to the same file as before."""
        if self.instead is not None:
            self.instead()
        else:
            self._choose("Save a copy", False)

    def _choose(self, title: str, is_current: bool) -> None:
        proposed = self.path.stem if self.path else self.stack.title
        path = choose_to_save(self.window_, "session", title, f"{proposed}{ENDING}", f"{SESSION};;{TEXT}")
        if path is None:
            self._then = None
        elif path.suffix.lower() == ".json":
            self._write_text(path)
        else:
            self._write(path, is_current)

    def save_shown(self, title: str) -> None:
        """Ask for a file and write the documents that are shown, for example those of a lecture step."""
        path = choose_to_save(self.window_, "session", "Save this step as a session", f"{title}{ENDING}", SESSION)
        if path is not None:
            self._write(path, False, self._work(lambda name: self.stack.pages[name].store.document))

    def _write_text(self, path: Path) -> None:
        """Write only the document of the page in front, as text that people can read and that lectures use."""
        self._then = None
        try:
            _write_text(path, session.Session(self.stack.page.store.document))
        except ValueError as error:
            self.refused.emit(str(error))
        else:
            self.told.emit(f"The document of this page was saved as {quoted(path.name)}.")

    def _write(self, path: Path, is_current: bool, work: Work | None = None) -> None:
        try:
            if not self.worker.idle and not (is_current and path == self.path):
                raise ValueError(BUSY)
            check_name(path)
        except ValueError as error:
            self._then, self._closing = None, False
            self.refused.emit(str(error))
            return
        job = partial(_save, path, work or self.work, self.has_models_inside, Saved(path, self.documents, is_current))
        self.worker.submit(job)

    def _on_saved(self, done: Saved) -> None:
        self.told.emit(f"Saved {quoted(done.path.name)}.")
        if done.is_current:
            self.belong_to(done.path, done.documents)
        then, self._then = self._then, None
        if then is not None:
            then()

    def _on_failed(self, failure: Failure) -> None:
        self._then, self._closing = None, False
        self.refused.emit(failure.reason)

    # Own models

    @property
    def has_models_inside(self) -> bool:
        """Whether session files hold the user's own models; otherwise only their SHA-256."""
        return self.settings.text("sessions/models", "inside", ("inside", "by reference")) == "inside"

    def change_models_inside(self) -> None:
        """Change whether session files hold the user's own models."""
        self.settings.keep("sessions/models", "by reference" if self.has_models_inside else "inside")

    # Unsaved changes

    def settle(self, then: Callable[[], None]) -> None:
        """Call `then`, after a question if a file has changes that are not saved; never if the user cancels."""
        if self.path is None or not self.modified:
            then()
            return
        if self._box is not None:  # the user is being asked already
            return
        buttons = QMessageBox.StandardButton
        box = QMessageBox(QMessageBox.Icon.Question, "Unsaved changes", "", parent=self.window_)
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Save)
        box.setText(UNSAVED.format(self.name))
        box.setObjectName("unsaved")
        box.buttonClicked.connect(self._on_answered)
        self._then, self._box = then, box
        box.open()

    def _on_answered(self, button: QAbstractButton) -> None:
        box = self.sender()
        assert isinstance(box, QMessageBox)
        self._box = None
        box.deleteLater()
        answer = box.standardButton(button)
        if answer == QMessageBox.StandardButton.Save:
            self._save()
            return
        then, self._then = self._then, None
        if answer == QMessageBox.StandardButton.Discard and then is not None:
            then()
        else:
            self._closing = False

    def may_close(self) -> bool:
        """Whether the window may close now. If a file has unsaved changes, ask first; the window closes afterwards."""
        if self._closing:
            return True
        if not self.worker.idle:
            self._then = self._close_again
            return False
        if self.path is None or not self.modified:
            return True
        self.settle(self._close)
        return False

    def _close_again(self) -> None:
        self.window_.close()

    def _close(self) -> None:
        self._closing = True
        self.window_.close()

    def close(self) -> None:
        """Finish the writing that has begun."""
        self.worker.close()


def stamp(path: Path | None) -> Stamp | None:
    """The time and the size of a file; None if there is no file."""
    try:
        facts = path.stat() if path else None
    except (OSError, ValueError):
        return None
    return (facts.st_mtime_ns, facts.st_size) if facts else None


def _write_text(path: Path, text: session.Session) -> None:
    content = session.encode(text)
    try:
        with written(path) as file:
            file.write(content)
    except OSError as error:
        raise unwritable(path, error) from error


def _save(path: Path, work: Work, inside: bool, done: Saved) -> Saved:
    from engine.saving.own_models import save  # imported here, because it delays the start

    save(path, work, inside)
    return done


SAVE_COMMANDS = (
    Command("Save", "File", run=CurrentSession.save, keys=Key.Save, tip="Save both documents in the session file"),
    Command("Save as…", "File", run=CurrentSession.save_as, keys="Ctrl+Shift+S",
            tip="Save both documents in another session file"),
    Command("Save a copy…", "File", run=CurrentSession.save_copy,
            tip="Write a copy of the session; the window keeps its file"),
    Command("Models inside session files", "File", run=CurrentSession.change_models_inside,
            checked=lambda current: current.has_models_inside,
            tip="Put your own models into session files, so that others can open them"),
)  # fmt: skip
