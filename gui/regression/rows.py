"""The rows of the ledger: observations, and their terms of the log evidence, as texts of table cells."""

from __future__ import annotations

from engine.derived import Scene
from engine.regression.display import Display
from engine.regression.ledger import MOST, Ledger, ledger
from gui.page.shared.ledger_table import LedgerRows
from gui.regression.notation import written
from gui.widgets.numbers import coordinate, nats

COLUMNS = (
    ("n", "The order of the observations. Drag a row, or press Alt+↑ and Alt+↓, to change it. "
          "Untick an observation (Space) to leave it out. ▸ is the present step."),
    ("x", "The x of the observation."),
    ("t", "The measured value."),
    ("surprise", "−ln p(tₙ | t₁…tₙ₋₁), in nats. It is negative where the density is above 1."),
    ("gain", "Expected information gained about the weights, I(tₙ; w | t₁…tₙ₋₁), in nats."),
    ("ln evidence", "ln p(t₁…tₙ), in nats: minus the sum of the surprises so far."),
)  # fmt: skip
NOT_USED, LEFT_OUT = "unused", "left out"
NUMBER = "−00.000"


class Rows(LedgerRows):
    """The ledger of a scene, with the observations that are not used yet below it."""

    columns = COLUMNS
    tickable = True
    widest = ("☑  ▸ 1,000", NUMBER, NUMBER, LEFT_OUT, NUMBER, NUMBER)

    def __init__(self) -> None:
        super().__init__()
        self.scene: Scene | None = None
        self.ledger: Ledger | None = None

    def show_scene(self, scene: Scene) -> None:
        """Show the ledger of `scene`."""
        entries = scene.get(ledger)
        assert entries is not None
        self.scene, self.ledger = scene, entries
        document, first = scene.document, entries.first
        self.take(first, min(len(document.observations), document.step + MOST) - first, document.step)

    def is_left_out(self, n: int) -> bool:
        return self.scene is not None and bool(self.scene.document.is_left_out(n))

    def words(self, text: str) -> str:
        return written(text, self.scene.document[Display].notation if self.scene else "Bishop")

    def text(self, n: int, column: int) -> str:
        assert self.scene is not None and self.ledger is not None
        if column < 3:
            observations = self.scene.document.observations
            return coordinate(float((observations.x, observations.t)[column - 1][n]))
        if self.is_left_out(n):
            return LEFT_OUT if column == 3 else ""
        values = (self.ledger.surprise, self.ledger.gained, self.ledger.evidence)[column - 3]
        if n - self.ledger.first >= len(values):
            return NOT_USED if column == 3 else ""
        return nats(float(values[n - self.ledger.first]))
