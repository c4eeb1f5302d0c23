"""NumPy archives of images: their heads are checked before anything is read, and nothing is ever unpickled."""

from __future__ import annotations

import lzma
import math
import re
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.lib import format as npy
from numpy.typing import NDArray

from engine.latent.datasets.data_set import DATASETS
from engine.latent.datasets.own_files import (
    AT_ONCE,
    HOW,
    SIDES,
    File,
    Files,
    Listing,
    Loaded,
    Loading,
    Pixels,
    Reading,
    Values,
    as_ink,
    check_room,
    check_shape,
    divided,
    labelled,
    unread,
    whole,
)
from engine.part import Part

MEMBERS = 1000  # arrays in an archive
ROUNDING = 1e-3  # that a value from 0 to 1 may be above 1
HEADS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
LABELS = re.compile(r"(^|[^a-z])y([^a-z]|$)|label|target|class", re.IGNORECASE)
DAMAGE = (OSError, EOFError, RuntimeError, UnicodeError, zlib.error, lzma.LZMAError, struct.error)
Shape = tuple[int, ...]


@DATASETS.register
class NpzFile(Part, Files, frozen=True, tag=True):
    """NPZ file: images and labels as NumPy saves them, such as x_train, y_train, x_test and y_test."""

    path: Annotated[str, Meta(min_length=1, max_length=4096, title="File", description="An archive of NumPy arrays.")]
    values: Annotated[Values, Meta(title="Pixels are", description=HOW)] = "white ink on black"

    @property
    def origin(self) -> Path:
        return Path(self.path)

    @property
    def image_shape(self) -> Shape:
        with _opened(self.origin) as archive:
            return _found(self.name, archive)[0].images.image_shape[1:]

    def listing(self) -> Listing:
        yield Reading(0, 0)
        return (File.at(self.origin),)

    def read(self, files: tuple[File, ...]) -> Loading:
        path = self.origin
        with _opened(path) as archive:
            train, test = _found(path.name, archive)
            pixels, top = yield from _reading(path.name, archive, train.images)
            if test is None:
                as_ink(pixels, self.values)
                return divided(pixels, *labelled(path.name, _numbers(archive, train.labels), len(pixels)))
            others, other_top = yield from _reading(path.name, archive, test.images)
            if top != other_top:
                raise ValueError(
                    f"{path.name} holds images up to {top} and test images up to {other_top}: they must be alike."
                )
            as_ink(pixels, self.values)
            as_ink(others, self.values)
            return _both(path.name, pixels, others, _numbers(archive, train.labels), _numbers(archive, test.labels))


class Array(msgspec.Struct, frozen=True, eq=False):
    """An array of an archive, by its head."""

    info: zipfile.ZipInfo
    shape: Shape
    kind: np.dtype[Any]
    by_columns: bool

    @property
    def name(self) -> str:
        return self.info.filename.removesuffix(".npy")

    @property
    def is_test(self) -> bool:
        return "test" in self.name.lower()

    @property
    def is_spare(self) -> bool:
        """Whether it is for a third part, which is not used."""
        return "val" in self.name.lower()

    @property
    def image_shape(self) -> Shape:
        """(n, h, w) or (n, h, w, 3) if it can be images, else ()."""
        n, *rest = self.shape or (0,)
        side = math.isqrt(rest[0]) if len(rest) == 1 else 0
        if self.kind.kind not in "buif" or self.kind.itemsize > 8:
            return ()
        if side in SIDES and side**2 == rest[0]:
            return (n, side, side)
        if len(rest) == 3 and rest[0] in (1, 3) and rest[2] not in (1, 3):  # the channels come first
            rest = [*rest[1:], rest[0]]
        if len(rest) == 2 or (len(rest) == 3 and rest[2] == 1):
            return (n, rest[0], rest[1])
        return (n, *rest) if len(rest) == 3 and rest[2] == 3 else ()

    @property
    def is_labels(self) -> bool:
        """Whether it can be labels, whole numbers (n,) or (n, 1)."""
        return self.kind.kind in "bui" and self.shape[1:] in ((), (1,)) and len(self.shape) >= 1


class Half(msgspec.Struct, frozen=True, eq=False):
    """The arrays of one part."""

    images: Array
    labels: Array | None


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive; what is wrong with it is said in a sentence."""
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.infolist()) > MEMBERS:
                raise ValueError(f"{path.name} holds more than {MEMBERS:,} files, which no archive of images does.")
            yield archive
    except zipfile.BadZipFile as error:
        raise ValueError(f"{path.name} is damaged, or no archive of NumPy arrays.") from error
    except DAMAGE as error:
        raise unread(path, error) from error


def _head(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Array | None:
    """An array's head; None if it is written in a way that no plain numbers are."""
    with archive.open(info) as file:
        try:
            read = HEADS.get(npy.read_magic(file))
            if read is None:
                return None
            shape, by_columns, kind = read(file)
        except (ValueError, TypeError, SyntaxError, tokenize.TokenError, RecursionError) as error:
            raise zipfile.BadZipFile from error
        if min(shape, default=0) < 0:
            raise zipfile.BadZipFile
        if not kind.hasobject and file.tell() + math.prod(shape) * kind.itemsize != info.file_size:
            raise zipfile.BadZipFile
    return Array(info, shape, kind, by_columns and len(shape) > 1)


