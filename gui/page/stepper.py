"""The stepper, which takes the observations of a document into account one by one, by commands or by a timer."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from engine.document import Document
from gui.page.commands import Command
from gui.page.controller import Controller
from gui.page.store import Edit
from gui.widgets import motion

BEAT = 800  # milliseconds from one step to the next while playing


class Stepper(Controller):
    """Steps and plays through a document with the method `step_to(n)`, if the page has a position."""

    title = "Steps"

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self.player = QTimer(self)
        self.player.setInterval(BEAT)
        self.player.timeout.connect(self._on_beat)
        self._played: Document | None = None

    @property
    def position(self) -> tuple[int, int] | None:
        """The number of steps taken and the total; None if the page has no steps."""
        position: tuple[int, int] | None = self.view.position  # type: ignore[attr-defined]
        return position

    @property
    def _at(self) -> tuple[int, int]:
        return self.position or (0, 0)

    def step_first(self) -> None:
        """Go to the prior, before the first observation."""
        self._step(0)

    def step_back(self) -> None:
        """Go back one observation."""
        self._step(self._at[0] - 1)

    def step_forward(self) -> None:
        """Take one more observation into account."""
        self._step(self._at[0] + 1)

    def step_last(self) -> None:
        """Take all observations into account."""
        self._step(self._at[1])

    def _step(self, n: int) -> None:
        if self.position is not None:
            self._go(self.document.step_to(n))

    def _go(self, document: Any) -> None:
        self.edited.emit(Edit(f"Step to {document.step}", document, "step"))

    def play(self) -> None:
        """Start to add the observations one by one, or pause. At the last step, start again from the prior."""
        if self.player.isActive():
            self.pause()
            return
        if self.position is None:
            return
        if motion.is_reduced():
            self.step_last()
            return
        self.player.start()
        self.running.emit(PLAY, True)
        step, last = self._at
        self._beat(0 if step == last else step + 1)

    def pause(self) -> None:
        """Stop playing."""
        if self.player.isActive():
            self.player.stop()
            self.running.emit(PLAY, False)

    def _on_beat(self) -> None:
        self._beat(self._at[0] + 1)

    def _beat(self, n: int) -> None:
        self._played = self.document.step_to(n)
        self._go(self._played)
        if n > 0 and self._at[0] == self._at[1]:
            self.pause()

    def echo(self, document: Document) -> None:
        """Stop playing after any edit that the player did not make."""
        if document is not self._played:
            self.pause()
        super().echo(document)

    def hide(self) -> None:
        self.pause()

    def close(self) -> None:
        self.pause()


FIRST = Command("First", "Observe", run=Stepper.step_first, keys="Alt+PgUp", icon="first", line=True,
                tip="Go to the prior: no observations")  # fmt: skip
BACK = Command("Back", "Observe", run=Stepper.step_back, keys="PgUp", icon="back", tip="Go back one observation")
FORWARD = Command("Forward", "Observe", run=Stepper.step_forward, keys="PgDown", icon="forward",
                  tip="Take one more observation into account")  # fmt: skip
LAST = Command("Last", "Observe", run=Stepper.step_last, keys="Alt+PgDown", icon="last", tip="Use all observations")
PLAY = Command("Play", "Observe", run=Stepper.play, keys="Ctrl+Space", icon="play", while_running=("Pause", "pause"),
               tip="Play: add the observations one by one")  # fmt: skip
Stepper.commands = (FIRST, BACK, FORWARD, LAST, PLAY)
