"""Files of one's own: images that are read step by step, checked, divided in two, and kept while the files stay."""

from __future__ import annotations

import stat
from collections.abc import Generator
from pathlib import Path
from threading import Lock
from typing import Any, Literal, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.latent.datasets.data_set import DataSet, Images
from engine.memo import Recent

MOST = 1_000_000  # images
LARGEST = 2**30  # bytes of pixels
SIDES = range(8, 257)  # pixels that an image may be high or wide
CLASSES = 256
AT_ONCE = 2**20  # bytes read between two places to stop at
HELD_OUT = 10  # one in so many images, where the files do not say which
SEED = 20_260_101  # decides which: always the same
KEPT = 2  # data sets in memory

T = TypeVar("T")
Pixels = NDArray[np.uint8]
Values = Literal["light", "white ink on black", "black ink on white"]
HOW = "Light looks the same in every theme; ink takes the theme's colours."


class Reading(msgspec.Struct, frozen=True):
    """How far reading has come: images done, of how many; of 0 while they are still being counted."""

    done: int
    whole: int


class Unreadable(msgspec.Struct, frozen=True):
    """A file that is no image, and why."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}."


class Loaded(msgspec.Struct, frozen=True, eq=False):
    """What was read: the images of both parts, and the files that could not be."""

    train: Images
    test: Images
    unreadable: tuple[Unreadable, ...] = ()


class File(msgspec.Struct, frozen=True):
    """A file as it is now: another time or size means another content. Its path is text, which is compared at once."""

    path: str
    changed: int  # nanoseconds
    size: int  # bytes

    @classmethod
    def at(cls, path: Path) -> File:
        """Raises ValueError, in one sentence, if there is none."""
        try:
            found = path.stat()
        except (OSError, ValueError) as error:
            raise unread(path, error) from error
        if not stat.S_ISREG(found.st_mode):
            raise ValueError(f"{path.name} is no file that can be read.")
        return cls(str(path), found.st_mtime_ns, found.st_size)


Listing = Generator[Reading, None, tuple[File, ...]]
Loading = Generator[Reading, None, Loaded]


class Files(DataSet):
    """A data set in files of one's own. Abstract."""

    __slots__ = ()

    licence = "that of your files"
    attribution = "Your own files"
    values: Values

    @property
    def light(self) -> bool:
        return self.values == "light"

    @property
    def origin(self) -> Path:
        """The folder, or the file of the images."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """What it is called: the last part of its path."""
        return self.origin.name or str(self.origin)

    def train(self) -> Images:
        return loaded(self).train

    def test(self) -> Images:
        return loaded(self).test

    def listing(self) -> Listing:
        """The files that there are to read."""
        raise NotImplementedError

    def read(self, files: tuple[File, ...]) -> Loading:
        """Read them. Raises ValueError, in one sentence, if they are not what they should be."""
        raise NotImplementedError


_kept: Recent[tuple[Files, tuple[File, ...]], Loaded] = Recent(KEPT)
_one_at_a_time = Lock()


def reading(source: Files) -> Loading:
    """Read all images of a source; what it returns in the end is kept until the files change.

    Raises ValueError, in one sentence, if there are none that can be used.
    """
    files = yield from source.listing()
    key = (source, files)
    if key not in _kept:
        _kept[key] = yield from source.read(files)
    return _kept[key]


def loaded(source: Files) -> Loaded:
    """The same at once."""
    with _one_at_a_time:
        return drained(reading(source))


def drained(steps: Generator[Any, None, T]) -> T:
    """What a generator returns in the end."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: T = end.value
            return found


def unread(path: Path, error: Exception) -> ValueError:
    """What to say of a file that cannot be read."""
    reason = (isinstance(error, OSError) and error.strerror) or str(error) or "it is damaged"
    return ValueError(f"{path.name} cannot be read: {reason.rstrip('.')}.")


def check_shape(name: str, shape: tuple[int, ...]) -> None:
    """Raise ValueError, in one sentence, unless (n, h, w[, 3]) are images of a size that one can train on."""
    n, h, w = shape[:3]
    if n < 2:
        raise ValueError(
            f"{name} holds {'only one image' if n else 'no images'}: two are needed, to learn from and to test on."
        )
    if h not in SIDES or w not in SIDES:
        raise ValueError(f"{name} holds images of {h}×{w} pixels: each side must have from {SIDES[0]} to {SIDES[-1]}.")
    check_room(name, n, h * w * (3 if len(shape) == 4 else 1))


def check_room(name: str, n: int, each: int) -> None:
    """Raise ValueError, in one sentence, if n images of that many bytes are too many."""
    if n > MOST:
        raise ValueError(f"{name} holds {n:,} images: {MOST:,} are the most that can be trained on.")
    if n * each > LARGEST:
        raise ValueError(
            f"{name} holds {n * each / 2**20:,.0f} MB of pixels: {LARGEST >> 20:,} MB are the most. "
            "Use fewer or smaller images."
        )


def labelled(name: str, values: NDArray[Any] | None, n: int) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Labels (n,) and classes from the whole numbers (n,) that came with n images; one class of all without them.

    Raises ValueError, in one sentence, if they do not fit.
    """
    if values is None:
        return np.zeros(n, np.uint8), ("unlabelled",)
    if len(values) != n:
        raise ValueError(f"{name} holds {len(values):,} labels for {n:,} images: there must be one for each.")
    names, labels = np.unique(values, return_inverse=True)
    if len(names) > CLASSES:
        raise ValueError(f"{name} holds {len(names):,} different labels: {CLASSES} are the most.")
    return labels.astype(np.uint8), tuple(f"{value}".replace("-", "−") for value in names.tolist())


def as_ink(pixels: Pixels, values: Values) -> None:
    """Turn pixels, in place, into what `values` says of them: light, or ink where the paper is white or black.

    Images that know only 0 and 1 are taken to mean 0 and 255.
    """
    if pixels.max(initial=0) <= 1:
        pixels *= 255
    if values == "black ink on white" and pixels.ndim == 3:
        np.subtract(255, pixels, out=pixels)


def whole(pixels: Pixels, labels: NDArray[np.uint8], classes: tuple[str, ...]) -> Images:
    """Images that nobody changes any more."""
    pixels.setflags(write=False)
    labels.setflags(write=False)
    return Images(pixels, labels, classes)


def divided(pixels: Pixels, labels: NDArray[np.uint8], classes: tuple[str, ...]) -> Loaded:
    """Images to learn from, and a tenth of them, at least one, held out: always the same, in an order of chance.

    Both share the memory of `pixels`, in which what is learnt from moves up.
    """
    n = len(pixels)
    held = np.random.default_rng(SEED).permutation(n)[: max(1, n // HELD_OUT)]
    rest, first = np.setdiff1d(np.arange(n), held), n - len(held)
    test_pixels = pixels[held]
    chunk = max(1, AT_ONCE // pixels[0].nbytes)
    for i in range(0, first, chunk):
        pixels[i : min(i + chunk, first)] = pixels[rest[i : i + chunk]]
    pixels[first:] = test_pixels
    labels = labels[np.concatenate([rest, held])]
    return Loaded(whole(pixels[:first], labels[:first], classes), whole(pixels[first:], labels[first:], classes))