def _found(name: str, archive: zipfile.ZipFile) -> tuple[Half, Half | None]:
    """What is there to learn from and to test on. Raises ValueError, in one sentence, if there is nothing of use."""
    infos = [info for info in archive.infolist() if info.filename.endswith(".npy")]
    arrays = [array for array in (_head(archive, info) for info in infos) if array is not None]
    images = [array for array in arrays if array.image_shape]
    if not images:
        pickled = any(array.kind.hasobject for array in arrays)
        why = "its arrays are Python objects, which are never loaded" if pickled else "none has the shape (n, h, w)"
        raise ValueError(f"{name} holds no images: {why}.")
    main = [array for array in images if not array.is_test and not array.is_spare] or images
    train = max(main, key=lambda array: (math.prod(array.shape), array.name))
    check_shape(name, train.image_shape)
    first = Half(train, _labels_of(name, train, arrays))
    tests = [a for a in images if a.is_test and a is not train and a.image_shape[1:] == train.image_shape[1:]]
    second = [Half(a, _labels_of(name, a, arrays)) for a in tests if a.shape[0]]
    for half in second:
        check_room(name, half.images.shape[0], math.prod(half.images.image_shape[1:]))
    return first, next((half for half in second if (half.labels is None) == (first.labels is None)), None)


def _labels_of(name: str, images: Array, arrays: list[Array]) -> Array | None:
    """The labels of images: of the same part by its name, called so or else of the same length."""
    part = (images.is_test, images.is_spare)
    others = [a for a in arrays if a is not images and a.is_labels and (a.is_test, a.is_spare) == part]
    n = images.shape[0]
    called = [array for array in others if LABELS.search(array.name)]
    fitting = [array for array in called or others if array.shape[0] == n]
    if called and not fitting:
        raise ValueError(f"{name} holds {called[0].shape[0]:,} labels for {n:,} images: there must be one for each.")
    return fitting[0] if fitting else None


def _numbers(archive: zipfile.ZipFile, array: Array | None) -> NDArray[Any] | None:
    """The values of labels, (n,)."""
    if array is None:
        return None
    with archive.open(array.info) as file:
        _skip_head(file, array)
        values: NDArray[Any] = np.frombuffer(file.read(), array.kind)
        return values


def _skip_head(file: IO[bytes], array: Array) -> None:
    file.read(array.info.file_size - math.prod(array.shape) * array.kind.itemsize)


def _reading(name: str, archive: zipfile.ZipFile, array: Array) -> Generator[Reading, None, tuple[Pixels, int]]:
    """The pixels of an array, and whether they were given up to 1 or up to 255."""
    if array.by_columns:
        raise ValueError(f"{name} holds its images column by column: save them again with np.ascontiguousarray.")
    pixels = np.empty(array.image_shape, np.uint8)
    top = 1 if array.kind.kind in "bf" else 255
    while not (yield from _filling(name, archive, array, pixels, top)):
        top = 255
    return pixels, top


def _filling(
    name: str, archive: zipfile.ZipFile, array: Array, pixels: Pixels, top: int
) -> Generator[Reading, None, bool]:
    """Fill `pixels` with the values of an array, of which `top` is the lightest; False if some are beyond 1."""
    each = math.prod(array.shape[1:]) * array.kind.itemsize
    n, chunk = len(pixels), max(1, AT_ONCE // each)
    with archive.open(array.info) as file:
        _skip_head(file, array)
        for i in range(0, n, chunk):
            yield Reading(i, n)
            count = min(chunk, n - i)
            values = np.frombuffer(file.read(count * each), array.kind).reshape(count, *array.shape[1:])
            low, high = values.min(), values.max()
            if top == 1 and high > 1 + ROUNDING:
                return False
            if not (low >= 0 and high <= 255):  # NaN is neither
                raise ValueError(f"{name} holds {_worst(low, high)}: pixels must be from 0 to 1 or from 0 to 255.")
            pixels[i : i + count] = _as_bytes(values, top).reshape(pixels[i : i + count].shape)
    return True


def _worst(low: Any, high: Any) -> str:
    if np.isnan(low):
        return "values that are no numbers"
    return f"a value of {low if low < 0 else high:g}".replace("-", "−")


def _as_bytes(values: NDArray[Any], top: int) -> NDArray[Any]:
    """Values up to `top` as 0–255, with the channels last."""
    if values.ndim == 4 and values.shape[1] == 3 and values.shape[3] != 3:
        values = np.moveaxis(values, 1, 3)
    if values.dtype.kind != "f":
        return values * np.uint8(255) if values.dtype.kind == "b" else values
    scaled: NDArray[Any] = values.astype(np.float32) * np.float32(255 / top)
    return np.minimum(scaled + np.float32(0.5), 255)


def _both(name: str, train: Pixels, test: Pixels, first: NDArray[Any] | None, second: NDArray[Any] | None) -> Loaded:
    """Both parts as the archive has them, under the same classes."""
    together = None if first is None or second is None else np.concatenate([first, second])
    labels, classes = labelled(name, together, len(train) + len(test))
    return Loaded(whole(train, labels[: len(train)], classes), whole(test, labels[len(train) :], classes))
