"""Locks between processes: a file that one process holds. The system releases the lock when that process ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path


class Lock:
    """A held lock. The file is not removed, because otherwise two processes could lock two files of the same name."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path) -> Lock | None:
        """Hold the lock; None if it is held already. Raises OSError if the file cannot be opened."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
        if _try(descriptor):
            return cls(descriptor)
        os.close(descriptor)
        return None

    def release(self) -> None:
        """Let other processes hold the lock."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1


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
