"""Data sets in the user's files: they are read in steps, checked, and cached until the files change.

Images are read into the memory where they stay. Memory is allocated from the header of a file after a check that the
file can contain so much; the test images are moved to the end of the same memory. A header that promises more than the
file can contain, and arrays of Python objects, are refused before anything is read. The cache holds the last KEPT data
sets, by their settings and by time and size of their files.

`values` is the user's statement whether pixel values are light or ink. A photograph must look the same in every theme,
and a drawing takes the theme's colours. Only the user knows whether 255 is paper or ink.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Annotated, Any, Literal, Self, TypeVar

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.files import quoted, regular, unreadable, why
from engine.interruption import InterruptedJobError, is_interrupted
from engine.latent.datasets.data_set import DataSet, Images
from engine.memo import Recent

MOST = 1_000_000  # images
LARGEST = 2**30  # bytes of pixels
SIDES = range(8, 257)  # allowed heights and widths of an image, in pixels
SMALL, UNPACKED = 2**21, 96 * 2**20  # bytes of a small file, and the bytes to which it may expand
DENSITY = 400  # bytes to which each byte of a larger file may expand
AT_ONCE = 2**20  # bytes read between two reports of progress
KEPT = 2  # data sets in the cache
PATHS = "path", "images", "labels"  # the fields of the data sets that hold a path

T = TypeVar("T")
Pixels = NDArray[np.uint8]
Values = Literal["light", "white ink on black", "black ink on white"]
HOW = "Light looks the same in every theme; ink is shown in the theme's colours."
Turn = Literal["as they are", "transposed", "turned left", "turned right", "turned by 180°", "mirrored"]
Turned = Annotated[Turn, Meta(title="Orientation", description="Images in EMNIST files are transposed.")]
Stretch = Annotated[
    bool,
    Meta(
        title="Stretch",
        description="Scale values so that the largest is 255: over a whole file, or for each image of a folder.",
    ),
]


class Reading(msgspec.Struct, frozen=True):
    """The progress of reading: `done` of `whole` images; `whole` is 0 while the images are counted."""

    done: int
    whole: int


class Unreadable(msgspec.Struct, frozen=True):
    """A file that is not used, and the reason."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}."


class Loaded(msgspec.Struct, frozen=True, eq=False):
    """Training and test images, the files that could not be read, and remarks about data that are not used."""

    train: Images
    test: Images
    unreadable: tuple[Unreadable, ...] = ()
    remarks: tuple[str, ...] = ()


class File(msgspec.Struct, frozen=True):
    """A file with its time and size; if one of them changes, the content has changed.

    The path is text, because text is compared faster than a Path.
    """

    path: str
    changed: int  # nanoseconds
    size: int  # bytes

    @classmethod
    def at(cls, path: Path) -> File:
        """Return the regular file at a path. Raises ValueError, in one sentence, if there is none."""
        facts = regular(path)
        return cls(str(path), facts.st_mtime_ns, facts.st_size)


Listing = Generator[Reading, None, tuple[File, ...]]
Loading = Generator[Reading, None, Loaded]


class Files(DataSet):
    """A data set in files of the user. Abstract."""

    __slots__ = ()

    licence = "that of your files"
    attribution = "Your own files"
    values: Values

    @property
    def light(self) -> bool:
        return self.values == "light"

    @property
    def origin(self) -> Path:
        """The folder of the images, or the file of the images."""
        raise NotImplementedError

    @property
    def paths(self) -> tuple[Path, ...]:
        """All files and folders that the settings name."""
        return (self.origin, *(Path(path) for path in (getattr(self, "labels", ""),) if path))

    def is_within(self, folder: Path) -> bool:
        """Whether all paths are below a folder; only the names are compared, without access to the disk."""
        inside = os.path.normpath(os.path.abspath(folder)) + os.sep  # noqa: PTH100  (resolve follows links)
        return all((os.path.abspath(path) + os.sep).startswith(inside) for path in self.paths)  # noqa: PTH100

    def placed(self, folder: Path) -> Self:
        """With relative paths replaced by absolute ones that begin at `folder`, that of the file which names them."""
        named = {name: text for name in PATHS if (text := getattr(self, name, ""))}
        part: Any = self
        made: Self = replace(part, **{name: beginning_at(folder, text) for name, text in named.items()})
        return made

    @property
    def name(self) -> str:
        """The last part of the path, for messages."""
        return quoted(self.origin.name or str(self.origin))

    def train(self) -> Images:
        return loaded(self).train

    def test(self) -> Images:
        return loaded(self).test

    def listing(self) -> Listing:
        """List the files to read, and yield Reading while the files are counted."""
        raise NotImplementedError

    def read(self, files: tuple[File, ...]) -> Loading:
        """Read the images in `files`, and yield Reading. Raises ValueError, in one sentence, if they are not valid."""
        raise NotImplementedError


