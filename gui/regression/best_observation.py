"""The controller that observes at the most informative x, which the worker thread computes."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QWidget

from engine.derived import ANYWHERE, Scene
from engine.document import Document
from engine.regression.uncertainty_budget import gains
from gui.page.commands import Command
from gui.page.controller import Controller
from gui.page.store import Edit
from gui.regression.uncertainty_budget import AtBest


class BestObservation(Controller):
    """Requests the information gain, also while the panel Uncertainty budget is hidden, and then observes.

    Each call of the command waits for the gain of its own document. Another edit of the user cancels what waits.
    """

    title = "Uncertainty budget"

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._waiting = 0  # observations that are not made yet
        self._expected: Document | None = None  # the document to which the next observation belongs

    def observe(self) -> None:
        """Draw an observation at the most informative x, as soon as the worker thread knows it."""
        self._waiting += 1
        self._expected = self.document
        self.viewport_changed.emit(gains, ANYWHERE)
        self._observe_in(self.view.scene)  # type: ignore[attr-defined]

    def echo(self, document: Document) -> None:
        super().echo(document)
        if self._waiting and document is not self._expected:
            self._waiting = 0
            self.viewport_changed.emit(gains, None)

    def draw(self, scene: Scene) -> None:
        self._observe_in(scene)

    def _observe_in(self, scene: Any) -> None:
        profile = scene.get(gains) if scene is not None and self._waiting and scene.document is self.document else None
        if profile is None:
            return
        self._waiting -= 1
        if not self._waiting:
            self.viewport_changed.emit(gains, None)
        try:
            self._expected = self.document.measure(profile.best)
        except ValueError as refusal:
            self.refused.emit(str(refusal))
            return
        self.edited.emit(Edit(OBSERVE_BEST.text, self._expected))

    def accepts(self, request: Any) -> bool:
        return isinstance(request, AtBest)

    def take(self, request: Any, panel: Any) -> None:
        self.observe()


OBSERVE_BEST = Command("Observe at the most informative x", "Observe", run=BestObservation.observe, keys="Ctrl+B",
                       tip="Draw an observation at the highest expected information gain")  # fmt: skip
BestObservation.commands = (OBSERVE_BEST,)
