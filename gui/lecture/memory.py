"""The memory of lectures on the disk: it is written soon after each change, so that a crash loses nothing."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from engine.files import why
from engine.lecture.memory import Memory, read_memories, update_memories
from gui.page.jobs import Failure, Latest

FILE = "lecture-memory.json"
SOON = 700  # milliseconds between a change and its record


class Memories(QObject):
    """What is known of each lecture by its title. The file is written in a thread of its own.

    Two windows have one file. Each writes what has changed in it, and keeps what the other one has written.
    """

    refused = Signal(str)

    def __init__(self, folder: Path, parent: QObject) -> None:
        super().__init__(parent)
        self.path = folder / FILE
        self._known: dict[str, Memory] | None = None  # read when the first lecture starts
        self._written: dict[str, Memory] = {}  # as it was read or written last
        self.line = Latest("lecture memory", parent=self)
        self.line.failed.connect(self._on_failed)
        self._has_failed = False
        self.soon = QTimer(self)
        self.soon.setSingleShot(True)
        self.soon.setInterval(SOON)

    def of(self, title: str) -> Memory:
        """The memory of a lecture; it is the last of the lectures then."""
        if self._known is None:
            self._known = read_memories(self.path)
            self._written = self._copies()
        memory = self._known.pop(title, None) or Memory()
        self._known[title] = memory
        return memory

    def touch(self) -> None:
        """Write the file soon, because something has changed."""
        if not self.soon.isActive():
            self.soon.start()

    def record(self) -> None:
        """Write the file in the worker thread."""
        self.line.submit(partial(self._write, self._copies()))

    def _copies(self) -> dict[str, Memory]:
        return {title: memory.copy() for title, memory in (self._known or {}).items()}

    def _write(self, now: dict[str, Memory]) -> None:
        """Write what has changed. Raises ValueError, in one sentence, if that is not possible."""
        try:
            update_memories(self.path, self._written, now)
        except OSError as error:
            raise ValueError(f"The changes of the lecture cannot be saved for the next start: {why(error)}.") from error
        self._written = now

    def _on_failed(self, failure: Failure) -> None:
        if not self._has_failed:
            self.refused.emit(failure.reason)
        self._has_failed = True

    def close(self) -> None:
        """Write what has changed last, because the window closes."""
        pending = self.soon.isActive() or not self.line.idle
        self.soon.stop()
        self.line.close()
        if pending:
            try:
                self._write(self._copies())
            except ValueError:
                return  # the window closes, so nobody would read the reason
