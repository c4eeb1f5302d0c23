"""A folder of pictures: its subfolders are the classes, and each picture is cut to a square and made small."""

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

from engine.latent.datasets.data_set import DATASETS
from engine.latent.datasets.own_files import (
    CLASSES,
    HOW,
    MOST,
    File,
    Files,
    Listing,
    Loading,
    Reading,
    Unreadable,
    Values,
    check_room,
    divided,
)
from engine.latent.datasets.thumbnail import UnfitError, shrunk
from engine.part import Part

SUFFIXES = (".png", ".jpg", ".jpeg", ".jfif", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm", ".pnm")
OFTEN = 0.05  # seconds between two places to stop at


@DATASETS.register
class Folder(Part, Files, frozen=True, tag=True):
    """Folder of pictures: each subfolder is a class; the middle square of each picture is made small."""

    path: Annotated[str, Meta(min_length=1, max_length=4096, title="Folder", description="With pictures in it.")]
    size: Annotated[
        int, Meta(ge=8, le=128, title="Size", description="How many pixels high and wide they are made.")
    ] = 28
    colour: Annotated[bool, Meta(title="Colour", description="Keep their colours, instead of grey.")] = False
    values: Annotated[Values, Meta(title="Pixels are", description=HOW)] = "light"

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
        if not Path(self.path).is_dir():
            raise ValueError(f"{self.name} is no folder that can be read.")
        found, pace = [], Pace()
        for entry in _entries(self.path):
            if entry.name.lower().endswith(SUFFIXES):
                found.append(_file(entry))
            if pace.due():
                yield Reading(0, 0)
            if len(found) > MOST:
                break
        return tuple(sorted(found, key=attrgetter("path")))

    def read(self, files: tuple[File, ...]) -> Loading:
        check_room(self.name, len(files), self.size**2 * (3 if self.colour else 1))
        pixels = np.empty((len(files), *self.image_shape), np.uint8)
        within: list[str] = []
        unreadable: list[Unreadable] = []
        pace, paper = Pace(), "black" if self.values == "white ink on black" else "white"
        for done, file in enumerate(files):
            if pace.due():
                yield Reading(done, len(files))
            try:
                path = Path(file.path)
                pixels[len(within)] = shrunk(path, self.size, colour=self.colour, paper=paper)
                within.append(self._class(path))
            except UnfitError as why:
                unreadable.append(Unreadable(str(path.relative_to(self.path)), str(why)))
        self._check(within, unreadable)
        if self.values == "black ink on white" and not self.colour:
            np.subtract(255, pixels[: len(within)], out=pixels[: len(within)])
        classes = sorted(set(within), key=_in_order)
        labels = np.array([classes.index(name) for name in within], np.uint8)
        return replace(divided(pixels[: len(within)], labels, tuple(classes)), unreadable=tuple(unreadable))

    def _check(self, within: list[str], unreadable: list[Unreadable]) -> None:
        """Raise ValueError, in one sentence, if these pictures cannot be trained on."""
        if not within and not unreadable:
            raise ValueError(f"{self.name} holds no pictures.")
        if not within:
            raise ValueError(f"{self.name} holds no pictures that can be read. {unreadable[0]}")
        if len(within) == 1:
            raise ValueError(f"{self.name} holds only one picture: two are needed, to learn from and to test on.")
        if len(set(within)) > CLASSES:
            raise ValueError(f"{self.name} holds more than {CLASSES} subfolders with pictures, each of them a class.")

    def _class(self, path: Path) -> str:
        """The subfolder that a picture is in, however deep; the folder itself if it is in none."""
        parts = path.relative_to(self.path).parts
        return parts[0] if len(parts) > 1 else self.name


class Pace:
    """Says when it is time to report again."""

    def __init__(self) -> None:
        self.last = 0.0

    def due(self) -> bool:
        """Whether it is: then the next time is counted from now."""
        now = time.monotonic()
        if now - self.last < OFTEN:
            return False
        self.last = now
        return True


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    """All files below a folder, but for hidden ones; links to other folders are not followed."""
    waiting = [folder]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    yield entry


def _file(entry: os.DirEntry[str]) -> File:
    """Even if there is none, as behind a broken link: that is said when it is to be read."""
    try:
        found = entry.stat()
    except OSError:
        return File(entry.path, 0, 0)
    return File(entry.path, found.st_mtime_ns, found.st_size)


def _in_order(name: str) -> tuple[bool, int, str]:
    """2 before 10, and numbers before words."""
    number = name.isdecimal() and name.isascii()
    return not number, int(name) if number else 0, name
