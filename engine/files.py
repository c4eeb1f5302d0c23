"""Files: only regular files are opened, errors become sentences, and a written file is complete or absent."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

LONGEST = 80  # characters of a name or a value that a sentence quotes
UNFINISHED = ".bayescape-"  # the beginning of the name of a file that is not complete yet
OLD = 3600.0  # seconds after which a file that is not complete belongs to a process that was killed
NO_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
REASONS = {
    errno.ENOENT: "it does not exist",
    errno.ENOTDIR: "it does not exist",
    errno.EACCES: "you do not have permission",
    errno.EPERM: "you do not have permission",
    errno.EISDIR: "it is a folder",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ELOOP: "it is a link to itself",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your disk quota is used up",
    errno.EFBIG: "the file would be larger than allowed",
    errno.EROFS: "the disk is read-only",
    errno.EMFILE: "too many files are open",
    errno.ENFILE: "too many files are open",
    errno.EAGAIN: "too many programs are running",
    errno.ENOMEM: "there is not enough memory",
}


def why(error: BaseException) -> str:
    """Return the reason for an error of the operating system, in a few words."""
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    number = error.errno if isinstance(error, OSError) else None
    return REASONS.get(number or 0, "the disk reports an error" if isinstance(error, OSError) else "it is damaged")


def quoted(name: str) -> str:
    """Return a name for use in a sentence: on one line, shortened, and in valid Unicode."""
    line = "".join(c if c.isprintable() else "�" for c in name.encode("utf-8", "replace").decode())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def unreadable(path: Path, reason: str) -> ValueError:
    """Return the ValueError for a file that cannot be read."""
    return ValueError(f"{quoted(path.name or str(path))} cannot be read: {reason}.")


def unwritable(path: Path, error: BaseException) -> ValueError:
    """Return the ValueError for a file that cannot be written."""
    return ValueError(f"{quoted(path.name)} cannot be written: {why(error)}.")


def regular(path: Path) -> os.stat_result:
    """Return the status of a regular file, without opening it.

    Raises ValueError, in one sentence, for a device, a pipe, a folder, or a path that does not exist.
    """
    try:
        facts = path.stat()
    except (OSError, ValueError) as error:
        raise unreadable(path, why(error) if isinstance(error, OSError) else "its name is not allowed") from error
    _check(path, facts)
    return facts


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading, without waiting for a pipe or a device. Raises ValueError, in one sentence.

    The file is examined before it is opened, because opening a device can have an effect, and again afterwards, because
    another file may have replaced it.
    """
    regular(path)
    try:
        file: BinaryIO = os.fdopen(os.open(path, os.O_RDONLY | NO_WAITING), "rb")
    except OSError as error:
        raise unreadable(path, why(error)) from error
    try:
        _check(path, os.fstat(file.fileno()))
    except ValueError:
        file.close()
        raise
    return file


def read_regular(path: Path, most: int) -> bytes:
    """Return the content of a regular file of at most `most` bytes. Raises ValueError, in one sentence."""
    with open_regular(path) as file:
        try:
            content = file.read(most + 1)
        except OSError as error:
            raise unreadable(path, why(error)) from error
    if len(content) > most:
        raise unreadable(path, f"it has more than {size_in_words(most)}")
    return content


def read_start(path: Path, most: int) -> bytes:
    """Return at most the first `most` bytes of a regular file. Raises ValueError, in one sentence."""
    with open_regular(path) as file:
        try:
            return file.read(most)
        except OSError as error:
            raise unreadable(path, why(error)) from error


def size_in_words(size: int) -> str:
    """Return a number of bytes in words, such as "256 MB"."""
    return f"{size / 2**20:,.0f} MB" if size >= 2**20 else f"{size:,} bytes"


def check_name(path: Path) -> None:
    """Raise ValueError, in one sentence, if the path is not valid UTF-8 and so cannot be saved as text."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(
            f"The path of {quoted(path.name)} cannot be saved: a name in it is not valid UTF-8. Rename it first."
        ) from error


@contextmanager
def written(path: Path) -> Iterator[BinaryIO]:
    """Yield a file to write to, which replaces `path` when it is completely on the disk. Raises OSError.

    Until then it has a random name of its own, so that two processes never write to the same file. After an error it is
    removed. What a process left that was killed while it wrote to this folder is removed when it is OLD.
    """
    unfinished = path.with_name(f"{UNFINISHED}{secrets.token_hex(8)}")
    try:
        with unfinished.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
            remove_unfinished(path.parent, OLD)


def copy(source: Path, target: Path) -> None:
    """Copy a regular file; `target` is complete or unchanged.

    Raises ValueError if the source cannot be read, and OSError if the target cannot be written.
    """
    with open_regular(source) as read, written(target) as file:
        while block := read.read(2**20):
            file.write(block)


def remove_unfinished(folder: Path, age: float = 0.0) -> None:
    """Remove the incomplete files of interrupted processes that are at least `age` seconds old.

    No process may be writing to the folder, except to files that are younger.
    """
    for path in folder.glob(f"{UNFINISHED}*"):
        with suppress(OSError):
            if not age or time.time() - path.stat().st_mtime >= age:
                path.unlink()


def _check(path: Path, facts: os.stat_result) -> None:
    if stat.S_ISDIR(facts.st_mode):
        raise unreadable(path, REASONS[errno.EISDIR])
    if not stat.S_ISREG(facts.st_mode):
        raise unreadable(path, "it is a device or a pipe, not a regular file")
