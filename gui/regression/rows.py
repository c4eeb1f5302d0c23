"""Rows: what each observation was worth, in the cells of the ledger."""

from __future__ import annotations

from engine.derived import Scene
from engine.regression.display import Display
from engine.regression.ledger import MOST, Ledger, ledger
from gui.page.shared.ledger_table import LedgerRows
from gui.regression.notation import written
from gui.widgets.numbers import coordinate, nats

COLUMNS = (
    ("n", "The order in which they were observed: drag a row, or press Alt+↑ and Alt+↓, to change it. "
          "Untick an observation (Space) to leave it out. ▸ is the present step."),
    ("x", "Where it was observed."),
    ("t", "What was observed."),
    ("surprise", "−ln p(tₙ | the ones before), in nats: how badly it was predicted."),
    ("gained", "I(t; w | the ones before), in nats: by how much it narrows the weights, on average over t."),
    ("ln evidence", "ln p(t₁…tₙ), in nats: minus the sum of the surprises so far."),
)  # fmt: skip


class Rows(LedgerRows):
    """The ledger of a scene, and the observations that wait for a later step below it."""

    columns = COLUMNS
    tickable = True

    def __init__(self) -> None:
        super().__init__()
        self.scene: Scene | None = None
        self.ledger: Ledger | None = None

    def show_scene(self, scene: Scene) -> None:
        """Take other rows, or only other numbers in them."""
        found = scene.get(ledger)
        assert found is not None
        self.scene, self.ledger = scene, found
        document, first = scene.document, found.first
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
            return "left out" if column == 3 else ""
        values = (self.ledger.surprise, self.ledger.gained, self.ledger.evidence)[column - 3]
        if n - self.ledger.first >= len(values):
            return "waits" if column == 3 else ""
        return nats(float(values[n - self.ledger.first]))
