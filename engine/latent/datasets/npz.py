"""NumPy files of images: an archive of arrays, or a single array, with labels inside or in a second file."""

from __future__ import annotations

import math
from collections.abc import Generator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.files import quoted
from engine.latent.datasets.data_set import DATASETS
from engine.latent.datasets.labels import labelled, plain_labels
from engine.latent.datasets.labels_file import labels_in
from engine.latent.datasets.npy import Array, Shape, arrays_in
from engine.latent.datasets.own_files import (
    AT_ONCE,
    HOW,
    File,
    Files,
    Listing,
    Loading,
    Pixels,
    Reading,
    Stretch,
    Turned,
    Values,
    check_room,
    check_shape,
)
from engine.latent.datasets.own_pixels import as_ink, divided, parted, turned, turned_shape
from engine.part import Part

ROUNDING = 1e-3  # that a value from 0 to 1 may be above 1
Range = tuple[float, float]  # the values that become 0 and 255


@DATASETS.register
class NpzFile(Part, Files, frozen=True, tag=True):
    """NumPy file: images and labels as NumPy saves them, such as x_train, y_train, x_test and y_test."""

    path: Annotated[str, Meta(min_length=1, max_length=4096, title="File", description="One array, or an archive.")]
    values: Annotated[Values, Meta(title="Pixels are", description=HOW)] = "white ink on black"
    labels: Annotated[
        str, Meta(max_length=4096, title="Labels", description="A second file, if the labels are not in the first.")
    ] = ""
    turn: Turned = "as they are"
    stretch: Stretch = False

    @property
    def origin(self) -> Path:
        return Path(self.path)

    @property
    def image_shape(self) -> Shape:
        with arrays_in(self.origin) as arrays:
            return turned_shape(_found(self.name, arrays)[0].images.image_shape[1:], self.turn)

    def listing(self) -> Listing:
        yield Reading(0, 0)
        return tuple(File.at(Path(path)) for path in (self.path, self.labels) if path)

    def read(self, files: tuple[File, ...]) -> Loading:
        with arrays_in(self.origin) as arrays:
            train, test = _found(self.name, arrays)
            parts = [train.images] if test is None or self.labels else [train.images, test.images]
            pixels = yield from self._pixels([part.image_shape for part in parts], parts)
            n = len(pixels)
            if self.labels:
                return divided(pixels, *labelled(quoted(Path(self.labels).name), labels_in(Path(self.labels), n), n))
            values, remarks = _values([train, test] if test is not None else [train])
        labels, classes = labelled(self.name, values, n)
        if test is None:
            return replace(divided(pixels, labels, classes), remarks=remarks)
        is_test = np.arange(n) >= train.images.shape[0]
        return replace(parted(pixels, labels, classes, is_test), remarks=remarks)

    def _pixels(self, shapes: list[Shape], parts: list[Array]) -> Generator[Reading, None, Pixels]:
        """The pixels of all parts, one after the other, as the settings say. Raises ValueError if they differ."""
        pixels = np.empty((sum(shape[0] for shape in shapes), *shapes[0][1:]), np.uint8)
        ends = np.cumsum([shape[0] for shape in shapes])
        slices = [pixels[end - shape[0] : end] for end, shape in zip(ends, shapes, strict=True)]
        stretch = (yield from _span(self.name, parts)) if self.stretch else None
        spans = []
        for part, target in zip(parts, slices, strict=True):
            span = stretch or ((0.0, 1.0) if part.kind.kind in "bf" else (0.0, 255.0))
            while not (yield from _filling(self.name, part, target, span)):
                span = (0.0, 255.0)
            spans.append(span)
        if spans[0] != spans[-1]:
            tops = [f"{span[1]:g}" for span in spans]
            raise ValueError(f"{self.name} holds images up to {tops[0]} and test images up to {tops[1]}: stretch them.")
        as_ink(pixels, self.values)
        return turned(pixels, self.turn)


class Half(msgspec.Struct, frozen=True, eq=False):
    """The arrays of one part, and why an array was not used as its labels, or ""."""

    images: Array
    labels: Array | None
    remark: str = ""


def _found(name: str, arrays: list[Array]) -> tuple[Half, Half | None]:
    """The arrays to learn from and to test on. Raises ValueError, in one sentence, if there is nothing of use."""
    images = [array for array in arrays if array.image_shape]
    images = [array for array in images if not array.is_called_labels] or images
    if not images:
        pickled = any(array.kind.hasobject for array in arrays)
        why = "its arrays are Python objects, which are never loaded" if pickled else "none has the shape (n, h, w)"
        raise ValueError(f"{name} holds no images: {why}.")
    main = [array for array in images if not array.is_test and not array.is_spare] or images
    train = max(main, key=lambda array: (math.prod(array.shape), array.name))
    check_shape(name, train.image_shape)
    first = _half(name, train, arrays)
    tests = [a for a in images if a.is_test and a is not train and a.image_shape[1:] == train.image_shape[1:]]
    second = [_half(name, array, arrays) for array in tests if array.shape[0]]
    for half in second:
        check_room(name, half.images.shape[0], math.prod(half.images.image_shape[1:]))
    return first, next((half for half in second if (half.labels is None) == (first.labels is None)), None)


