"""A folder of image files: its subfolders are the classes; each image is cropped to a square and reduced."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from operator import attrgetter
from pathlib import Path
from typing import Annotated

import numpy as np
from msgspec import Meta
from msgspec.structs import replace

from engine.files import quoted
from engine.latent.datasets.data_set import DATASETS
from engine.latent.datasets.folder_parts import Places, places
from engine.latent.datasets.labels import CLASSES, labelled
from engine.latent.datasets.own_files import (
    HOW,
    MOST,
    File,
    Files,
    Listing,
    Loaded,
    Loading,
    Pixels,
    Reading,
    Stretch,
    Turned,
    Unreadable,
    Values,
    check_room,
)
from engine.latent.datasets.own_pixels import divided, parted, turned
from engine.latent.datasets.thumbnail import OTHER_KINDS, SUFFIXES, UnfitError, other_kind, shrunk
from engine.part import Part

OFTEN = 0.05  # seconds between two reports
ENTRIES = 3_000_000  # files and folders that are listed at most, images or not


@DATASETS.register
class Folder(Part, Files, frozen=True, tag=True):
    """Folder of images: each subfolder is a class; the central square of each image is reduced to the chosen size."""

    path: Annotated[str, Meta(min_length=1, max_length=4096, title="Folder", description="The folder of the images.")]
    size: Annotated[
        int, Meta(ge=8, le=128, title="Size", description="Height and width of the reduced images, in pixels.")
    ] = 28
    colour: Annotated[bool, Meta(title="Colour", description="Read the images in colour instead of grey.")] = False
    values: Annotated[Values, Meta(title="Pixels are", description=HOW)] = "light"
    turn: Turned = "as they are"
    stretch: Stretch = False

    @property
    def origin(self) -> Path:
        return Path(self.path)

    @property
    def light(self) -> bool:
        return self.colour or self.values == "light"

    @property
    def image_shape(self) -> tuple[int, ...]:
        return (self.size, self.size, 3) if self.colour else (self.size, self.size)

    def listing(self) -> Listing:
        if not os.path.isdir(self.path):  # noqa: PTH112  (Path.is_dir raises for an invalid path)
            raise ValueError(f"{self.name} is not a readable folder.")
        images, pace = [], Pace()
        for entry in _entries(self.path, self.name):
            if entry.name.lower().endswith(SUFFIXES + OTHER_KINDS):
                images.append(_file(entry))
            if pace.due():
                yield Reading(0, 0)
            if len(images) > MOST:
                break
        return tuple(sorted(images, key=attrgetter("path")))

    def read(self, files: tuple[File, ...]) -> Loading:
        check_room(self.name, len(files), self.size**2 * (3 if self.colour else 1))
        pixels = np.empty((len(files), *self.image_shape), np.uint8)
        used: list[str] = []
        unreadable: list[Unreadable] = []
        pace = Pace()
        for done, file in enumerate(files):
            if pace.due():
                yield Reading(done, len(files))
            try:
                pixels[len(used)] = self._thumbnail(Path(file.path))
                used.append(file.path)
            except UnfitError as reason:
                within = quoted(str(Path(file.path).relative_to(self.path)))
                unreadable.append(Unreadable(within, str(reason)))
        where = places(self.origin, [Path(path) for path in used])
        self._check(where, unreadable)
        return replace(self._divided(pixels[: len(used)], where), unreadable=tuple(unreadable), remarks=where.remarks)

    def _thumbnail(self, path: Path) -> Pixels:
        if kind := other_kind(path):
            raise UnfitError(f"the format {kind} is not supported; save the image as PNG or JPEG")
        paper = "black" if self.values == "white ink on black" else "white"
        return shrunk(path, self.size, colour=self.colour, paper=paper, stretch=self.stretch)

    def _divided(self, pixels: Pixels, where: Places) -> Loaded:
        if self.values == "black ink on white" and not self.colour:
            np.subtract(255, pixels, out=pixels)
        labels, classes = labelled(self.name, np.array(where.classes), len(pixels))
        pixels = turned(pixels, self.turn)
        is_used = np.array(where.is_used)
        if not is_used.all():
            pixels, labels = pixels[is_used], labels[is_used]
        if any(where.is_test):
            return parted(pixels, labels, classes, np.array(where.is_test)[is_used])
        return divided(pixels, labels, classes)

    def _check(self, where: Places, unreadable: list[Unreadable]) -> None:
        """Raise ValueError if these images cannot be trained on."""
        if not where.classes and not unreadable:
            raise ValueError(f"{self.name} contains no images.")
        if not where.classes:
            raise ValueError(f"{self.name} contains no readable images. {unreadable[0]}")
        if len(where.classes) == 1:
            raise ValueError(
                f"{self.name} contains only one image. At least two are needed: one to train, one to test."
            )
        if len(set(where.classes)) > CLASSES:
            raise ValueError(f"{self.name} has more than {CLASSES} subfolders with images. Each subfolder is a class.")


class Pace:
    """A clock that decides when the next report of progress is due."""

    def __init__(self) -> None:
        self.last = 0.0

    def due(self) -> bool:
        """Whether a report is due; if so, the interval to the next report starts now."""
        now = time.monotonic()
        if now - self.last < OFTEN:
            return False
        self.last = now
        return True


def _entries(folder: str, name: str) -> Iterator[os.DirEntry[str]]:
    """Iterate over all files below a folder except hidden files; links to other folders are not followed.

    Raises ValueError, in one sentence, if the folder has more than ENTRIES files and folders.
    """
    waiting, count = [folder], 0
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                count += 1
                if count > ENTRIES:
                    raise ValueError(f"{name} contains more than {ENTRIES:,} files. Choose a smaller folder.")
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                    continue
                yield entry


def _file(entry: os.DirEntry[str]) -> File:
    """Return the facts of a file; a missing file, as behind a broken link, is only reported when it is read."""
    try:
        facts = entry.stat()
    except OSError:
        return File(entry.path, 0, 0)
    return File(entry.path, facts.st_mtime_ns, facts.st_size)
