"""Spoken plots: what a plot shows, in words and numbers, for screen readers and for the clipboard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gui.plots.layer import Layer
from gui.plots.lines import FAR, Lines
from gui.plots.marks import Marks
from gui.plots.raster import Raster
from gui.plots.words import Words
from gui.widgets.numbers import shown

FEW = 4  # places that are listed; of more, the number and the range are given
Spoken = Mapping[str, str | Sequence[str]]  # the attribute of the plot -> the name of its layer, or of its layers


def spoken(plot: Any, names: Spoken) -> str:
    """One sentence for each named layer of a plot that shows something."""
    parts = [f"{name}: {words}." for name, layer in _named(plot, names) if (words := words_of(layer))]
    return " ".join(part[0].upper() + part[1:] for part in parts)


def _named(plot: Any, names: Spoken) -> Iterator[tuple[str, Layer]]:
    for attribute, name in names.items():
        layer = vars(plot)[attribute]
        if isinstance(name, str):
            yield name, layer
        else:
            yield from zip(name, layer.values() if isinstance(layer, dict) else layer, strict=False)


def words_of(layer: Any) -> str:
    """What a layer shows; empty if it shows nothing."""
    if isinstance(layer, tuple):  # a line and the dots on it
        layer = layer[0]
    if isinstance(layer, Marks):
        return _places(layer.places)
    if isinstance(layer, Lines):
        return _lines(layer)
    if isinstance(layer, Raster):
        return _raster(layer)
    return ", ".join(layer.texts) if isinstance(layer, Words) else ""


def _place(x: float, y: float) -> str:
    return f"({shown(float(x), 3)}, {shown(float(y), 3)})"


def _range(values: NDArray[Any]) -> str:
    return f"{shown(float(values.min()), 3)} to {shown(float(values.max()), 3)}"


def _places(places: NDArray[np.float64]) -> str:
    if len(places) <= FEW:
        return ", ".join(_place(*place) for place in places)
    return f"{len(places):,} places, from {_range(places[:, 0])} across and from {_range(places[:, 1])} up"


def _lines(layer: Lines) -> str:
    if layer.path.isEmpty() and not len(layer.straight):
        return ""
    values = layer.lines[np.isfinite(layer.lines) & (np.abs(layer.lines) < FAR)]
    if len(layer.lines) == 1 and len(values):
        line = layer.lines[0]
        low, high = int(np.nanargmin(line)), int(np.nanargmax(line))
        ends = f"from {_place(layer.x[0], line[0])} to {_place(layer.x[-1], line[-1])}"
        return f"{ends}, lowest at {_place(layer.x[low], line[low])}, highest at {_place(layer.x[high], line[high])}"
    if len(layer.lines) and len(values):
        return f"{len(layer.lines)} lines, between {_range(values)}"
    if len(layer.straight):
        x, y = layer.straight[:, [0, 2]], layer.straight[:, [1, 3]]
        return f"from {_range(x)} across and from {_range(y)} up"
    box = layer.path.boundingRect()
    x, y = np.array([box.left(), box.right()]), np.array([box.top(), box.bottom()])
    return f"from {_range(x)} across and from {_range(y)} up"


def _raster(layer: Raster) -> str:
    if layer.pixels is None or layer.pixels.ndim != 2:
        return ""
    row, column = np.unravel_index(int(np.argmax(layer.pixels)), layer.pixels.shape)
    height, width = layer.pixels.shape
    rect = layer.rect
    across = rect.left() + (column + 0.5) / width * rect.width()
    up = rect.bottom() - (row + 0.5) / height * rect.height()  # row 0 is at the top
    return f"highest at {_place(across, up)}"
