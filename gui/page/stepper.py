"""A view whose document is taken in step by step, one observation after the other, by hand or by itself."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent

from engine.document import Document
from gui.page.view import View

BEAT = 800  # milliseconds from one observation to the next


class SteppingView(View):
    """The verbs of stepping and playing. Abstract: a subclass says how far its document has come by `position`."""

    def __init__(self) -> None:
        super().__init__()
        self.player = QTimer(self)
        self.player.setInterval(BEAT)
        self.player.timeout.connect(self._on_beat)
        self._played: Document | None = None

    def stepped(self, n: int) -> Document:
        """The document with its first `n` observations taken into account, as far as there are so many."""
        raise NotImplementedError

    @property
    def _at(self) -> tuple[int, int]:
        return self.position or (0, 0)

    def step_first(self) -> None:
        """To before the first observation."""
        self._step(0)

    def step_back(self) -> None:
        """One observation fewer."""
        self._step(self._at[0] - 1)

    def step_forward(self) -> None:
        """One observation more."""
        self._step(self._at[0] + 1)

    def step_last(self) -> None:
        """To after the last observation."""
        self._step(self._at[1])

    def _step(self, n: int) -> None:
        if self.position is not None:
            self._go(self.stepped(n))

    def _go(self, document: Any) -> None:
        self.edit(f"Step to {document.step}", document, "step")

    def play(self) -> None:
        """One observation more at every beat, from the start again if all are there; or pause."""
        if self.player.isActive():
            self.pause()
            return
        self.player.start()
        self.switched.emit("play", True)
        step, last = self._at
        self._beat(0 if step == last else step + 1)

    def pause(self) -> None:
        """Play no more."""
        if self.player.isActive():
            self.player.stop()
            self.switched.emit("play", False)

    def _on_beat(self) -> None:
        self._beat(self._at[0] + 1)

    def _beat(self, n: int) -> None:
        self._played = self.stepped(n)
        self._go(self._played)
        if n > 0 and self._at[0] == self._at[1]:
            self.pause()

    def echo(self, document: Document) -> None:
        """Whoever does something else stops the playing."""
        if document is not self._played:
            self.pause()
        super().echo(document)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        self.pause()
