"""The workshop: the trainings that are under way, heard from in the thread of the screen."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from engine.latent.training.process import Apprentice, Report
from engine.latent.vae.recipe import Recipe

ENDS = ("done", "stopped", "failed")


class Workshop(QObject):
    """One training or two side by side."""

    reported = Signal(object, object)  # the Recipe, the Report
    _heard = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.apprentices: dict[Recipe, Apprentice] = {}
        self.last: dict[Recipe, Report] = {}
        self._leaving: list[Apprentice] = []  # they have told all they had to, but their processes still end
        self._post: deque[tuple[Recipe, Report]] = deque()
        self._next: tuple[Recipe, ...] = ()
        self.rest = 0.0  # seconds after each batch
        self._heard.connect(self._on_heard)

    @property
    def busy(self) -> bool:
        """Whether any training is under way."""
        return bool(self.apprentices)

    @property
    def waits(self) -> bool:
        """Whether what is under way has been paused."""
        return self.busy and all(self.last[recipe].state == "paused" for recipe in self.apprentices)

    def start(self, *recipes: Recipe) -> None:
        """Train them, once what is under way has stopped. What was begun before goes on where it stopped."""
        self._next = recipes
        if self.busy:
            self.stop()
        else:
            self._begin()

    def _begin(self) -> None:
        recipes, self._next = self._next, ()
        for recipe in recipes:
            self.last[recipe] = Report("loading")
            self.apprentices[recipe] = Apprentice(recipe, self._hearer(recipe))
            self.apprentices[recipe].go(self.rest)

    def go(self, rest: float) -> None:
        """Train on, with so many seconds of rest after each batch."""
        self.rest = rest
        for apprentice in self.apprentices.values():
            apprentice.go(rest)

    def pause(self) -> None:
        """Wait."""
        for apprentice in self.apprentices.values():
            apprentice.pause()

    def step(self) -> None:
        """One batch."""
        for apprentice in self.apprentices.values():
            apprentice.step()

    def stop(self) -> None:
        """Keep what there is and end."""
        for apprentice in self.apprentices.values():
            apprentice.stop()

    def close(self) -> None:
        """The same, and wait for it."""
        self.stop()
        for apprentice in (*self.apprentices.values(), *self._leaving):
            apprentice.close()
        self.apprentices.clear()
        self._leaving.clear()

    def _hearer(self, recipe: Recipe) -> Callable[[Report], None]:
        def hear(report: Report) -> None:
            """In the listener's thread."""
            self._post.append((recipe, report))
            self._heard.emit()

        return hear

    def _on_heard(self) -> None:
        recipe, report = self._post.popleft()
        if recipe not in self.apprentices:
            return
        self.last[recipe] = report
        if report.state in ENDS:
            self._leaving = [left for left in self._leaving if not left.gone] + [self.apprentices.pop(recipe)]
        self.reported.emit(recipe, report)
        if not self.busy and self._next:
            self._begin()
