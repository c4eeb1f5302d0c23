"""Recovery: records what the window shows, offers what a crash left behind, and reopens what was closed."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QImageWriter
from PySide6.QtWidgets import QWidget

from engine.document import Document
from engine.files import why
from engine.saving.journal import Journal, LeftBehind, Snapshot, left_behind, plain_documents
from gui.page.jobs import Failure, Latest
from gui.page.page import Page
from gui.page.store import Edit
from gui.pages import TITLES
from gui.shell.page_stack import PageStack
from gui.shell.sessions.current_session import CurrentSession, Stamp, stamp
from gui.shell.sessions.recovery_offer import RecoveryOffer

SOON = 700  # milliseconds between an edit and its record
FRESH = 2000  # milliseconds in which a tab in front loads libraries; while they load, no thread can write
WRITTEN = 0.1  # seconds at most in which a tab waits for a record before it comes to the front; a record takes 0.01
STILL = 2500  # milliseconds without an edit, after which the small image is made
THUMBNAIL = QSize(320, 200)
OFF = "Recovery is off, because nothing can be written to the program's own folder: {}. Save your work often."
FAILED = "The latest changes were not recorded for recovery: {}. Save your work in a file."


class Recovery(QObject):
    """Writes the journal of one window, at most two seconds after each edit, in a thread of its own."""

    noticed = Signal(str)  # a sentence: recovery is off

    def __init__(self, window: QWidget, stack: PageStack, current: CurrentSession, journal: Journal) -> None:
        super().__init__(window)
        self.window_, self.stack, self.current, self.journal = window, stack, current, journal
        self._image: QImage | None = None
        self._restored: list[LeftBehind] = []
        self._has_failed = False
        self.offer: RecoveryOffer | None = None
        self.line = Latest("recovery", parent=self)
        self.line.delivered.connect(self._on_written)
        self.line.failed.connect(self._on_failed)
        self.soon, self.still, self.fresh = _timer(self, SOON), _timer(self, STILL), _timer(self, FRESH)
        self.soon.timeout.connect(self.record)
        self.still.timeout.connect(self._on_still)
        for page in stack.pages.values():
            self._on_built(page)
        stack.built.connect(self._on_built)
        stack.fronting.connect(self._on_fronting)
        stack.fronted.connect(self.fresh.start)
        stack.fronted.connect(self._on_changed)
        current.changed.connect(self._on_changed)

    def _on_built(self, page: Page) -> None:
        page.store.changed.connect(self._on_changed)

    def _on_changed(self) -> None:
        if self.fresh.isActive():
            self.record()
        elif not self.soon.isActive():  # during a drag records are written as well
            self.soon.start()
        self.still.start()

    def _on_fronting(self) -> None:
        """Write the edits that wait for their record: a page that is built or loads libraries may stop all threads."""
        if self.soon.isActive():
            self.record()
        self.line.wait(WRITTEN)

    def record(self) -> None:
        """Write a record of what the window shows, in the worker thread."""
        if self.stack.initial:  # a page is not built yet: the record would be without its document
            self.soon.start()
            return
        self.soon.stop()
        image, self._image = self._image, None
        self.line.submit(partial(_record, self.journal, self._view(), image))

    def _view(self) -> _View:
        current = self.current
        documents = tuple(current.documents.values())
        file = str(current.path) if current.path else ""
        return self.stack.tabs.front, documents, file, current.stamp, current.modified

    def _on_still(self) -> None:
        """Make the small image while the user rests: painting the whole window takes some 50 ms."""
        if self.stack.page.idle and self.window_.isVisible():
            shown = self.stack.grab().toImage()
            ratio, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            self._image = shown.scaled(THUMBNAIL, ratio, smooth)
            self.record()

    def _on_written(self) -> None:
        self._has_failed = False
        restored, self._restored = self._restored, []
        for left in restored:  # only now, because its work is in the journal of this window
            left.remove()

    def _on_failed(self, failure: Failure) -> None:
        if not self._has_failed:
            self.noticed.emit(failure.reason)
        self._has_failed = True

    # What a crash left behind

    def look(self) -> None:
        """Offer the work of windows that did not close."""
        found = left_behind(self.journal.root)
        if found:
            self.offer = RecoveryOffer(found, self.window_)
            self.offer.chosen.connect(self.restore)
            self.offer.open()

    def restore(self, left: LeftBehind) -> None:
        """Show what a window showed before it crashed, undoably. Its file is not written."""
        snapshot = left.snapshot
        path = Path(snapshot.file) if snapshot.file and Path(snapshot.file).is_file() else None
        names = []
        self.stack.replacing.emit()
        for kind in snapshot.documents:
            if (document := snapshot.document(kind)) is not None:
                names.append(self.stack.page_for(document))
                self.stack.page_in(names[-1]).store.commit(Edit("Restore", document))
        if snapshot.front in TITLES:
            self.stack.bring(snapshot.front)
        if path is not None:
            self.current.belong_to(path, dict.fromkeys(names))
            self.current.stamp = snapshot.stamp  # so that saving asks if the file was changed meanwhile
        self._restored.append(left)
        self.record()

    # Closing and reopening

    def close(self) -> None:
        """End the journal. Work without a file, and the name of a file, are kept for the next start."""
        for timer in (self.soon, self.still, self.fresh):
            timer.stop()
        if self.offer is not None:
            self.offer.release()
        self.line.close()
        if self.stack.initial:
            self.stack.build_all()
        with suppress(OSError, UnicodeError):  # the journal stays, and its work is offered at the next start
            self.journal.close(self._last())

    def _last(self) -> Snapshot | None:
        front, documents, file, saved_stamp, modified = self._view()
        if not file:
            return _snapshot((front, documents, "", None, True)) if modified else None
        saved = tuple(document for document in self.current.saved.values() if document is not None)
        known = len(saved) == len(self.current.saved)
        return _snapshot((front, saved, file, saved_stamp, False)) if known else None


_View = tuple[str, tuple[Document, ...], str, Stamp | None, bool]


def _timer(parent: QObject, milliseconds: int) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    return timer


def _snapshot(view: _View) -> Snapshot:
    front, documents, file, saved, modified = view
    return Snapshot(front, plain_documents(list(documents)), file, saved, modified, time.time())


def _record(journal: Journal, view: _View, image: QImage | None) -> None:
    """Write a record, in the worker thread. Raises ValueError, in one sentence, if it cannot be written."""
    try:
        journal.append(_snapshot(view))
        if image is not None:
            buffer = QBuffer()
            buffer.open(QIODevice.OpenModeFlag.WriteOnly)
            QImageWriter(buffer, QByteArray(b"PNG")).write(image)
            journal.show(bytes(buffer.data().data()))
    except (OSError, UnicodeError) as error:
        raise ValueError(FAILED.format(why(error))) from error


def begin(root: Path) -> tuple[Journal | None, str]:
    """Begin a journal; otherwise return one sentence that says why recovery is off."""
    try:
        return Journal(root), ""
    except OSError as error:
        return None, OFF.format(why(error))


def reopen(snapshot: Snapshot, stack: PageStack, current: CurrentSession) -> Path | None:
    """Let the pages, which are not built yet, begin as they were when the last window closed.

    Return the path of its session file if the file has changed meanwhile and has to be read again.
    """
    path = Path(snapshot.file) if snapshot.file else None
    if path is not None and path.is_file():
        if stamp(path) != snapshot.stamp:
            return path
        current.start_from(path)
    for name, kind in (("regression", "Regression"), ("latent", "Latent")):
        if kind in snapshot.documents:
            stack.initial[name] = partial(snapshot.document, kind)
    return None
