"""The handout of a lecture as PDF: a page for each step with its panels and words, and the answers at the end.

The panels are drawn as vectors, and heatmaps with 300 dots in an inch. The window does not change: each panel of a page
is made for the page, from the document that the lecture declares.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.caption import in_numbers
from engine.lecture.answers import Given, verdict
from engine.lecture.check import unavailable
from engine.lecture.documents import Stage, stages
from engine.lecture.lecture import Lecture, Question, Step
from gui.lecture.titles import titles_in
from gui.paper.grid import Grid, Style
from gui.paper.leaf import BETWEEN, MARGIN, SMALL, WIDTH, Leaf
from gui.paper.step_figure import Marks, Sizes, figure_of_stage, figures_of_builds
from gui.paper.work import News, Wishes, Work

COLUMN, GUTTER = 72.0, 8.0  # mm, the width of the text beside the figure, and the room between the two
POINTS = 8.0  # of the text in figures
LETTERS = "ABCDEF"  # of the options of a question


@dataclass(frozen=True)
class Edition:
    """What a handout contains: pages for the builds or one figure, the notes of the lecturer, and the pen's marks."""

    builds_are_pages: bool = False
    notes: bool = False
    marks: Mapping[str, Marks] = field(default_factory=dict)  # by the id of the step


def handout(lecture: Lecture, selection: str, edition: Edition) -> Work:
    """The work on the handout of a lecture, or of one of its selections."""
    steps = lecture.selected(selection)
    leaf = Leaf(lecture.head.title, _foot(lecture))
    try:
        for n, step in enumerate(steps, 1):
            yield News(f"{n} of {len(steps)}: {step.title}", (n - 1) / (len(steps) + 1))
            yield from _Pages(leaf, lecture, step, n, edition).all()
        _answers(leaf, steps, lecture)
        return leaf.content()
    finally:
        leaf.end()


def _foot(lecture: Lecture) -> str:
    return "  ·  ".join(part for part in (lecture.head.title, lecture.head.author, lecture.head.licence) if part)


class _Pages:
    """The pages of one step."""

    def __init__(self, leaf: Leaf, lecture: Lecture, step: Step, number: int, edition: Edition) -> None:
        self.leaf, self.lecture, self.step, self.number, self.edition = leaf, lecture, step, number, edition
        self.marks = edition.marks.get(step.id, {})

    def all(self) -> Wishes:
        """Draw them."""
        why = unavailable(self.lecture, self.step, titles_in)
        if why:
            self._begin("")
            self._text(self.step.text, "")
            x = MARGIN + COLUMN + GUTTER
            self.leaf.write(self.leaf.paragraph(why, WIDTH - MARGIN - x, colour="#595959"), x, self.leaf.y)
            return
        found = stages(self.lecture, self.step.id)
        if not self.edition.builds_are_pages:
            yield from self._page(found)
            return
        for n, stage in enumerate(found, 1):
            yield from self._page((stage,), f" ({n} of {len(found)})" if len(found) > 1 else "")

    def _page(self, found: tuple[Stage, ...], at: str = "") -> Wishes:
        """Draw the page of one stage, or of all stages as one figure, which may need further pages."""
        self._begin(at)
        text = self.step.text if len(found) > 1 else found[-1].say
        x, top = MARGIN + COLUMN + GUTTER, self.leaf.y
        room = Sizes(WIDTH - MARGIN - x, self.leaf.bottom - top)
        style = Style(POINTS, title=True, legend=True)
        if len(found) > 1:
            grids = figures_of_builds(self.step, found, self.marks, room, style)
        else:
            one = figure_of_stage(self.step, found[0], self.marks, room, style)
            grids = [one] if one is not None else []
        self._text(text, in_numbers(found[-1].document))
        try:
            for n, grid in enumerate(grids):
                if n:
                    self._begin(" (continued)")
                yield from self._figure(grid, x, top)
        finally:
            for grid in grids:
                grid.close()

    def _figure(self, grid: Grid, x: float, top: float) -> Wishes:
        """Draw a figure, or why it cannot be computed."""
        try:
            yield from grid.complete()
        except ValueError as reason:
            self.leaf.write(self.leaf.paragraph(str(reason), grid.width), x, top)
        else:
            scale = min(1.0, (self.leaf.bottom - top) / grid.size_mm[1])
            self.leaf.draw(grid, x, top, scale)

    def _begin(self, at: str) -> None:
        step = self.step
        places = [step.section, _slides(step)]
        self.leaf.begin(f"{self.number}  {step.title}{at}", "  ·  ".join(place for place in places if place))

    def _text(self, text: str, small: str) -> None:
        """Write the column of words."""
        leaf, step = self.leaf, self.step
        y = leaf.write(leaf.paragraph(text, COLUMN), MARGIN, leaf.y)
        if step.equation:
            y = leaf.equation(step.equation, MARGIN, y + 1.0, COLUMN) + 1.0
        for paragraph in self._further():
            y = leaf.write(leaf.paragraph(paragraph, COLUMN), MARGIN, y)
        if small:
            document = leaf.paragraph(small, COLUMN, points=SMALL, colour="#595959")
            leaf.write(document, MARGIN, max(y, leaf.bottom - leaf.height_of(document)))

    def _further(self) -> Iterator[str]:
        """Yield the paragraphs below the equation."""
        step = self.step
        if step.try_:
            yield f"Try\t{step.try_}"
        if step.question:
            yield f"Question\t{step.question.ask}"
            yield from (f"{LETTERS[i]}\t{option}" for i, option in enumerate(step.question.options))
        if self.edition.notes:
            if step.question and (answer := _answer(step.question)):
                yield f"Answer\t{answer}"
            minutes = f"{step.minutes:g} minutes. " if step.minutes else ""
            if minutes or step.notes:
                yield f"Notes\t{minutes}{step.notes}"


def _slides(step: Step) -> str:
    if not step.slides:
        return ""
    return f"slide{'s' if len(step.slides) > 1 else ''} {', '.join(map(str, step.slides))}"


def _answer(question: Question) -> str:
    """The answer of a question and its reason, without the words “The answer”."""
    words = verdict(question, Given()).removeprefix("The answer: ").removeprefix("The answer is ")
    return words[:1].upper() + words[1:]


def _answers(leaf: Leaf, steps: tuple[Step, ...], lecture: Lecture) -> None:
    """Write the answers in two columns."""
    width = (WIDTH - 2 * MARGIN - GUTTER) / 2
    columns = (MARGIN, MARGIN + width + GUTTER)
    column, y = len(columns), 0.0
    for n, step in enumerate(steps, 1):
        if not step.question or unavailable(lecture, step, titles_in):
            continue
        answer = _answer(step.question)
        if not answer:
            continue
        ask = leaf.paragraph(f"{n}\t{step.question.ask}", width)
        reply = leaf.paragraph(answer, width)
        high = leaf.height_of(ask) + leaf.height_of(reply) + 2 * BETWEEN
        if column == len(columns) or y + high > leaf.bottom:
            column += 1
            if column >= len(columns):
                leaf.begin("Answers")
                column = 0
            y = leaf.y
        y = leaf.write(ask, columns[column], y) - BETWEEN + 0.6
        y = leaf.write(reply, columns[column], y) + 1.0
