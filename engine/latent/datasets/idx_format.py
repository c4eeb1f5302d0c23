"""The IDX file format of MNIST: a magic number, the sizes of the dimensions, then the bytes; often gzipped."""

from __future__ import annotations

import gzip
import io
import math
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from engine.files import open_regular, quoted, regular, unreadable, why
from engine.latent.datasets.own_files import AT_ONCE, LARGEST, Pixels, Reading, check_unpacked, drained

UNSIGNED_BYTES = b"\0\0\x08"
DENSEST = 1032  # bytes to which one byte of a gzipped file can expand at most
Shape = tuple[int, ...]
Stream = gzip.GzipFile | BinaryIO


def read_idx(path: Path) -> Pixels:
    """Return the array of unsigned bytes in an IDX file, gzipped or not; the array is read-only.

    Raises ValueError, in one sentence, if the file is missing, damaged or of another kind.
    """
    array: Pixels = drained(reading_idx(path))
    array.setflags(write=False)
    return array


def read_labels(path: Path, n: int) -> Pixels:
    """Return the labels (n,) in an IDX file. Raises ValueError, in one sentence, for any other number of labels."""

    def check(name: str, shape: Shape) -> None:
        if len(shape) != 1:
            raise ValueError(f"{name} contains {spelled(shape)} numbers and no labels. Is it the file with the images?")
        if shape != (n,):
            raise ValueError(f"{name} contains {shape[0]:,} labels for {n:,} images. Each image needs one label.")

    return drained(reading_idx(path, check))


def idx_shape(path: Path) -> Shape:
    """Return the shape stated in the header of an IDX file. Raises ValueError, in one sentence, if it is damaged."""
    with _opened(path) as file:
        return _shape(path, file)


def reading_idx(path: Path, check: Callable[[str, Shape], Any] | None = None) -> Generator[Reading, None, Pixels]:
    """Read the array of an IDX file in steps, and return it writable.

    Before anything is read, `check` is called with the name of the file and the shape, and may raise ValueError.
    """
    with _opened(path) as file:
        shape = _shape(path, file)
        if check is not None:
            check(quoted(path.name), shape)
        array = np.empty(shape, np.uint8)
        bytes_left, each = array.reshape(-1).data, max(1, math.prod(shape[1:]))
        while bytes_left:
            yield Reading(shape[0] - len(bytes_left) // each, shape[0])
            if not (count := file.readinto(bytes_left[:AT_ONCE])):  # type: ignore[union-attr]
                raise _damaged(path, shape)
            bytes_left = bytes_left[count:]
        if file.read(1):
            raise _damaged(path, shape)
        return array


def spelled(shape: Shape) -> str:
    """Return a shape as text, for example 60000×28×28; more than four dimensions are abbreviated."""
    return "×".join(map(str, shape[:4])) + ("×…" if len(shape) > 4 else "")


@contextmanager
def _opened(path: Path) -> Iterator[Stream]:
    """Open a file for reading, and decompress it if it is gzipped. Raises ValueError, in one sentence."""
    with open_regular(path) as raw:
        try:
            zipped = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            if zipped:
                with gzip.GzipFile(fileobj=raw) as file:
                    yield file
            else:
                yield raw
        except EOFError as error:
            raise unreadable(path, "it ends too early") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise unreadable(path, "it is damaged") from error
        except OSError as error:
            raise unreadable(path, why(error)) from error


def _shape(path: Path, file: Stream) -> Shape:
    """Return the shape stated in the header. Raises ValueError if the file cannot contain so many bytes."""
    start = file.read(4)
    if len(start) < 4 or start[:3] != UNSIGNED_BYTES:
        raise ValueError(f"{quoted(path.name)} is not an IDX file of unsigned bytes.")
    sizes = file.read(4 * start[3])
    shape = tuple(int(n) for n in np.frombuffer(sizes[: len(sizes) // 4 * 4], ">u4"))
    promised, size = math.prod(shape), regular(path).st_size
    if len(shape) != start[3] or promised > (size if isinstance(file, io.BufferedReader) else size * DENSEST):
        raise _damaged(path, shape)
    if promised > LARGEST:
        raise ValueError(f"{quoted(path.name)} contains {promised >> 20:,} MB. The limit is {LARGEST >> 20:,} MB.")
    check_unpacked(quoted(path.name), size, promised)
    return shape


def _damaged(path: Path, shape: Shape) -> ValueError:
    return ValueError(f"{quoted(path.name)} is damaged: it should contain {spelled(shape)} bytes and does not.")
