"""Own files: data sets that are read step by step from files of the user, checked, and kept while the files stay."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from threading import Lock
from typing import Annotated, Any, Literal, TypeVar

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.files import quoted, regular, unreadable, why
from engine.latent.datasets.data_set import DataSet, Images
from engine.memo import Recent

MOST = 1_000_000  # images
LARGEST = 2**30  # bytes of pixels
SIDES = range(8, 257)  # pixels that an image may be high or wide
SMALL, UNPACKED = 2**21, 96 * 2**20  # bytes of a small file, and those that it may unfold to
DENSITY = 400  # bytes that a larger file may unfold to for each of its own
AT_ONCE = 2**20  # bytes read between two places to stop at
KEPT = 2  # data sets in memory

T = TypeVar("T")
Pixels = NDArray[np.uint8]
Values = Literal["light", "white ink on black", "black ink on white"]
HOW = "Light looks the same in every theme; ink takes the theme's colours."
Turn = Literal["as they are", "transposed", "turned left", "turned right", "turned by 180°", "mirrored"]
Turned = Annotated[Turn, Meta(title="Orientation", description="EMNIST's files hold their images transposed.")]
Stretch = Annotated[
    bool,
    Meta(
        title="Stretch",
        description="Make the largest value 255: of all images in a file, or of each picture in a folder.",
    ),
]


class Reading(msgspec.Struct, frozen=True):
    """How far reading has come: images done, of how many; of 0 while they are still being counted."""

    done: int
    whole: int


class Unreadable(msgspec.Struct, frozen=True):
    """A file that is left out, and why."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}."


class Loaded(msgspec.Struct, frozen=True, eq=False):
    """The images of both parts, the files that could not be read, and sentences about what else was not used."""

    train: Images
    test: Images
    unreadable: tuple[Unreadable, ...] = ()
    remarks: tuple[str, ...] = ()


class File(msgspec.Struct, frozen=True):
    """A file as it is now: another time or size means another content. Its path is text, which is compared at once."""

    path: str
    changed: int  # nanoseconds
    size: int  # bytes

    @classmethod
    def at(cls, path: Path) -> File:
        """The regular file at a path. Raises ValueError, in one sentence, if there is none."""
        facts = regular(path)
        return cls(str(path), facts.st_mtime_ns, facts.st_size)


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
    def paths(self) -> tuple[Path, ...]:
        """All files and folders that are named."""
        return (self.origin, *(Path(path) for path in (getattr(self, "labels", ""),) if path))

    def is_within(self, folder: Path) -> bool:
        """Whether all of it is below a folder, by the names alone: nothing is looked up on the disk."""
        inside = os.path.normpath(os.path.abspath(folder)) + os.sep  # noqa: PTH100  (resolve looks links up)
        return all((os.path.abspath(path) + os.sep).startswith(inside) for path in self.paths)  # noqa: PTH100

    @property
    def name(self) -> str:
        """The last part of the path, as a sentence shows it."""
        return quoted(self.origin.name or str(self.origin))

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
_foreign: set[Files] = set()
_trusted: set[Files] = set()


def reading(source: Files) -> Loading:
    """Read all images of a source; the result is kept in memory until the files change.

    Raises ValueError, in one sentence, if there are none that can be used.
    """
    files = yield from source.listing()
    key = (source, files)
    if key not in _kept:
        try:
            _kept[key] = yield from source.read(files)
        except MemoryError as error:
            raise unreadable(source.origin, why(error)) from error
    return _kept[key]


def loaded(source: Files) -> Loaded:
    """What `reading` returns, at once. Raises ValueError also if the user has not agreed to read a foreign source."""
    if source in _foreign:
        raise ValueError(
            f"The images of this model are in {quoted(str(source.origin))}. They are read only after you agree to it."
        )
    with _one_at_a_time:
        return drained(reading(source))


def distrust(source: Files) -> None:
    """Do not read a source that a file from elsewhere names, until the user agrees; once is enough."""
    if source not in _trusted:
        _foreign.add(source)


def trust(source: Files) -> None:
    """Read a source from now on: the user has agreed."""
    _trusted.add(source)
    _foreign.discard(source)


def is_foreign(source: object) -> bool:
    """Whether the user still has to agree before a source is read."""
    return source in _foreign


def drained(steps: Generator[Any, None, T]) -> T:
    """What a generator returns in the end."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result


def check_unpacked(name: str, size: int, unpacked: int) -> None:
    """Raise ValueError, in one sentence, if a file of `size` bytes unfolds to suspiciously many."""
    if unpacked > (UNPACKED if size < SMALL else DENSITY * size):
        raise ValueError(
            f"{name} would unfold to {unpacked >> 20:,} MB from {size >> 10:,} kB, which no file of images does."
        )


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
