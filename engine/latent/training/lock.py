"""The lock of a training run: only one process trains it. The system releases the lock when that process ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.latent.training.runs import LOCK
from engine.lock import Lock

HELD = "This model is being trained in another window. Stop the training there first."


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of the run in a folder.

    Raises ValueError, in one sentence, if another process holds the lock, and OSError if the file cannot be opened.
    """
    lock = Lock.take(folder / LOCK)
    if lock is None:
        raise ValueError(HELD)
    try:
        yield
    finally:
        lock.release()
