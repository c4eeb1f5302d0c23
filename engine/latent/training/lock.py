"""The lock of a run: only one process trains it, and the system takes the lock away when that process ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.latent.training.runs import LOCK

HELD = "This training is under way in another window of Bayescape: stop it there first."


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of the run in a folder. Raises ValueError, in one sentence, if another process holds it; OSError.

    The file stays: if it were removed, two processes could hold locks on two files of the same name.
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
        """Whether the lock was free and is held now, until the file is closed."""
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try(descriptor: int) -> bool:
        """Whether the lock was free and is held now, until the file is closed."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
