"""The journal: what a window shows, written to the program's own folder so that a crash or a power cut loses nothing.

Each window has a journal in a folder of its own, which is locked as long as the process lives. So another window is
never taken for a crash. A record is one line with a checksum; a line that was cut off is ignored. A window that closes
leaves its last record in `closed`; the next window takes it over (docs/decisions/039).
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from engine.document import DOCUMENTS, Document
from engine.files import read_regular, written
from engine.lock import Lock
from engine.session import plain_of

LOG, LOCK, THUMBNAIL, CLOSED = "log", "lock", "thumbnail.png", "closed"
LARGEST = 2**30  # bytes of a log that is read
GROWTH = 4 * 2**20  # bytes that a log may grow before it is written again with its last record only
MOST_CLOSED = 10
YOUNG = 3600.0  # seconds after which a folder without a log is not that of a window that is starting
Stamp = tuple[int, int]  # the time and the size of a file


class Snapshot(msgspec.Struct, frozen=True):
    """What a window shows: the tab in front, the documents in plain JSON by their type, and its session file.

    `modified` says whether the documents differ from the file, or from new documents if there is none. `stamp` is that
    of the file when it was saved last.
    """

    front: str
    documents: dict[str, Any]
    file: str = ""
    stamp: Stamp | None = None
    modified: bool = False
    time: float = 0.0  # seconds since 1970

    def document(self, kind: str) -> Document | None:
        """The document of a type, such as "Latent"; None if there is none or if it is damaged."""
        plain = self.documents.get(kind)
        try:
            return None if plain is None else DOCUMENTS.decode(plain)
        except (msgspec.ValidationError, ValueError, TypeError, RecursionError):
            return None


def plain_documents(documents: list[Document]) -> dict[str, Any]:
    """The documents in plain JSON, by their type."""
    return {type(document).__name__: plain_of(document) for document in documents}


class Journal:
    """The journal of one window. Raises OSError if it cannot be written."""

    def __init__(self, root: Path) -> None:
        self.folder = root / f"{time.time_ns()}-{secrets.token_hex(4)}"
        self.root, self._size = root, 0
        self._last: Snapshot | None = None
        self.folder.mkdir(parents=True)
        lock = Lock.take(self.folder / LOCK)
        assert lock is not None, "nobody else knows the name of the folder"
        self._lock = lock

    def take_over(self) -> Snapshot | None:
        """Take over the last record of the window that ended last with all its work saved; None if there is none.

        That window has closed, or it was killed while its file held everything. The record is moved and not copied, so
        that two windows that start never show the same work.
        """
        killed = {left.folder / LOG: left for left in _ended(self.root)}
        saved = [log for log, left in killed.items() if left.snapshot.file and not left.snapshot.modified]
        for path in sorted((*saved, *(self.root / CLOSED).glob("[0-9]*")), key=_written_at, reverse=True):
            try:
                path.replace(self.folder / LOG)
            except OSError:
                continue  # another window has taken it
            if path in killed:
                killed.pop(path).remove()
            break
        for left in killed.values():
            left.release()
        return last_record(self.folder)

    def append(self, snapshot: Snapshot) -> None:
        """Write a record, which is on the disk when this returns."""
        if self._last is not None and replace(snapshot, time=self._last.time) == self._last:
            return
        line, path = _line(snapshot), self.folder / LOG
        self._size += len(line)
        if self._size > GROWTH + 3 * len(line):
            with written(path) as file:
                file.write(line)
            self._size = len(line)
        else:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
            try:
                _write_all(descriptor, b"\n" + line)  # a record that was cut off ends here
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        if self._last is None:
            _sync(self.folder)
            _sync(self.root)
        self._last = snapshot

    def show(self, thumbnail: bytes) -> None:
        """Save a small image of the window, in PNG."""
        with written(self.folder / THUMBNAIL) as file:
            file.write(thumbnail)

    def close(self, last: Snapshot | None) -> None:
        """End the journal, and leave `last` for the next window that starts.

        Raises OSError if that cannot be written. The journal then stays, and its work is offered at the next start.
        """
        try:
            if last is not None:
                self._leave(last)
        finally:
            self._lock.release()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _leave(self, last: Snapshot) -> None:
        closed = self.root / CLOSED
        closed.mkdir(exist_ok=True)
        newest = max((int(path.name) for path in closed.glob("[0-9]*") if path.name.isdecimal()), default=0)
        moment = max(time.time_ns(), newest + 1)  # the clock may have been set back
        with written(closed / f"{moment}") as file:
            file.write(_line(last))
        os.utime(closed / f"{moment}", ns=(moment, moment))
        for old in sorted(closed.glob("[0-9]*"))[:-MOST_CLOSED]:
            old.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """Write the names in a folder to the disk, so that a power cut loses no new file. Windows does it itself."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def _line(snapshot: Snapshot) -> bytes:
    text = msgspec.json.encode(snapshot)
    return b"%08x %b\n" % (zlib.crc32(text), text)


def last_record(folder: Path) -> Snapshot | None:
    """The last complete record in a folder; None if there is none."""
    try:
        lines = read_regular(folder / LOG, LARGEST).split(b"\n")
    except ValueError:
        return None
    for line in reversed(lines):
        text = line[9:]
        with suppress(msgspec.DecodeError, UnicodeError, RecursionError):
            if line[:9] == b"%08x " % zlib.crc32(text):
                return msgspec.json.decode(text, type=Snapshot)
    return None


class LeftBehind:
    """The journal of a window that did not close: its last record and its small image. It is locked while it is held.

    It stays on the disk until `remove` is called, so a second crash does not end the offer.
    """

    def __init__(self, folder: Path, lock: Lock, snapshot: Snapshot) -> None:
        self.folder, self._lock, self.snapshot = folder, lock, snapshot

    @property
    def thumbnail(self) -> bytes:
        """The small image, in PNG; empty if there is none."""
        try:
            return read_regular(self.folder / THUMBNAIL, 2**22)
        except ValueError:
            return b""

    def release(self) -> None:
        """Let another window offer it."""
        self._lock.release()

    def remove(self) -> None:
        """Delete it."""
        self._lock.release()
        shutil.rmtree(self.folder, ignore_errors=True)


def left_behind(root: Path) -> list[LeftBehind]:
    """The journals of windows that did not close, the latest first. Those without unsaved work are deleted."""
    found = []
    for left in _ended(root):
        if left.snapshot.modified:
            found.append(left)
        else:
            left.remove()
    return sorted(found, key=lambda left: left.snapshot.time, reverse=True)


def _ended(root: Path) -> Iterator[LeftBehind]:
    """Yield the journals of windows that did not close, each locked. Those without a record are deleted."""
    for folder in root.glob("[0-9]*"):
        try:
            if not (folder / LOG).exists() and time.time() - folder.stat().st_mtime < YOUNG:
                continue  # another window is starting
            lock = Lock.take(folder / LOCK)
        except OSError:
            continue
        if lock is None:
            continue  # another window is open
        if (snapshot := last_record(folder)) is not None:
            yield LeftBehind(folder, lock, snapshot)
        else:
            lock.release()
            shutil.rmtree(folder, ignore_errors=True)


def _written_at(path: Path) -> tuple[float, str]:
    """The time at which a file was written last, and its name, for files of the same moment."""
    try:
        return path.stat().st_mtime, path.name
    except OSError:
        return 0.0, path.name
