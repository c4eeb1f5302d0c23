"""Requests to the exporter: each computes the content of one file, in a worker thread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.files import open_regular, quoted, why
from engine.latent.document import Latent
from engine.latent.model import Pixels8
from engine.latent.plane.animation import Kind, animation, coloured, enlarged, png, strip_png, strip_svg
from engine.latent.plane.any_resolution import Place, rendered
from engine.latent.plane.movie import has_movies
from engine.latent.training.film import replay
from engine.latent.vae.recipe import Recipe

MOVING = {".gif": "Animated GIF", ".png": "Animated PNG", ".webp": "Animated WebP"}
MOVING |= {".mp4": "MP4 film"} if has_movies() else {}
KINDS: dict[str, Kind] = {".gif": "gif", ".png": "png", ".webp": "webp", ".mp4": "mp4"}
STILL = {".png": "PNG image", ".svg": "SVG drawing"}
MODEL = {".safetensors": "Model"}
IMAGE = {".png": "PNG image"}
LEAST = 224  # pixels on the shorter side of a frame
SMALL = 112  # pixels on the shorter side of a frame in a strip
FILMED = 0.8  # the fraction of the work on an animation that is done before the file is encoded

Making = Iterator[float | bytes]  # the fraction that is done, 0 to 1, repeatedly; the content of the file as last item
Colours = NDArray[np.uint8]  # (256, 3), 0–255: the colour of each value of ink


class Export:
    """A request to save a file. Abstract: a panel emits a subclass through its signal `requested`."""

    title: str  # of the dialog
    purpose = "picture"  # the dialog remembers the folder and the format of the latest file of the same purpose
    name: str  # proposed by the dialog, without the ending
    kinds: Mapping[str, str]  # the endings, and the name of each format

    def make(self, suffix: str, colours: Colours) -> Making:
        """Yield the fraction done, then the content of the file, in the worker thread.

        Raises ValueError, with one sentence as the reason, if the content cannot be computed.
        """
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Strip(Export):
    """Save images side by side, in the colours of the screen."""

    images: Pixels8
    name: str
    title, kinds = "Export strip", STILL

    def make(self, suffix: str, colours: Colours) -> Making:
        yield 0.1
        frames = coloured(self.images, colours)
        yield strip_svg(frames) if suffix == ".svg" else strip_png(enlarged(frames, SMALL))


@dataclass(frozen=True, eq=False)
class Moving(Export):
    """Save images as an animation, in the colours of the screen; each is shown for `milliseconds`."""

    images: Pixels8
    milliseconds: int
    name: str
    title, kinds, purpose = "Export animation", MOVING, "animation"

    def make(self, suffix: str, colours: Colours) -> Making:
        yield 0.1
        frames = enlarged(coloured(self.images, colours), LEAST)
        yield 0.3
        yield animation(frames, KINDS[suffix], self.milliseconds)


@dataclass(frozen=True, eq=False)
class Large(Export):
    """Save the image decoded at z with `size` = (height, width) pixels."""

    document: Latent
    z: Place
    size: tuple[int, int]
    title, kinds = "Export image", IMAGE

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"{self.size[0]}×{self.size[1]}"

    def make(self, suffix: str, colours: Colours) -> Making:
        for done, ink in rendered(self.document.loaded_model.vae, self.z, *self.size):
            yield 0.95 * done
            image = ink
        grey = image.ndim == 2 and bool(np.all(colours == colours[:, :1]))
        yield png(colours[image, 0] if grey else coloured(image[None], colours)[0])


@dataclass(frozen=True, eq=False)
class Film(Export):
    """Save the plane at all checkpoints of a training as an animation; each is shown for `milliseconds`."""

    recipe: Recipe
    milliseconds: int
    y: int = 0  # the class that a conditional model is given
    title, name, kinds, purpose = "Export training", "training", MOVING, "animation"

    def make(self, suffix: str, colours: Colours) -> Making:
        frames = replay(self.recipe, self.y)
        while True:
            try:
                yield FILMED * next(frames)
            except StopIteration as end:
                yield FILMED
                yield animation(coloured(end.value, colours), KINDS[suffix], self.milliseconds)
                return


@dataclass(frozen=True, eq=False)
class CopyFile(Export):
    """Save a copy of the file of a model or of a training."""

    title: str
    path: Path
    kinds, purpose = MODEL, "model"

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.path.stem

    def make(self, suffix: str, colours: Colours) -> Making:
        yield 0.1
        try:
            with open_regular(self.path) as file:
                yield file.read()
        except (OSError, MemoryError) as error:
            raise ValueError(f"{quoted(self.path.name)} was not copied: {why(error)}.") from error


@dataclass(frozen=True)
class CancelExport:
    """Cancel the export that is being computed."""
