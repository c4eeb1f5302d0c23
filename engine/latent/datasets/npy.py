"""NumPy arrays in files: headers are checked before values are read, and Python objects are never unpickled."""

from __future__ import annotations

import io
import lzma
import math
import re
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import msgspec
import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from engine.files import open_regular, quoted, unreadable, why
from engine.latent.datasets.labels import CLASSES, NUMBERS, TEXTS
from engine.latent.datasets.own_files import SIDES, check_unpacked

MEMBERS = 1000  # arrays in an archive
LONGEST_HEAD = 2**16  # bytes
LENGTHS = {b"\x01\x00": "<H", b"\x02\x00": "<I"}  # for each version, the struct format of the header's length
HEADS = {b"\x01\x00": npy.read_array_header_1_0, b"\x02\x00": npy.read_array_header_2_0}
LABELS = re.compile(r"(^|[^a-z])y([^a-z]|$)|label|target|class", re.IGNORECASE)
DAMAGE = (EOFError, RuntimeError, UnicodeError, NotImplementedError, zlib.error, lzma.LZMAError, struct.error)
Shape = tuple[int, ...]


class Array(msgspec.Struct, frozen=True, eq=False):
    """An array in a file, as its header describes it; the values have not been read."""

    name: str
    shape: Shape
    kind: np.dtype[Any]
    by_columns: bool
    head: int  # bytes before the values
    open: Callable[[], IO[bytes]]

    @property
    def is_test(self) -> bool:
        """Whether the name marks the array as test data."""
        return "test" in self.name.lower()

    @property
    def is_spare(self) -> bool:
        """Whether the name marks the array as validation data, which is not used."""
        return "val" in self.name.lower()

    @property
    def is_called_labels(self) -> bool:
        """Whether the name is usual for labels, such as y_train or labels."""
        return LABELS.search(self.name) is not None

    @property
    def image_shape(self) -> Shape:
        """The shape (n, h, w) or (n, h, w, 3) of the images that the array can be, or () if it cannot be images."""
        n, *rest = self.shape or (0,)
        side = math.isqrt(rest[0]) if len(rest) == 1 else 0
        if self.kind.kind not in NUMBERS or self.kind.itemsize > 8:
            return ()
        if side in SIDES and side**2 == rest[0]:
            return (n, side, side)
        if len(rest) == 3 and rest[0] in (1, 3) and rest[2] not in (1, 3):  # channels come first
            rest = [*rest[1:], rest[0]]
        if len(rest) == 2 or (len(rest) == 3 and rest[2] == 1):
            return (n, rest[0], rest[1])
        return (n, *rest) if len(rest) == 3 and rest[2] == 3 else ()

    @property
    def can_be_labels(self) -> bool:
        """Whether the array can be labels.

        Labels are numbers or texts (n,) or (n, 1), or one-hot rows (n, classes) in an array with a name for labels.
        """
        rest = self.shape[1:]
        flat = rest in ((), (1,)) and len(self.shape) >= 1
        one_hot = len(rest) == 1 and 2 <= rest[0] <= CLASSES and self.is_called_labels
        return (flat and self.kind.kind in NUMBERS + TEXTS) or (one_hot and self.kind.kind in NUMBERS)

    def values(self) -> NDArray[Any]:
        """Read all values, in the shape of the array. Raises an error of DAMAGE or OSError if values are missing."""
        with self.open() as file:
            file.read(self.head)
            content = file.read(math.prod(self.shape) * self.kind.itemsize)
        values: NDArray[Any] = np.frombuffer(content, self.kind)
        return values.reshape(self.shape, order="F" if self.by_columns else "C")


@contextmanager
def arrays_in(path: Path) -> Iterator[list[Array]]:
    """Open the arrays of an .npz archive or an .npy file. Raises ValueError, in one sentence about the file."""
    try:
        with open_regular(path) as file:
            if path.suffix.lower() == ".npy":
                size = file.seek(0, io.SEEK_END)
                yield _present([_array("images", lambda: open_regular(path), size)])
            else:
                with zipfile.ZipFile(file) as archive:
                    yield _present(_members(path, archive, file.seek(0, io.SEEK_END)))
    except (zipfile.BadZipFile, zipfile.LargeZipFile) as error:
        raise ValueError(f"{quoted(path.name)} is damaged or contains no NumPy arrays.") from error
    except OSError as error:
        raise unreadable(path, why(error)) from error
    except DAMAGE as error:
        raise unreadable(path, "it is damaged, or encrypted") from error


def _present(arrays: list[Array | None]) -> list[Array]:
    return [array for array in arrays if array is not None]


def _members(path: Path, archive: zipfile.ZipFile, size: int) -> list[Array | None]:
    infos = archive.infolist()
    if len(infos) > MEMBERS:
        raise ValueError(f"{quoted(path.name)} contains more than {MEMBERS:,} files, too many for an image archive.")
    infos = [info for info in infos if info.filename.endswith(".npy")]
    check_unpacked(quoted(path.name), size, sum(info.file_size for info in infos))

    def opener(info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
        return lambda: archive.open(info)

    return [_array(info.filename.removesuffix(".npy"), opener(info), info.file_size) for info in infos]


def _array(name: str, opened: Callable[[], IO[bytes]], size: int) -> Array | None:
    """Read the header of an array in `size` bytes. Returns None for an unknown format version; raises BadZipFile."""
    with opened() as file:
        magic, version = file.read(6), file.read(2)
        if magic != b"\x93NUMPY":
            raise zipfile.BadZipFile
        if version not in HEADS:
            return None
        length = file.read(struct.calcsize(LENGTHS[version]))
        (longest,) = struct.unpack(LENGTHS[version], length)
        if longest > LONGEST_HEAD:
            raise zipfile.BadZipFile
        text = file.read(longest)
    try:
        shape, by_columns, kind = HEADS[version](io.BytesIO(length + text))
    except (ValueError, TypeError, SyntaxError, tokenize.TokenError, RecursionError, MemoryError) as error:
        raise zipfile.BadZipFile from error
    head = 8 + len(length) + longest
    if min(shape, default=0) < 0 or (not kind.hasobject and head + math.prod(shape) * kind.itemsize != size):
        raise zipfile.BadZipFile
    return Array(name, shape, kind, by_columns and len(shape) > 1, head, opened)
