"""The work on paper: a generator that draws in the thread of the window and wishes for values from the worker."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from engine.derived import PENDING, Derived, Pending, Scene, Scheduler, Wanted, resolve
from engine.document import Document
from engine.latent.document import Latent
from gui.figures.figure import PASSES, Figure
from gui.page.jobs import Failure, Latest
from gui.shell.page_stack import PageStack

Values = Mapping[Derived[Any], Any]


@dataclass(frozen=True)
class Wish:
    """Values of one document that a figure lacks. The generator is sent the values, or a ValueError with the reason."""

    document: Document
    wanted: Wanted


@dataclass(frozen=True)
class News:
    """What is being drawn, and the fraction of the work that is done."""

    words: str
    fraction: float


Work = Generator[Wish | News, Any, bytes]
Wishes = Generator[Wish | News, Any, None]


def completed(figures: Sequence[Figure], align: Callable[[], None]) -> Wishes:
    """Complete figures. `align` gives them a common layout, which may change the values that they need.

    Raises ValueError, in one sentence, if a value cannot be computed.
    """
    for turn in range(PASSES):
        align()
        lacking = [figure.lacking() for figure in figures]
        for figure, wanted in zip(figures, lacking, strict=True):
            if not wanted:
                continue
            values = yield Wish(figure.document, wanted)
            if isinstance(values, ValueError):
                raise values
            figure.take(values, wanted)
        if turn and not any(lacking):
            break


def finish(work: Work, tell: Callable[[News], None]) -> bytes:
    """Do the whole work in this thread, without a window. `tell` hears of its progress."""
    answer: Any = None
    while True:
        try:
            step = work.send(answer)
        except StopIteration as end:
            content: bytes = end.value
            return content
        answer = None
        if isinstance(step, News):
            tell(step)
            continue
        try:
            answer = resolve(step.document, step.wanted).values
        except ValueError as reason:
            answer = reason


class Worker(QObject):
    """Does one work beside a window: the values are computed in the threads of the pages."""

    reported = Signal(object)  # a News
    done = Signal(object)  # the content of the file
    failed = Signal(object)  # a Failure

    def __init__(self, stack: PageStack, parent: QObject) -> None:
        super().__init__(parent)
        self.stack = stack
        self.work: Work | None = None
        self.lines: dict[str, Latest] = {}

    def start(self, work: Work) -> None:
        """Begin."""
        self.work = work
        self._go_on(None)

    def _go_on(self, answer: Any) -> None:
        """Draw until values are lacking or a report is due."""
        if self.work is None:
            return
        try:
            step = self.work.send(answer)
        except StopIteration as end:
            self.work = None
            self.done.emit(end.value)
        except Exception as error:
            self.work = None
            self.failed.emit(Failure.of(error))
        else:
            if isinstance(step, News):
                self.reported.emit(step)
                QTimer.singleShot(0, self, self._on_told)  # so that Cancel is heard between two pages
            else:
                self._line(step.document).submit(partial(_values, step))

    def _on_told(self) -> None:
        self._go_on(None)

    def _line(self, document: Document) -> Latest:
        """The queue in the thread that may compute values of a document."""
        name = "latent" if isinstance(document, Latent) else "regression"
        if name not in self.lines:
            line = self.lines[name] = self.stack.page_in(name).new_line("paper")
            line.delivered.connect(self._on_values)
            line.failed.connect(self._on_failed)
        return self.lines[name]

    def _on_values(self, values: Values) -> None:
        self._go_on(values)

    def _on_failed(self, failure: Failure) -> None:
        self._go_on(ValueError(failure.reason))

    def close(self) -> None:
        """Cancel the work."""
        if self.work is not None:
            self.work.close()
            self.work = None
        for line in self.lines.values():
            line.close()
            line.deleteLater()
        self.lines.clear()


def _values(wish: Wish) -> Generator[Pending, None, Values]:
    """Compute values, in the worker thread."""
    unfolding = Scheduler().unfold(wish.document, wish.wanted)
    while True:
        try:
            next(unfolding)
        except StopIteration as end:
            scene: Scene = end.value
            return scene.values
        yield PENDING
