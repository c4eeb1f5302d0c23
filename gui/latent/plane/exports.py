"""Exports: images, strips, animations and models are written to files of the user's choice by a thread of their own."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.latent.document import Latent
from engine.latent.model import Ink
from engine.latent.plane.animation import Kind, animation, coloured, enlarged, png, strip_png, strip_svg
from engine.latent.plane.any_resolution import Place, rendered
from engine.latent.training.film import replay
from engine.latent.vae.recipe import Recipe
from gui.page.controller import Controller
from gui.page.jobs import Failure, Latest
from gui.shell import theme
from gui.shell.export import write_file

MOVING = {".gif": "Animated GIF", ".png": "Animated PNG", ".webp": "Animated WebP"}
KINDS: dict[str, Kind] = {".gif": "gif", ".png": "png", ".webp": "webp"}
STILL = {".png": "PNG image", ".svg": "SVG drawing"}
MODEL = {".safetensors": "Model"}
IMAGE = {".png": "PNG image"}
LEAST = 224  # pixels on the shorter side of a frame
SMALL = 112  # the same in a strip
FILMED = 0.8  # the share of the work on a film that is done before the file is encoded

Making = Iterator[float | bytes]  # the fraction that is done, from 0 to 1, again and again; at last the file's content
Colours = NDArray[np.uint8]  # (256, 3), 0–255: the colours in which ink is shown


class Export:
    """A request for a file. Abstract: a panel emits a final one through `requested`."""

    title: str  # of the dialog
    name: str  # that the dialog proposes, without its ending
    kinds: Mapping[str, str]  # endings and what they stand for

    def make(self, suffix: str, colours: Colours) -> Making:
        """In the worker: prepare the file of that kind. Raises ValueError, in one sentence, if it cannot be made."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Strip(Export):
    """Images as they are shown, side by side."""

    images: Ink
    name: str
    title, kinds = "Export strip", STILL

    def make(self, suffix: str, colours: Colours) -> Making:
        yield 0.1
        frames = coloured(self.images, colours)
        yield strip_svg(frames) if suffix == ".svg" else strip_png(enlarged(frames, SMALL))


@dataclass(frozen=True, eq=False)
class Moving(Export):
    """Images as they are shown, one after the other, each for so many milliseconds."""

    images: Ink
    milliseconds: int
    name: str
    title, kinds = "Export animation", MOVING

    def make(self, suffix: str, colours: Colours) -> Making:
        yield 0.1
        frames = enlarged(coloured(self.images, colours), LEAST)
        yield 0.3
        yield animation(frames, KINDS[suffix], self.milliseconds)


@dataclass(frozen=True, eq=False)
class Large(Export):
    """The image decoded at z with `size` (height, width) pixels."""

    document: Latent
    z: Place
    size: tuple[int, int]
    title, kinds = "Export image", IMAGE

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"{self.size[0]}×{self.size[1]}"

    def make(self, suffix: str, colours: Colours) -> Making:
        for done, ink in rendered(self.document.manifold, self.z, *self.size):
            yield 0.95 * done
            image = ink
        grey = image.ndim == 2 and bool(np.all(colours == colours[:, :1]))
        yield png(colours[image, 0] if grey else coloured(image[None], colours)[0])


@dataclass(frozen=True, eq=False)
class Film(Export):
    """The plane at all checkpoints of a training, one after the other, each for so many milliseconds."""

    recipe: Recipe
    milliseconds: int
    title, name, kinds = "Export training", "training", MOVING

    def make(self, suffix: str, colours: Colours) -> Making:
        making = replay(self.recipe)
        while True:
            try:
                yield FILMED * next(making)
            except StopIteration as end:
                yield FILMED
                yield animation(coloured(end.value, colours), KINDS[suffix], self.milliseconds)
                return


@dataclass(frozen=True, eq=False)
class CopyFile(Export):
    """A copy of the file of a model or of a training."""

    title: str
    source: Path
    kinds = MODEL

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.source.stem

    def make(self, suffix: str, colours: Colours) -> Making:
        yield 0.1
        try:
            yield self.source.read_bytes()
        except OSError as error:
            raise ValueError(f"There is nothing to save: {error.strerror or error}.") from error


class CancelExport:
    """Request: the file that is being prepared is not written."""


class Exporter(Controller):
    """Asks for a file and writes what is made for it; a newer request replaces the one under way.

    Progress is shown by the `progress` of the panel that made the request, if it has one.
    """

    title = "Exports"

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self.progress: Any = None
        self.line = Latest("export", parent=self)
        self.line.progressed.connect(self._on_progressed)
        self.line.delivered.connect(self._on_delivered)
        self.line.failed.connect(self._on_failed)
        self.line.cancelled.connect(self._on_cancelled)

    def accepts(self, request: Any) -> bool:
        return isinstance(request, Export | CancelExport)

    def take(self, request: Any, panel: Any) -> None:
        if isinstance(request, CancelExport):
            self.cancel()
        elif (path := self._ask(request)) is not None:
            self._tell("", None)  # of the export that this one replaces
            self.progress = getattr(panel, "progress", None)
            self.line.submit(partial(_written, path, partial(request.make, path.suffix.lower(), table())))
            self._tell(f"Writing {path.name}", 0.0)

    def _ask(self, export: Export) -> Path | None:
        """Ask for a file with an ending of these kinds. None if there is none."""
        offered = ";;".join(f"{words} (*{suffix})" for suffix, words in export.kinds.items())
        proposed = export.name + next(iter(export.kinds))
        chosen, _ = QFileDialog.getSaveFileName(self.view, export.title, proposed, offered)
        if chosen and Path(chosen).suffix.lower() not in export.kinds:
            one_of = " or ".join(export.kinds)
            self.refused.emit(f"{Path(chosen).name} was not written: its name must end in {one_of}.")
            return None
        return Path(chosen) if chosen else None

    def cancel(self) -> None:
        """Abandon the file that is being prepared."""
        if not self.line.idle:
            self.line.submit(_nothing)

    def close(self) -> None:
        self.line.close()

    def _tell(self, words: str, fraction: float | None) -> None:
        if self.progress is not None:
            self.progress.tell(words, fraction)

    def _on_progressed(self, progress: tuple[str, float]) -> None:
        name, fraction = progress
        self._tell(f"Writing {name}", fraction)

    def _on_delivered(self, name: str | None) -> None:
        self._tell(f"{name} is written." if name else "", None)

    def _on_failed(self, failure: Failure) -> None:
        self._tell("", None)
        self.refused.emit(failure.reason)

    def _on_cancelled(self) -> None:
        self._tell("", None)


def table() -> Colours:
    """The colours (256, 3) in which ink is shown now, 0–255."""
    packed = np.array(theme.ink_map(), np.uint32)[:, None]
    return (packed >> np.array([16, 8, 0], np.uint32) & 255).astype(np.uint8)


def _written(path: Path, making: Callable[[], Making]) -> Generator[tuple[str, float], None, str]:
    """In the worker: write the file, and yield its name and the fraction that is done. Raises ValueError."""
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
