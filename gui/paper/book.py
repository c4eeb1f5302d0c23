"""The figures of the book: the panels of each in a grid, and its file."""

from __future__ import annotations

from typing import Any

from engine.lecture.book import Data, Name, caption_of, sequence
from engine.plane import Viewport
from gui.figures.figure import Figure
from gui.figures.files import content_of
from gui.figures.look import Look
from gui.page.panel import Panel
from gui.page.plot_panel import PlotPanel
from gui.paper.book_panels import (
    BookLines,
    BookPredictive,
    LatentsLikelihood,
    LatentsPosterior,
    LatentsPrior,
    WeightsLikelihood,
    WeightsPosterior,
)
from gui.paper.grid import GAP, SIDE, Cell, Grid, Row, Style
from gui.paper.work import News, Work

COLUMNS = {
    "3.7": (WeightsLikelihood, WeightsPosterior, BookLines),
    "3.7 for pixels": (LatentsPrior, LatentsLikelihood, LatentsPosterior),
}
HEADS = {
    "3.7": ("likelihood", "prior / posterior", "data space"),
    "3.7 for pixels": ("prior", "likelihood", "posterior"),
}
PLANE = Viewport(-3.6, 3.6, -3.6, 3.6)  # of the latents: nearly all of the prior
NARROW = 120.0  # mm, below which the text is smaller
SHAPE = 0.78  # height for width of a plot in data space


def grid_of(name: Name, data: Data, width: float, *, caption: bool) -> Grid:
    """The figure of this name, `width` mm wide."""
    points = 7.0 if width < NARROW else 8.0
    words = caption_of(name, data.document) if caption else ""
    documents = sequence(name, data.document)
    if name in COLUMNS:
        style = Style(points, formulas=True, heads=HEADS[name], caption=words)
        height = _height(COLUMNS[name][1], documents[0][1], (width - SIDE - 2 * GAP) / 3, points)
        rows = [Row(_cells(name, n, document), height, beside=_beside(name, n)) for n, document in documents]
        return Grid(rows, width, style)
    kind = BookPredictive if name == "3.8" else BookLines
    pairs = [documents[i : i + 2] for i in range(0, len(documents), 2)]
    height = width / 2 * SHAPE
    rows = [Row(tuple(Cell(kind, document, head=f"N = {n}") for n, document in pair), height) for pair in pairs]
    return Grid(rows, width, Style(points, formulas=True, caption=words))


def _height(kind: type[Panel], document: Any, width: float, points: float) -> float:
    """The height in mm of a plot so that its plane is a square."""
    figure = Figure(kind, document, Look(width, width, points, title=False, legend=False))
    try:
        assert isinstance(figure.panel, PlotPanel)
        area = figure.panel.plot.area
        more: float = (area.width() - area.height()) * width / figure.width
        return width + more
    finally:
        figure.close()


def _cells(name: Name, n: int, document: Any) -> tuple[Cell | None, ...]:
    """The cells of a row. Before the first observation there is no likelihood."""
    region = PLANE if name == "3.7 for pixels" else None
    return tuple(
        None if not n and kind in (WeightsLikelihood, LatentsLikelihood) else Cell(kind, document, region)
        for kind in COLUMNS[name]
    )


def _beside(name: Name, n: int) -> str:
    if name == "3.7":
        return f"N = {n}"
    return f"{n} stroke" if n == 1 else f"{n} strokes" if n else "no stroke"


def book_file(name: Name, data: Data, width: float, ending: str, *, scale: int, paths: bool, caption: bool) -> Work:
    """The work on a file of a figure, `width` mm wide, in the format of the ending."""
    yield News(f"Figure {name}", 0.0)
    grid = grid_of(name, data, width, caption=caption)
    try:
        yield from grid.complete()
        yield News(f"Figure {name}", 0.9)
        return content_of(grid, ending, scale=scale, paths=paths)
    finally:
        grid.close()