_kept: Recent[tuple[Files, tuple[File, ...]], Loaded] = Recent(KEPT)
_one_at_a_time = Lock()
WAIT = 0.05  # seconds until a waiting thread asks again whether the window closes
_foreign: set[Files] = set()
_trusted: set[Files] = set()


def beginning_at(folder: Path, path: str) -> str:
    """Return an absolute path unchanged, and a relative one from `folder`. The disk is not accessed."""
    whole = os.path.abspath(os.path.join(folder, path))  # noqa: PTH100, PTH118  (resolve follows links)
    return path if os.path.isabs(path) else whole  # noqa: PTH117


def reading(source: Files) -> Loading:
    """Read all images of a source in steps; the result is cached until the files change.

    Raises ValueError, in one sentence, if there are no usable images.
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
    """Read all images of a source without intermediate steps.

    Raises ValueError, in one sentence, if there are no usable images or if the user has not allowed a foreign source,
    and InterruptedJobError if the window closes.
    """
    if source in _foreign:
        raise ValueError(
            f"The images of this model are in {quoted(str(source.origin))}. They are read only after you agree."
        )
    with _turn():
        return drained(_until_interrupted(reading(source)))


@contextmanager
def _turn() -> Iterator[None]:
    """Wait until no other thread reads. Raises InterruptedJobError if the window closes meanwhile."""
    while not _one_at_a_time.acquire(timeout=WAIT):
        if is_interrupted():
            raise InterruptedJobError
    try:
        yield
    finally:
        _one_at_a_time.release()


def _until_interrupted(steps: Generator[Reading, None, Loaded]) -> Loading:
    """Yield from a reading. Raises InterruptedJobError if the window closes, which must not wait for a large folder."""
    while not is_interrupted():
        try:
            yield next(steps)
        except StopIteration as end:
            result: Loaded = end.value
            return result
    steps.close()
    raise InterruptedJobError


def distrust(source: Files) -> None:
    """Block a source that is named in a file from elsewhere, unless the user has allowed it before."""
    if source not in _trusted:
        _foreign.add(source)


def trust(source: Files) -> None:
    """Allow a source for the rest of this run; the user has agreed to read it."""
    _trusted.add(source)
    _foreign.discard(source)


def is_foreign(source: object) -> bool:
    """Whether a source is blocked until the user agrees to read it."""
    return source in _foreign


def drained(steps: Generator[Any, None, T]) -> T:
    """Run a generator to its end, and return its result."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result


def check_unpacked(name: str, size: int, unpacked: int) -> None:
    """Raise ValueError, in one sentence, if a file of `size` bytes expands to implausibly many bytes."""
    if unpacked > (UNPACKED if size < SMALL else DENSITY * size):
        raise ValueError(
            f"{name} would expand from {size >> 10:,} kB to {unpacked >> 20:,} MB, too much for a file of images."
        )


def check_shape(name: str, shape: tuple[int, ...]) -> None:
    """Raise ValueError unless (n, h, w) or (n, h, w, 3) is a shape of images that can be trained on."""
    if len(shape) not in (3, 4):
        raise ValueError(f"{name} has {len(shape)} dimensions. Grey images have three, colour images four.")
    n, h, w = shape[:3]
    if n < 2:
        raise ValueError(
            f"{name} contains {'only one image' if n else 'no images'}. "
            "At least two are needed: one to train, one to test."
        )
    if h not in SIDES or w not in SIDES:
        raise ValueError(
            f"{name} contains images of {h}×{w} pixels. Each side must have {SIDES[0]} to {SIDES[-1]} pixels."
        )
    check_room(name, n, h * w * (3 if len(shape) == 4 else 1))


def check_room(name: str, n: int, each: int) -> None:
    """Raise ValueError if n images of `each` bytes exceed the limit of images or of memory."""
    if n > MOST:
        raise ValueError(f"{name} contains {n:,} images. The limit is {MOST:,}.")
    if n * each > LARGEST:
        raise ValueError(
            f"{name} contains {n * each / 2**20:,.0f} MB of pixels. The limit is {LARGEST >> 20:,} MB. "
            "Use fewer or smaller images."
        )
