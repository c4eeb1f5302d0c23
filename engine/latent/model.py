"""A loaded model: its latent plane decoded into images, which are cached as tiles, and its encoded test images.

Decoded values become 8-bit pixels here. Ink has one byte for each pixel and takes the colours of the theme; light,
grey or coloured, has three bytes and looks the same in every theme. The value 255 is reserved for cells that are not
decoded.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.gaussian import Array
from engine.latent.cache_budget import share
from engine.latent.charts import Chart
from engine.memo import Recent
from engine.plane import Viewport

if TYPE_CHECKING:
    from engine.latent.vae.networks.vae import VAE

NARROW, WIDE = 45.0, 60.0  # the range of the width of a decoded image on the screen, in pixels
BATCH = 250  # images encoded at a time, to bound the memory
AT_ONCE = 64  # images decoded between two points where the job may be cancelled
KEPT = share("tiles of the plane")  # 21,000 tiles of 28×28 pixels
INKS = 254  # the largest value of ink and of light; the smallest is 0
BLANK = 255  # the value of a cell that is not decoded, which is drawn transparent
GIVEN = 4  # classes of a conditional VAE, besides the first, whose tiles are cached
MOST_CELLS = 128  # on a side of a mosaic
MODELS = 13  # that are kept, of 5 to 20 MB each: the lecture shows twelve

Pixels8 = NDArray[np.uint8]  # ink (…, h, w) or light (…, h, w, 3), 0–254
Tile = tuple[Chart, int, int, int]  # chart, level, column and row


class Mosaic(msgspec.Struct, frozen=True, eq=False):
    """Decoded images side by side: `image` (rows·h, columns·w[, 3]), row 0 at the top, BLANK where not decoded.

    `viewport` is the part of the plane that the image covers; `cell` is the side of one decoded image in the units of
    the plane.
    """

    image: Pixels8
    viewport: Viewport
    cell: float
    complete: bool


class Embedding(msgspec.Struct, frozen=True, eq=False):
    """The first n test images, encoded: means and standard deviations of q_φ(z|x), (n, d), and labels (n,).

    `factors` (n, f) are the amounts from which the images were generated, if the data set knows them. Over a plane of
    more latents `nearness` (n,) is the density of the other latents of each image at the plane, relative to the nearest
    image.
    """

    mean: Array
    deviation: Array
    labels: NDArray[np.uint8]
    classes: tuple[str, ...]
    factors: Array = msgspec.field(default_factory=lambda: np.empty((0, 0)))
    factor_names: tuple[str, ...] = ()
    nearness: Array | None = None


class LoadedModel:
    """A VAE with its decoded plane and its embedding. Mosaics belong to one thread.

    A conditional VAE is given one class; the models for the other classes share its embedding.
    """

    def __init__(self, vae: VAE, embedded: int = 10_000) -> None:
        self.vae = vae
        self._given: Recent[int, LoadedModel] = Recent(GIVEN)
        self._tiles: OrderedDict[Tile, Pixels8] = OrderedDict()
        self._embedded = embedded
        self._whole: tuple[Any, Mosaic] | None = None  # the last complete mosaic, after its key

    def given(self, y: int) -> LoadedModel:
        """The model for the class y of a conditional VAE; another model is returned as it is."""
        vae = self.vae.given(y)
        return self if vae.y == self.vae.y else self._given.remember(vae.y, lambda: _Sibling(vae, self))

    @property
    def latents(self) -> int:
        """The dimension of z that the model decodes: 2 over a plane."""
        return self.vae.latents

    def decode(self, z: ArrayLike) -> Pixels8:
        """The means of p(x|z) at latents z (n, d), as pixels (n, h, w[, 3])."""
        return as_shown(self.vae.decode(z), self.vae.light)

    @property
    def is_embedded(self) -> bool:
        """Whether `embedding` is computed already; the first access takes about a second."""
        return "embedding" in vars(self)

    @cached_property
    def embedding(self) -> Embedding:
        """The encoded test images of the model's own data set; for a conditional VAE, each given its own class."""
        images = self.vae.card.test().first(self._embedded)
        batches = (np.array_split(each, max(1, len(images) // BATCH)) for each in (images.pixels, images.labels))
        parts = [self.vae.encode_labelled(x / np.float32(255), labels) for x, labels in zip(*batches, strict=True)]
        mean, deviation = (np.concatenate(both) for both in zip(*parts, strict=True))
        return Embedding(mean, deviation, images.labels, images.classes, images.factors, images.factor_names)

    def mosaics(self, chart: Chart, viewport: Viewport) -> Iterator[Mosaic]:
        """Yield mosaics of `viewport` with more and more decoded cells; the last one is complete.

        The cells of a level lie on a fixed grid, so that panning decodes only the cells that come into view.
        """
        level, columns, rows = lattice(chart, viewport)
        if self._whole is not None and self._whole[0] == (chart, level, columns, rows):
            yield self._whole[1]
            return
        missing = self._missing(chart, level, columns, rows)
        for start in range(0, len(missing), AT_ONCE):
            yield self._assemble(chart, level, columns, rows, complete=False)
            self._decode(missing[start : start + AT_ONCE])
        whole = self._assemble(chart, level, columns, rows, complete=True)
        self._whole = (chart, level, columns, rows), whole
        yield whole

    def _missing(self, chart: Chart, level: int, columns: range, rows: range) -> list[Tile]:
        """The tiles that are not decoded, those nearest to the middle of the viewport first."""
        i, j = np.meshgrid(columns, rows)
        centres = _centre(chart, level, i, j)
        middle = _centre(chart, level, np.mean(columns), np.mean(rows))
        near = np.argsort(np.sum((centres - middle) ** 2, axis=-1), axis=None)
        held = chart.holds(centres).ravel()
        tiles = [(chart, level, int(i.flat[n]), int(j.flat[n])) for n in near if held[n]]
        return [tile for tile in tiles if tile not in self._tiles]

    def _decode(self, tiles: list[Tile]) -> None:
        places = np.array([_centre(*tile) for tile in tiles])
        for tile, image in zip(tiles, self.decode(tiles[0][0].to_latent(places)), strict=True):
            self._tiles[tile] = image

    def _assemble(self, chart: Chart, level: int, columns: range, rows: range, *, complete: bool) -> Mosaic:
        h, w = self.vae.image_shape[:2]
        channels = (3,) if self.vae.light else ()
        image = np.full((len(rows) * h, len(columns) * w, *channels), BLANK, np.uint8)
        for down, j in enumerate(reversed(rows)):
            for across, i in enumerate(columns):
                tile = (chart, level, i, j)
                if (decoded := self._tiles.get(tile)) is not None:
                    self._tiles.move_to_end(tile)
                    image[down * h : down * h + h, across * w : across * w + w] = decoded
        most = max(MOST_CELLS, KEPT // (h * w * len("rgb" if self.vae.light else "i")))
        while complete and len(self._tiles) > most:
            self._tiles.popitem(last=False)
        image.setflags(write=False)
        cell = chart.cell(level)
        edges = (columns.start * cell, columns.stop * cell, rows.start * cell, rows.stop * cell)
        return Mosaic(image, Viewport(*edges, columns=len(columns), rows=len(rows)), cell, complete)


class _Sibling(LoadedModel):
    """The model for another class of a conditional VAE."""

    def __init__(self, vae: VAE, first: LoadedModel) -> None:
        super().__init__(vae)
        self._first = first

    @property
    def is_embedded(self) -> bool:
        return self._first.is_embedded

    @cached_property
    def embedding(self) -> Embedding:
        return self._first.embedding


def lattice(chart: Chart, viewport: Viewport) -> tuple[int, range, range]:
    """Return level, columns and rows of the cells that cover `viewport`, each NARROW to WIDE screen pixels wide.

    Cells near the size of the whole unit square are less wide, and those of a very large viewport wider.
    """
    per_pixel = max(
        (viewport.right - viewport.left) / viewport.columns,
        (viewport.top - viewport.bottom) / viewport.rows,
        (viewport.right - viewport.left) / (MOST_CELLS * NARROW),
        (viewport.top - viewport.bottom) / (MOST_CELLS * NARROW),
    )
    level = chart.level(WIDE * per_pixel)
    cell = chart.cell(level)
    columns = range(int(np.floor(viewport.left / cell)), int(np.ceil(viewport.right / cell)))
    rows = range(int(np.floor(viewport.bottom / cell)), int(np.ceil(viewport.top / cell)))
    return level, columns, rows


def _centre(chart: Chart, level: int, i: ArrayLike, j: ArrayLike) -> Array:
    return (np.stack([np.asarray(i, float), np.asarray(j, float)], axis=-1) + 0.5) * chart.cell(level)


def as_shown(values: NDArray[np.floating], light: bool) -> Pixels8:
    """Convert pixels from 0 to 1 to ink (…, h, w) of 0–254, or to light (…, h, w, 3) of 0–254."""
    pixels = (values * np.float32(INKS) + np.float32(0.5)).astype(np.uint8)
    return np.repeat(pixels[..., None], 3, axis=-1) if light and pixels.shape[-1] != 3 else pixels


_opening = threading.Lock()
_latest: Recent[tuple[str, int], LoadedModel] = Recent(MODELS)
_alive: WeakValueDictionary[tuple[str, int], LoadedModel] = WeakValueDictionary()  # also through what is computed


def open_model(model: str, embedded: int = 10_000, y: int = 0) -> LoadedModel:
    """Load a shipped model, by its name, or a file, by its path; the last models are cached.

    A model that anything else still refers to is never loaded a second time. A conditional VAE is given the class y. At
    most `embedded` test images are encoded in its `embedding`. The first call may take seconds. Raises ValueError if
    the model cannot be loaded.
    """
    key = model, embedded
    with _opening:
        if (opened := _alive.get(key)) is None:
            from engine.latent.vae import load_model

            _alive[key] = opened = LoadedModel(load_model(model), embedded)
        _latest[key] = opened
        return opened.given(y)
