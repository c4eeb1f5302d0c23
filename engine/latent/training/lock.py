"""The lock of a training run: only one process trains it. The system releases the lock when that process ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.latent.training.runs import LOCK

HELD = "Another window of Bayescape runs this training. Stop it there first."


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of the run in a folder.

    The file is not removed, because otherwise two processes could lock two files of the same name. Raises ValueError,
    in one sentence, if another process holds the lock, and OSError if the file cannot be opened.
    """
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
    try:
        if not _try(descriptor):
            raise ValueError(HELD)
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _try(descriptor: int) -> bool:
        """Lock the file until it is closed; return False if it is locked already."""
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try(descriptor: int) -> bool:
        """Lock the file until it is closed; return False if it is locked already."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