def _half(name: str, images: Array, arrays: list[Array]) -> Half:
    """The labels of images: of the same part by its name, called so or else of the same length."""
    part = (images.is_test, images.is_spare)
    others = [a for a in arrays if a is not images and (a.is_test, a.is_spare) == part]
    n = images.shape[0]
    called = [array for array in others if array.is_called_labels]
    plain = [array for array in called if array.can_be_labels]
    unnamed = [a for a in others if a.can_be_labels and a.kind.kind not in "f"]
    fitting = [array for array in plain or unnamed if array.shape[0] == n]
    if plain and not fitting:
        raise ValueError(f"{name} holds {plain[0].shape[0]:,} labels for {n:,} images: there must be one for each.")
    if fitting:
        return Half(images, fitting[0])
    return Half(images, None, _unused(called[0]) if called else "")


def _unused(array: Array) -> str:
    kind = "Python objects, which are never loaded" if array.kind.hasobject else "values that are no labels"
    return f"The array “{quoted(array.name)}” holds {kind}: the images have no labels."


def _values(halves: list[Half]) -> tuple[NDArray[Any] | None, tuple[str, ...]]:
    """The labels of all images, one part after the other, and what is to be said if they are not used."""
    remarks = tuple(dict.fromkeys(half.remark for half in halves if half.remark))
    arrays = [half.labels for half in halves if half.labels is not None]
    if len(arrays) < len(halves):
        return None, remarks
    plain = [plain_labels(array.values()) for array in arrays]
    used = [values for values in plain if values is not None]
    if len(used) < len(plain):
        return None, (_unused(arrays[0]),)
    return np.concatenate(used), remarks


def _span(name: str, parts: list[Array]) -> Generator[Reading, None, Range]:
    """The values that become 0 and 255 when all images are stretched: 0, or what is below it, and the largest."""
    low, high = 0.0, 0.0
    for part in parts:
        for _, values in _blocks(part):
            yield Reading(0, 0)
            least, most = float(values.min()), float(values.max())
            if not (math.isfinite(least) and math.isfinite(most)):
                raise ValueError(f"{name} holds values that are not finite numbers.")
            low, high = min(low, least), max(high, most)
    return (low, high) if high > low else (0.0, 255.0)


def _blocks(array: Array) -> Generator[tuple[int, NDArray[Any]], None, None]:
    """The values of an array, some images at a time, each with the number of the first."""
    if array.by_columns:
        yield 0, array.values()
        return
    each = math.prod(array.shape[1:]) * array.kind.itemsize
    n, chunk = array.shape[0], max(1, AT_ONCE // each)
    with array.open() as file:
        file.read(array.head)
        for i in range(0, n, chunk):
            count = min(chunk, n - i)
            yield i, np.frombuffer(file.read(count * each), array.kind).reshape(count, *array.shape[1:])


def _filling(name: str, array: Array, pixels: Pixels, span: Range) -> Generator[Reading, None, bool]:
    """Fill `pixels` with the values of an array; False if they were taken to go up to 1 and some are beyond."""
    for i, values in _blocks(array):
        yield Reading(i, len(pixels))
        low, high = values.min(), values.max()
        if span == (0.0, 1.0) and high > 1 + ROUNDING:
            return False
        if not (low >= span[0] and high <= max(255, span[1])):  # NaN is neither
            raise ValueError(_beyond(name, low, high))
        pixels[i : i + len(values)] = _as_bytes(values, span).reshape(pixels[i : i + len(values)].shape)
    return True


def _beyond(name: str, low: Any, high: Any) -> str:
    if np.isnan(low) or not np.isfinite(high):
        return f"{name} holds values that are not finite numbers."
    worst = f"{low if low < 0 else high:g}".replace("-", "−")
    return f"{name} holds a value of {worst}: pixels must be from 0 to 1 or from 0 to 255, or be stretched."


def _as_bytes(values: NDArray[Any], span: Range) -> NDArray[Any]:
    """Values from `span` as 0–255, with the channels last."""
    if values.ndim == 4 and values.shape[1] == 3 and values.shape[3] != 3:
        values = np.moveaxis(values, 1, 3)
    if values.dtype.kind != "f" and span == (0.0, 255.0):
        return values * np.uint8(255) if values.dtype.kind == "b" else values
    kind = np.float64 if values.dtype.itemsize > 4 else np.float32
    plain: NDArray[Any] = values.astype(kind)
    scaled: NDArray[Any] = (plain - span[0]) * (255 / (span[1] - span[0])) + 0.5
    return np.asarray(np.minimum(scaled, 255))
