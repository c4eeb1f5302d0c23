"""One copy of large arrays for all processes: files that are mapped into the memory, named by a hash of their content.

The window and a process that trains read the same images. Each reads them as before, then releases its own memory and
uses the mapped file, of which the system keeps one copy. A file that is damaged or of another size is not used. Without
a folder, or if the folder cannot be written, each process keeps its own memory. See docs/decisions/062.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.files import written

SIZES = range(2**22, 2**28)  # bytes; smaller arrays are not worth a file, and larger ones take long to write
MOST = 2**29  # bytes of all files; those that were used last stay
BLOCK = 2**20  # bytes compared at a time
_folder: Path | None = None


def keep_copies_in(folder: Path | None) -> None:
    """Keep the files in `folder`, which need not exist yet; None for no files."""
    global _folder
    _folder = folder


def copies_folder() -> Path | None:
    """Return the folder of the files, or None."""
    return _folder


def one_copy(array: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the array, read-only, in memory that other processes share, or the array itself."""
    if _folder is None or array.nbytes not in SIZES:
        return array
    array = np.ascontiguousarray(array)
    path = _folder / f"{hashlib.sha256(array.data).hexdigest()}.bytes"
    for _ in range(2):  # a file that does not have this content is written again
        with suppress(OSError, ValueError):
            if not path.exists() or path.stat().st_size != array.nbytes:
                _write(path, array)
            mapped = np.asarray(np.memmap(path, np.uint8, "r", shape=array.shape))
            if _equal(mapped.reshape(-1), array.reshape(-1)):
                path.touch()
                return mapped
            path.unlink()
    return array


def _equal(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    """Whether two arrays (n,) are equal; they are compared in parts, to save memory."""
    return all(np.array_equal(one[i : i + BLOCK], other[i : i + BLOCK]) for i in range(0, len(one), BLOCK))


def _write(path: Path, array: NDArray[np.uint8]) -> None:
    """Write a file, and delete the files that were not used for the longest time. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # images may be private
    with written(path) as file:
        file.write(array.data)
    path.chmod(0o600)
    others = sorted(path.parent.glob("*.bytes"), key=lambda other: other.stat().st_mtime, reverse=True)
    sizes = np.cumsum([other.stat().st_size for other in others])
    for other, size in zip(others, sizes, strict=True):
        if size > MOST and other != path:
            with suppress(OSError):  # another process uses it, on some systems
                other.unlink()
