"""The making of figures: their values are computed in the thread of the page's scenes, one figure at a time."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from PySide6.QtCore import QObject, QRect, Signal

from engine.derived import PENDING, Derived, Pending, Scene, Scheduler, Wanted
from engine.document import Document
from gui.figures.figure import PASSES, Figure
from gui.figures.files import Drawing
from gui.figures.look import Look
from gui.figures.page_figure import PageFigure
from gui.page.page import Page
from gui.page.panel import Panel

WHOLE = "Whole page"

Values = Mapping[Derived[Any], Any]


class Parts(Drawing, Protocol):
    """A figure of one panel or of several."""

    document: Document

    @property
    def parts(self) -> Sequence[Figure]:
        """The figures of single panels."""

    def close(self) -> None:
        """Delete the panels of the figure."""


class Maker(QObject):
    """Completes figures. A newer figure replaces the present one; a figure is closed when it is replaced.

    The values of a page may only be computed in one thread, so a figure waits for the scenes of its page.
    """

    made = Signal(object)  # the complete figure
    failed = Signal(object)  # a Failure

    def __init__(self, page: Page, parent: QObject) -> None:
        super().__init__(parent)
        self.page = page
        self.figure: Parts | None = None
        self._rounds = 0
        self.line = page.new_line("figure")
        self.line.delivered.connect(self._on_delivered)
        self.line.failed.connect(self.failed)

    def make(self, figure: Parts) -> None:
        """Complete a figure; `made` emits it, perhaps at once."""
        self._drop()
        self.figure, self._rounds = figure, 0
        self._go_on(figure)

    def _go_on(self, figure: Parts) -> None:
        """Compute what the figure lacks, or emit it if it is complete."""
        scene = self.page.view.scene
        lacking = [part.lacking(scene) for part in figure.parts]
        if self._rounds < PASSES and any(lacking):
            self.line.submit(partial(_computed, figure, lacking))
            return
        for part, wanted in zip(figure.parts, lacking, strict=True):
            if not self._rounds and not wanted:
                part.take({}, {})  # all of its values are those of the scene
        self.made.emit(figure)

    def _on_delivered(self, result: tuple[Parts, list[Values], list[Wanted]]) -> None:
        figure, values, wanted = result
        if figure is not self.figure:
            return
        for part, found, viewports in zip(figure.parts, values, wanted, strict=True):
            part.take(found, viewports)
        self._rounds += 1
        self._go_on(figure)

    def _drop(self) -> None:
        if self.figure is not None:
            self.figure.close()
            self.figure = None

    def close(self) -> None:
        """Cancel the computation, and close the figure."""
        self.line.close()
        self.line.deleteLater()
        self._drop()


def _computed(
    figure: Parts, wanted: list[Wanted]
) -> Generator[Pending, None, tuple[Parts, list[Values], list[Wanted]]]:
    """Compute the values of each part of a figure, in the worker thread."""
    values: list[Values] = []
    for viewports in wanted:
        scene = yield from _complete(figure.document, viewports)
        values.append(scene.values)
    return figure, values, wanted


def _complete(document: Document, wanted: Wanted) -> Generator[Pending, None, Scene]:
    unfolding = Scheduler().unfold(document, wanted)
    while True:
        try:
            next(unfolding)
        except StopIteration as end:
            scene: Scene = end.value
            return scene
        yield PENDING


def figure_of(page: Page, title: str, look: Look, document: Document | None = None) -> Parts:
    """Return the figure of a panel of a page, or of the whole page, without its values.

    `document` is that of the page by default.

    Raises ValueError, in one sentence, if the page has nothing to show.
    """
    view, document = page.view, document or page.store.document
    if title == WHOLE:
        return PageFigure(_on_screen(page), document, look)
    kind = next(kind for kind in view.kinds if kind.title == title)
    like = view.panels.get(title)
    return Figure(kind, document, look, like)


def _on_screen(page: Page) -> list[tuple[Panel, QRect]]:
    """The visible panels of a page and their rectangles."""
    view = page.view
    titles = [title for title in view.panels if title in view.seen_titles and not view.docks[title].isFloating()]
    return [(view.panels[title], view.docks[title].geometry()) for title in titles]
