"""The IDX format, in which MNIST is published: a magic number, the sizes, then bytes; often gzipped."""

from __future__ import annotations

import gzip
import io
import math
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from msgspec import Meta

from engine.latent.datasets.data_set import DATASETS
from engine.latent.datasets.own_files import (
    AT_ONCE,
    HOW,
    LARGEST,
    File,
    Files,
    Listing,
    Loading,
    Pixels,
    Reading,
    Values,
    as_ink,
    check_shape,
    divided,
    drained,
    labelled,
    unread,
)
from engine.part import Part

UNSIGNED_BYTES = b"\0\0\x08"
DENSEST = 1032  # bytes that one byte of a gzipped file can stand for
Shape = tuple[int, ...]
Stream = gzip.GzipFile | io.BufferedReader


@DATASETS.register
class IdxFiles(Part, Files, frozen=True, tag=True):
    """IDX files: images as MNIST's are published, and their labels in a second file."""

    images: Annotated[str, Meta(min_length=1, max_length=4096, title="Images", description="The file of the images.")]
    labels: Annotated[
        str, Meta(max_length=4096, title="Labels", description="The file of their labels; none if it is empty.")
    ] = ""
    values: Annotated[Values, Meta(title="Pixels are", description=HOW)] = "white ink on black"

    @property
    def origin(self) -> Path:
        return Path(self.images)

    @property
    def image_shape(self) -> Shape:
        path = self.origin
        with _sentences(path), _opened(path) as file:
            return _image_shape(path.name, _shape(path, file))[1:]

    def listing(self) -> Listing:
        yield Reading(0, 0)
        return tuple(File.at(Path(path)) for path in (self.images, self.labels) if path)

    def read(self, files: tuple[File, ...]) -> Loading:
        path = self.origin
        pixels = yield from reading_idx(path, check=_image_shape)
        values = drained(reading_idx(Path(self.labels), check=_label_shape)) if self.labels else None
        pixels = pixels.reshape(_image_shape(path.name, pixels.shape))
        as_ink(pixels, self.values)
        return divided(pixels, *labelled(Path(files[-1].path).name, values, len(pixels)))


def _image_shape(name: str, shape: Shape) -> Shape:
    """(n, h, w) or (n, h, w, 3). Raises ValueError, in one sentence, for any other shape."""
    if len(shape) not in (3, 4) or (len(shape) == 4 and shape[3] not in (1, 3)):
        raise ValueError(f"{name} holds no images but {_spelled(shape)} numbers; is it the file of the labels?")
    shape = shape[:3] if shape[3:] == (1,) else shape
    check_shape(name, shape)
    return shape


def _label_shape(name: str, shape: Shape) -> Shape:
    if len(shape) != 1:
        raise ValueError(f"{name} holds no labels but {_spelled(shape)} numbers; is it the file of the images?")
    return shape


def read_idx(path: Path) -> Pixels:
    """The array of unsigned bytes in an IDX file, gzipped or not, read-only.

    Raises ValueError, in one sentence, if the file is missing, damaged or of another kind.
    """
    array: Pixels = drained(reading_idx(path))
    array.setflags(write=False)
    return array


def reading_idx(path: Path, check: Callable[[str, Shape], Any] | None = None) -> Generator[Reading, None, Pixels]:
    """The same step by step, writable. Before anything is read, `check` may refuse the file's name and shape."""
    with _sentences(path), _opened(path) as file:
        shape = _shape(path, file)
        if check is not None:
            check(path.name, shape)
        array = np.empty(shape, np.uint8)
        bytes_left, each = array.reshape(-1).data, max(1, math.prod(shape[1:]))
        while bytes_left:
            yield Reading(shape[0] - len(bytes_left) // each, shape[0])
            if not (count := file.readinto(bytes_left[:AT_ONCE])):
                raise _damaged(path, shape)
            bytes_left = bytes_left[count:]
        if file.read(1):
            raise _damaged(path, shape)
        return array


@contextmanager
def _sentences(path: Path) -> Iterator[None]:
    """Say in a sentence why a file could not be read."""
    try:
        yield
    except (OSError, EOFError, zlib.error) as error:
        raise unread(path, error) from error


def _opened(path: Path) -> Stream:
    with path.open("rb") as raw:
        zipped = raw.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if zipped else path.open("rb")


def _shape(path: Path, file: Stream) -> Shape:
    """The shape that the head of the file promises, if the file is large enough to keep it."""
    start = file.read(4)
    if len(start) < 4 or start[:3] != UNSIGNED_BYTES:
        raise ValueError(f"{path.name} is not an IDX file of unsigned bytes.")
    sizes = file.read(4 * start[3])
    shape = tuple(int(n) for n in np.frombuffer(sizes[: len(sizes) // 4 * 4], ">u4"))
    promised, there = math.prod(shape), path.stat().st_size
    if len(shape) != start[3] or promised > (there * DENSEST if isinstance(file, gzip.GzipFile) else there):
        raise _damaged(path, shape)
    if promised > LARGEST:
        raise ValueError(f"{path.name} holds {promised >> 20:,} MB: {LARGEST >> 20:,} MB are the most that is read.")
    return shape


def _spelled(shape: Shape) -> str:
    return "×".join(map(str, shape))


def _damaged(path: Path, shape: Shape) -> ValueError:
    return ValueError(f"{path.name} is damaged: it should hold {_spelled(shape)} bytes and does not.")
