"""The numbers behind the plots, images and tables of a panel, as the rows of a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableView, QWidget

from gui.plots.axes import Axes
from gui.plots.curves.class_bars import ClassBars
from gui.plots.curves.decomposition_bars import DecompositionBars
from gui.plots.images.picture import Picture
from gui.plots.images.tiles import Tiles
from gui.plots.layer import Layer
from gui.plots.lines import Lines
from gui.plots.marks import Marks
from gui.plots.planes.spread import Spread
from gui.plots.raster import Raster
from gui.plots.words import Words

HEADINGS = ("plot", "layer", "item", "x", "y", "value")
MOST = 200  # rows and columns of a heatmap; of a larger one every second, third … pixel is written
NOTHING = "This panel has no numbers now: it shows no plot, image or table."
Column = Iterable[Any]


@dataclass(frozen=True, eq=False)
class Numbers:
    """The numbers of one layer: several rows of item, x, y and value; one value of `item` may serve all rows."""

    plot: str
    layer: str
    item: Column | int
    x: Column
    y: Column
    value: Column = ()


def numbers_of(panel: QWidget) -> list[Numbers]:
    """Return the numbers that a panel shows: those of its plots in plot units, of its images, and of its tables.

    Raises ValueError, in one sentence, if it shows none.
    """
    found: list[Numbers] = []
    for child in panel.findChildren(QWidget):
        name = child.accessibleName() or type(child).__name__
        if isinstance(child, Axes):
            found += _of_plot(child, name)
        elif isinstance(child, QTableView):
            found += _of_table(child, name)
        elif isinstance(child, ClassBars):
            found += [Numbers(name, "probability", child.classes, [""] * len(child.classes), child.probabilities)]
        elif isinstance(child, DecompositionBars):
            bars = child.parts + child.split if child.sum else ()
            found += [Numbers(name, part.name, 1, [part.start], [part.end]) for part in bars]
        else:
            found += _of_images(child, name)
    if not (found := [each for each in found if len(list(each.x))]):
        raise ValueError(NOTHING)
    return found


def table_of(numbers: Iterable[Numbers]) -> str:
    """Return the numbers as text with commas, a row for each of them. Numbers have their full precision."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(HEADINGS)
    for each in numbers:
        x, y, value = (_plain(column) for column in (each.x, each.y, each.value))
        items = [each.item] * len(x) if isinstance(each.item, int) else _plain(each.item)
        value = value or [""] * len(x)
        writer.writerows(zip([each.plot] * len(x), [each.layer] * len(x), items, x, y, value, strict=True))
    return file.getvalue()


def _plain(column: Column) -> list[Any]:
    return column.tolist() if isinstance(column, np.ndarray) else list(column)


def _of_plot(plot: Axes, name: str) -> Iterator[Numbers]:
    names = _names(vars(plot))
    for n, layer in enumerate(plot.layers):
        yield from _of_layer(layer, name, names.get(id(layer), f"layer {n}"))


def _names(attributes: Mapping[str, Any]) -> dict[int, str]:
    """The names of layers by their ids: those of the attributes that hold them, also in lists and groups of layers."""
    names: dict[int, str] = {}
    for name, value in attributes.items():
        word = name.strip("_").replace("_", " ")
        if isinstance(value, Layer):
            names[id(value)] = word
        elif isinstance(value, list | tuple) and name != "_layers":
            names |= {id(each): f"{word} {n}" for n, each in enumerate(value, 1) if isinstance(each, Layer)}
        elif hasattr(value, "layers") and not isinstance(value, QWidget):
            names |= {key: f"{word}: {inner}" for key, inner in _names(vars(value)).items()}
    return names


def _of_layer(layer: Layer, plot: str, name: str) -> Iterator[Numbers]:
    if name == "crosshair":
        return
    if isinstance(layer, Lines):
        yield from (Numbers(plot, name, n, x, y) for n, (x, y) in enumerate(layer.curves(), 1))
    elif isinstance(layer, Marks):
        yield Numbers(plot, name, range(1, len(layer.places) + 1), layer.places[:, 0], layer.places[:, 1])
    elif isinstance(layer, Words):
        yield Numbers(plot, name, layer.texts, layer.places[:, 0], layer.places[:, 1])
    elif isinstance(layer, Raster) and layer.pixels is not None:
        view, every = layer.viewport, -(-max(layer.pixels.shape[:2]) // MOST)
        shades = layer.pixels[::-1][::every, ::every]  # the lowest row first
        x, y = np.meshgrid(view.x[::every], view.y[::every])
        yield from _channels(plot, name, x, y, shades)
    elif isinstance(layer, Spread) and layer.outlines is not None:
        outlines = layer.outlines
        for part, curve in (("mean", np.atleast_2d(outlines.mean)), ("1σ", outlines.one), ("2σ", outlines.two)):
            yield Numbers(plot, f"{name} {part}", 1, curve[:, 0], curve[:, 1])


def _channels(plot: str, name: str, x: NDArray[Any], y: NDArray[Any], shades: NDArray[np.uint8]) -> Iterator[Numbers]:
    """The pixels of an image, as fractions of the largest value; an image in colours has three layers."""
    if shades.ndim == 2:
        yield Numbers(plot, name, 1, x.ravel(), y.ravel(), shades.ravel() / 255)
        return
    for i, colour in enumerate(("red", "green", "blue")):
        yield Numbers(plot, f"{name} {colour}", 1, x.ravel(), y.ravel(), shades[..., i].ravel() / 255)


def _of_images(widget: QWidget, name: str) -> Iterator[Numbers]:
    """The pixels of images: x counts columns from the left, y counts rows from the top, both from 0."""
    if not type(widget).__module__.startswith("gui.plots.images."):
        return
    images = [tile.ink for tile in widget.shown] if isinstance(widget, Tiles) else getattr(widget, "ink", None)
    if images is None:
        return
    for n, image in enumerate([images] if isinstance(widget, Picture) else images, 1):
        x, y = np.meshgrid(np.arange(image.shape[1]), np.arange(image.shape[0]))
        yield from _channels(name, f"image {n}", x, y, image)


def _of_table(table: QTableView, name: str) -> Iterator[Numbers]:
    """The cells of a table: a layer for each column; x counts rows from 1."""
    model = table.model()
    for column in range(model.columnCount()):
        cells = [model.index(row, column).data() for row in range(model.rowCount())]
        heading = str(model.headerData(column, Qt.Orientation.Horizontal) or f"column {column + 1}")
        rows = range(1, len(cells) + 1)
        yield Numbers(name, heading, rows, rows, [""] * len(cells), ["" if cell is None else cell for cell in cells])
