"""Exports: pictures, strips and animations out of the Latent page, written beside the thread of the screen."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.latent.model import Ink, Manifold
from engine.latent.plane.animation import Kind, animation, coloured, enlarged, png, strip_png, strip_svg
from engine.latent.plane.any_resolution import Place, rendered
from engine.latent.training.film import replay
from engine.latent.vae.recipe import Recipe
from gui.page.jobs import Failure, Latest
from gui.shell import theme
from gui.shell.export import write_file

MOVING = {".gif": "Animated GIF", ".png": "Animated PNG", ".webp": "Animated WebP"}
KINDS: dict[str, Kind] = {".gif": "gif", ".png": "png", ".webp": "webp"}
STILL = {".png": "PNG picture", ".svg": "SVG drawing"}
MODEL = {".safetensors": "Model"}
PICTURE = {".png": "PNG picture"}
LEAST = 224  # pixels on the shorter side of a frame
SMALL = 112  # the same in a strip
FILMED = 0.8  # of the work on a film, before it is written

Making = Iterator[float | bytes]  # how much is done, from 0 to 1, again and again; at last the file's content


class Exports(QObject):
    """Asks for a file, and writes what is made for it; a newer one replaces what is under way."""

    progress_changed = Signal(
        str, object
    )  # what goes on, and how much of it is done, from 0 to 1; None when it is over
    refused = Signal(str)

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self.view = view
        self.line = Latest("export", parent=self)
        self.line.progressed.connect(self._on_progressed)
        self.line.delivered.connect(self._on_delivered)
        self.line.failed.connect(self._on_failed)
        self.line.cancelled.connect(self._on_cancelled)

    def strip(self, pictures: Ink) -> None:
        """Pictures as they are shown, side by side, as PNG or SVG."""
        if path := self._asked("Export strip", "walk", STILL):
            self.write(path, partial(_strip, pictures, table(), path.suffix.lower()))

    def moving(self, pictures: Ink, milliseconds: int, name: str = "walk") -> None:
        """Pictures as they are shown, one after the other, as GIF, PNG or WebP."""
        if path := self._asked("Export animation", name, MOVING):
            self.write(path, partial(_moving, pictures, table(), path.suffix.lower(), milliseconds))

    def large(self, manifold: Callable[[], Manifold], z: Place, size: tuple[int, int]) -> None:
        """What is decoded at z with so many pixels, as PNG."""
        if path := self._asked("Export picture", f"{size[0]}×{size[1]}", PICTURE):
            self.write(path, partial(_large, manifold, z, size, table()))

    def film(self, recipe: Recipe, milliseconds: int) -> None:
        """All moments of a training, one after the other, as GIF, PNG or WebP."""
        if path := self._asked("Export training", "training", MOVING):
            self.write(path, partial(_film, recipe, table(), path.suffix.lower(), milliseconds))

    def copy(self, title: str, source: Path) -> None:
        """A model's file."""
        if path := self._asked(title, source.stem, MODEL):
            self.write(path, partial(_copied, source))

    def _asked(self, title: str, name: str, kinds: dict[str, str]) -> Path | None:
        """A file with one of the suffixes, or None and perhaps the reason why."""
        first = next(iter(kinds))
        offered = ";;".join(f"{words} (*{suffix})" for suffix, words in kinds.items())
        chosen, _ = QFileDialog.getSaveFileName(self.view, title, f"{name}{first}", offered)
        if chosen and Path(chosen).suffix.lower() not in kinds:
            one_of = " or ".join(kinds)
            self.refused.emit(f"{Path(chosen).name} was not written: its name must end in {one_of}.")
            return None
        return Path(chosen) if chosen else None

    def write(self, path: Path, making: Callable[[], Making]) -> None:
        """Write what `making` makes."""
        self.line.submit(partial(_written, path, making))
        self.progress_changed.emit(f"Writing {path.name}", 0.0)

    def cancel(self) -> None:
        """Write nothing, if it is not written yet."""
        if not self.line.idle:
            self.line.submit(_nothing)

    def close(self) -> None:
        """Abandon what is under way."""
        self.line.close()

    def _on_progressed(self, progress: tuple[str, float]) -> None:
        name, part = progress
        self.progress_changed.emit(f"Writing {name}", part)

    def _on_delivered(self, name: str | None) -> None:
        self.progress_changed.emit(f"{name} is written." if name else "", None)

    def _on_failed(self, failure: Failure) -> None:
        self.progress_changed.emit("", None)
        self.refused.emit(failure.reason)

    def _on_cancelled(self) -> None:
        self.progress_changed.emit("", None)


def table() -> NDArray[np.uint8]:
    """The colours (256, 3) in which ink is shown now."""
    packed = np.array(theme.ink_map(), np.uint32)[:, None]
    return (packed >> np.array([16, 8, 0], np.uint32) & 255).astype(np.uint8)


def _written(path: Path, making: Callable[[], Making]) -> Generator[tuple[str, float], None, str]:
    """In the worker. Raises ValueError with a sentence."""
    for made in making():
        if isinstance(made, bytes):
            try:
                write_file(path, made)
            except OSError as error:
                raise ValueError(str(error)) from error
        else:
            yield path.name, made
    return path.name


def _nothing() -> None:
    """The job that replaces a cancelled one."""


def _copied(source: Path) -> Making:
    yield 0.1
    try:
        yield source.read_bytes()
    except OSError as error:
        raise ValueError(f"There is nothing to save: {error.strerror or error}.") from error


def _strip(pictures: Ink, colours: NDArray[np.uint8], suffix: str) -> Making:
    yield 0.1
    frames = coloured(pictures, colours)
    yield strip_svg(frames) if suffix == ".svg" else strip_png(enlarged(frames, SMALL))


def _moving(pictures: Ink, colours: NDArray[np.uint8], suffix: str, milliseconds: int) -> Making:
    yield 0.1
    frames = enlarged(coloured(pictures, colours), LEAST)
    yield 0.3
    yield animation(frames, KINDS[suffix], milliseconds)


def _film(recipe: Recipe, colours: NDArray[np.uint8], suffix: str, milliseconds: int) -> Making:
    making = replay(recipe)
    while True:
        try:
            yield FILMED * next(making)
        except StopIteration as end:
            yield FILMED
            yield animation(coloured(end.value, colours), KINDS[suffix], milliseconds)
            return


def _large(manifold: Callable[[], Manifold], z: Place, size: tuple[int, int], colours: NDArray[np.uint8]) -> Making:
    for done, ink in rendered(manifold(), z, *size):
        yield 0.95 * done
        picture = ink
    grey = picture.ndim == 2 and bool(np.all(colours == colours[:, :1]))
    yield png(colours[picture, 0] if grey else coloured(picture[None], colours)[0])
