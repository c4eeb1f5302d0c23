"""NumPy files of images: an archive of arrays or a single array, with labels in the archive or in a second file."""

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

ROUNDING = 1e-3  # by which values of a range from 0 to 1 may exceed 1
Range = tuple[float, float]  # the values that become 0 and 255


@DATASETS.register
class NpzFile(Part, Files, frozen=True, tag=True):
    """NumPy file: images and labels in arrays, such as x_train, y_train, x_test and y_test."""

    path: Annotated[
        str, Meta(min_length=1, max_length=4096, title="File", description="An .npy file or an .npz archive.")
    ]
    values: Annotated[Values, Meta(title="Pixels are", description=HOW)] = "white ink on black"
    labels: Annotated[
        str,
        Meta(max_length=4096, title="Labels", description="A second file with the labels, if the first file has none."),
    ] = ""
    turn: Turned = "as they are"
    stretch: Stretch = False

    @property
    def origin(self) -> Path:
        return Path(self.path)

    @property
    def image_shape(self) -> Shape:
        with arrays_in(self.origin) as arrays:
            return turned_shape(_choose(self.name, arrays)[0].images.image_shape[1:], self.turn)

    def listing(self) -> Listing:
        yield Reading(0, 0)
        return tuple(File.at(Path(path)) for path in (self.path, self.labels) if path)

    def read(self, files: tuple[File, ...]) -> Loading:
        with arrays_in(self.origin) as arrays:
            train, test = _choose(self.name, arrays)
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
        """Read the pixels of all arrays, one after the other, and apply the settings of this data set.

        Returns (n, h, w) or (n, h, w, 3). Raises ValueError if the arrays have different ranges of values.
        """
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
            raise ValueError(
                f"{self.name} has training images up to {tops[0]} and test images up to {tops[1]}. Choose “Stretch”."
            )
        as_ink(pixels, self.values)
        return turned(pixels, self.turn)


class Half(msgspec.Struct, frozen=True, eq=False):
    """The images and labels of the training set or the test set; `remark` states why labels are not used, or is ""."""

    images: Array
    labels: Array | None
    remark: str = ""


def _choose(name: str, arrays: list[Array]) -> tuple[Half, Half | None]:
    """Choose the arrays for training and for testing. Raises ValueError, in one sentence, if there are no images."""
    images = [array for array in arrays if array.image_shape]
    images = [array for array in images if not array.is_called_labels] or images
    if not images:
        pickled = any(array.kind.hasobject for array in arrays)
        why = "its arrays are Python objects, which are never loaded" if pickled else "none has the shape (n, h, w)"
        raise ValueError(f"{name} contains no images: {why}.")
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
    """Choose the labels for an array of images.

    Names decide first whether an array belongs to the same set and whether it is labels; then its length decides.
    """
    part = (images.is_test, images.is_spare)
    others = [a for a in arrays if a is not images and (a.is_test, a.is_spare) == part]
    n = images.shape[0]
    called = [array for array in others if array.is_called_labels]
    plain = [array for array in called if array.can_be_labels]
    unnamed = [a for a in others if a.can_be_labels and a.kind.kind not in "f"]
    fitting = [array for array in plain or unnamed if array.shape[0] == n]
    if plain and not fitting:
        raise ValueError(f"{name} contains {plain[0].shape[0]:,} labels for {n:,} images. Each image needs one label.")
    if fitting:
        return Half(images, fitting[0])
    return Half(images, None, _unused(called[0]) if called else "")


def _unused(array: Array) -> str:
    kind = "Python objects, which are never loaded" if array.kind.hasobject else "values that are not labels"
    return f"The array “{quoted(array.name)}” contains {kind}. The images have no labels."


def _values(halves: list[Half]) -> tuple[NDArray[Any] | None, tuple[str, ...]]:
    """Read the labels (n,) of all images, training images first, and remarks; None if the labels are not used."""
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
    """Find the values that become 0 and 255 when all images are stretched: the minimum, at most 0, and the maximum.

    Raises ValueError, in one sentence, for values that are not finite.
    """
    low, high = 0.0, 0.0
    for part in parts:
        for _, values in _blocks(part):
            yield Reading(0, 0)
            least, most = float(values.min()), float(values.max())
            if not (math.isfinite(least) and math.isfinite(most)):
                raise ValueError(f"{name} contains values that are not finite numbers.")
            low, high = min(low, least), max(high, most)
    return (low, high) if high > low else (0.0, 255.0)


def _blocks(array: Array) -> Generator[tuple[int, NDArray[Any]], None, None]:
    """Iterate over the values of an array in blocks of images, each with the index of its first image."""
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
    """Fill `pixels` with the values of an array. Returns False if `span` ends at 1 and a value is larger than 1."""
    for i, values in _blocks(array):
        yield Reading(i, len(pixels))
        low, high = values.min(), values.max()
        if span == (0.0, 1.0) and high > 1 + ROUNDING:
            return False
        if not (low >= span[0] and high <= max(255, span[1])):  # also for NaN
            raise ValueError(_beyond(name, low, high))
        pixels[i : i + len(values)] = _as_bytes(values, span).reshape(pixels[i : i + len(values)].shape)
    return True


def _beyond(name: str, low: Any, high: Any) -> str:
    if np.isnan(low) or not np.isfinite(high):
        return f"{name} contains values that are not finite numbers."
    worst = f"{low if low < 0 else high:g}".replace("-", "−")
    return f"{name} contains the value {worst}. Pixels must be from 0 to 1 or from 0 to 255, or choose “Stretch”."


def _as_bytes(values: NDArray[Any], span: Range) -> NDArray[Any]:
    """Map the values of `span` to 0–255, and move the channels to the last axis."""
    if values.ndim == 4 and values.shape[1] == 3 and values.shape[3] != 3:
        values = np.moveaxis(values, 1, 3)
    if values.dtype.kind != "f" and span == (0.0, 255.0):
        return values * np.uint8(255) if values.dtype.kind == "b" else values
    kind = np.float64 if values.dtype.itemsize > 4 else np.float32
    plain: NDArray[Any] = values.astype(kind)
    scaled: NDArray[Any] = (plain - span[0]) * (255 / (span[1] - span[0])) + 0.5
    return np.asarray(np.minimum(scaled, 255))
