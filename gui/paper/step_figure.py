"""The figure of a step: the panels in sight in their rows, or one row for each of its builds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QTableView

from engine.lecture.documents import Stage
from engine.lecture.lecture import Step
from engine.plane import Viewport
from gui.figures.controls import pictures
from gui.page.panel import Panel
from gui.page.plot_panel import PlotPanel
from gui.page.shared.ledger_panel import LedgerPanel
from gui.pages import page_kind, page_of
from gui.paper.grid import GAP, Cell, Grid, Row, Strokes, Style

Marks = Mapping[tuple[str, str], Strokes]  # strokes of the pen by page and title of the panel
CHARACTER = 1.8  # mm, more than the mean width of a character
LOWEST = 34.0  # mm, the least height of a row
ROOMY = 0.85  # the height of a figure for its width, if there is room
BROAD = 8  # columns of a table that needs the whole width
MANY = 5  # plots and images of a panel that needs the whole width
WORDS = 10.0  # mm for the titles and for the legend
ABOVE, AROUND = 12.0, 16.0  # mm for the words above each row, and for heads and legend


def kinds_of(step: Step) -> list[list[type[Panel]]]:
    """The panels of a step, in rows. Panels that are only forms, or that need a cursor, are left out."""
    by_title = {kind.title: kind for kind in page_kind(page_of(step.tab)).panels}
    rows = [[kind for title in row if has_picture(kind := by_title[title])] for row in step.show]
    return [row for row in rows if row]


_pictures: dict[type[Panel], int] = {}  # the numbers of their plots, images and tables; a broad table counts as MANY


def has_picture(kind: type[Panel]) -> bool:
    """Whether a panel has a plot, an image or a table. One without values shows what is under the cursor."""
    if kind not in _pictures:
        panel = kind()
        found = pictures(panel) if kind.shows else []
        columns = [part.model().columnCount() for part in found if isinstance(part, QTableView) and part.model()]
        _pictures[kind] = max(len(found), MANY if max(columns, default=0) >= BROAD else 0)
        panel.deleteLater()
    return _pictures[kind] > 0


class Sizes:
    """The room of a figure on a page, in mm."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height


def figure_of_stage(step: Step, stage: Stage, marks: Marks, room: Sizes, style: Style) -> Grid | None:
    """The panels of one stage in their rows; None if no panel has a picture."""
    kinds = kinds_of(step)
    if not kinds:
        return None
    shares = [1.0 / len(kinds)] * len(kinds)
    if len(kinds) == 1 and len(kinds[0]) > 1 and any(_pictures[kind] >= MANY for kind in kinds[0]):
        kinds = [[kind] for kind in kinds[0]]
        weights = [2.0 if _pictures[kind] >= MANY else 1.0 for (kind,) in kinds]
        shares = [weight / sum(weights) for weight in weights]
    least = max(map(len, kinds)) if len(kinds) == 1 else min(map(len, kinds))
    most = ROOMY * room.width / least + WORDS
    high = [min((room.height - WORDS) * share - GAP, most) for share in shares]
    rows = [Row(tuple(_cell(step, stage, kind, marks) for kind in row), high[n]) for n, row in enumerate(kinds)]
    return Grid(rows, room.width, style, room.height)


def figures_of_builds(step: Step, stages: Sequence[Stage], marks: Marks, room: Sizes, style: Style) -> list[Grid]:
    """A row for each stage of a step, as many in each figure as there is room for.

    Tables and lines of text are left out, because a column of a row is too narrow for them. A step with one panel has
    two stages a row.
    """
    kinds = [kind for row in kinds_of(step) for kind in row if not issubclass(kind, LedgerPanel)]
    if not kinds:
        return []
    before = [step.text, *(stage.say for stage in stages)]
    said = [stage.say if stage.say != before[n] else "" for n, stage in enumerate(stages)]
    at = [marks if n == len(stages) - 1 else {} for n in range(len(stages))]
    if len(kinds) == 1:
        heads = [": ".join(filter(None, (_counted(stages, n), words))) for n, words in enumerate(said)]
        long = [len(head) * CHARACTER > room.width / 2 for head in heads]
        above = [head if is_long else "" for head, is_long in zip(heads, long, strict=True)]
        heads = [_counted(stages, n) if is_long else heads[n] for n, is_long in enumerate(long)]
        cells = [replace(_cell(step, stage, kinds[0], at[n]), head=heads[n]) for n, stage in enumerate(stages)]
        pairs = [(*cells[i : i + 2], None)[:2] for i in range(0, len(cells), 2)]
        high = min(ROOMY * room.width / 2, max((room.height - AROUND) / len(pairs) - ABOVE, LOWEST))
        said = [" ".join(filter(None, above[i : i + 2])) for i in range(0, len(cells), 2)]
        rows = [Row(pair, high, above=words) for pair, words in zip(pairs, said, strict=True)]
        style = replace(style, title=False, formulas=True)
    else:
        said = [
            stage.say if stage.say != (stages[n - 1].say if n else step.text) else "" for n, stage in enumerate(stages)
        ]
        high = min(max((room.height - AROUND) / len(stages) - ABOVE, LOWEST), room.width / len(kinds))
        rows = [
            Row(tuple(_cell(step, stage, kind, at[n]) for kind in kinds), high, _counted(stages, n), said[n])
            for n, stage in enumerate(stages)
        ]
        style = replace(style, title=False, formulas=True, lines=False, heads=tuple(kind.title for kind in kinds))
    at_once = max(int((room.height - AROUND + 1.0) // (rows[0].height + ABOVE)), 1)
    return [Grid(rows[i : i + at_once], room.width, style) for i in range(0, len(rows), at_once)]


def _counted(stages: Sequence[Stage], n: int) -> str:
    """The words beside a row: the number of observations, if the builds differ in it, or else the number of the row."""
    counts = [getattr(stage.document, "step", 0) for stage in stages]
    if len(set(counts)) == 1:
        return f"{n + 1}"
    return "1 observation" if counts[n] == 1 else f"{counts[n]} observations"


def _cell(step: Step, stage: Stage, kind: type[Panel], marks: Marks) -> Cell:
    edges: Any = stage.look.get(kind.plane) if issubclass(kind, PlotPanel) and hasattr(kind, "plane") else None
    strokes = marks.get((page_of(step.tab), kind.title), ())
    return Cell(kind, stage.document, Viewport(*edges) if edges else None, strokes=strokes)
