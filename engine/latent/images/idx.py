"""The IDX format, in which MNIST is published: a magic number, the sizes, then bytes; often gzipped."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LARGEST = 2**30  # bytes of pixels that are read at most
UNSIGNED_BYTES = b"\0\0\x08"


def read_idx(path: Path) -> NDArray[np.uint8]:
    """The array of unsigned bytes in an IDX file, gzipped or not, read-only.

    Raises ValueError, in one sentence, if the file is missing, damaged or of another kind.
    """
    try:
        content = _content(path)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{path.name} cannot be read: {error}.") from error
    if len(content) < 4 or content[:3] != UNSIGNED_BYTES:
        raise ValueError(f"{path.name} is not an IDX file of unsigned bytes.")
    head = 4 + 4 * content[3]
    shape = tuple(int(n) for n in np.frombuffer(content[4:head], ">u4"))
    if len(shape) != content[3] or len(content) - head != int(np.prod(shape, dtype=object)):
        raise ValueError(f"{path.name} is damaged: it should hold {'×'.join(map(str, shape))} bytes and does not.")
    return np.frombuffer(content, np.uint8, offset=head).reshape(shape)


def _content(path: Path) -> bytes:
    with path.open("rb") as raw:
        zipped = raw.read(2) == b"\x1f\x8b"
    opener = gzip.open if zipped else Path.open
    with opener(path, "rb") as file:
        content: bytes = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise OSError(f"it holds more than {LARGEST >> 20} MB")
    return content
