"""Ledger: what each observation was worth, given those before it."""

from __future__ import annotations

from typing import Any, ClassVar

from engine.derived import Scene
from engine.document import Document
from engine.plane import subscript
from engine.regression.document import Regression
from engine.regression.evidence import log_evidence
from engine.regression.ledger import ledger
from engine.regression.probes import Answer, ObservationPlace
from gui.page.panel import Place
from gui.page.shared.ledger_panel import LedgerPanel
from gui.page.store import Edit
from gui.regression.rows import Rows
from gui.widgets.numbers import nats


class Ledger(LedgerPanel):
    """Ledger."""

    title: ClassVar[str] = "Ledger"
    role = "evidence"
    shows = (ledger, log_evidence)
    hint = "Space: leave out · Drag: reorder · Enter: step · Delete: remove"
    place = Place(9, "Uncertainty budget", "tab", 81, 50)
    sentence = (
        "What each observation was worth, given those before it, in nats. In another order the single numbers change "
        "and their sum, the log evidence, does not: drag a row to see it. Untick an observation to leave it out. "
        "▸ is the present step; Enter steps to a row, Delete removes it, Alt+↑ and Alt+↓ move it, Space ticks it."
    )
    equation = r"\ln p(\mathbf{t})=\sum_n\ln p(t_n\mid t_1,\dots,t_{n-1})"

    rows: Rows

    def __init__(self) -> None:
        super().__init__(Rows(), "Ledger of the observations")
        self.document = Regression()

    def echo(self, document: Document) -> None:
        assert isinstance(document, Regression)
        self.document = document
        self.notice.say("" if len(document.observations) else "No observation yet: click in data space to make one.")

    def draw(self, scene: Scene) -> None:
        if ledger not in scene:
            return
        super().draw(scene)
        self.caption_changed.emit(caption(scene))

    def fill(self, scene: Scene) -> None:
        self.rows.show_scene(scene)

    def reveal(self, answer: Answer | None) -> None:
        """The row of the observation under the cursor, and when the cursor has left, of the one that is selected."""
        self.show_observation(answer.entry.n if answer and answer.entry else self.chosen)

    @property
    def count(self) -> int:
        return len(self.document.observations)

    def place_of(self, n: int) -> ObservationPlace:
        return ObservationPlace(n)

    def chosen_in(self, place: Any) -> int | None:
        return place.n if isinstance(place, ObservationPlace) else None

    def step_to(self, n: int) -> Edit:
        stepped = self.document.step_to(n)
        return Edit(f"Step to {stepped.step}", stepped, "step")

    def reorder(self, n: int, to: int) -> Edit:
        return Edit("Reorder observations", self.document.reorder(n, to))

    def remove(self, n: int) -> Edit:
        return Edit("Remove observation", self.document.remove(n))

    def tick(self, n: int, taken: bool) -> Edit:
        if taken:
            return Edit(f"Take observation {n + 1} in again", self.document.take_in(n))
        return Edit(f"Leave observation {n + 1} out", self.document.leave_out(n))


def caption(scene: Scene) -> str:
    """The sum of the surprises, and of how many observations it is not."""
    document, n = scene.document, scene.document.count
    out = document.step - n
    total = f"ln p(t₁…t{subscript(n)}) = {nats(scene.get(log_evidence) or 0.0)} nats, the same in any order"
    parts = [total if document.units.are_original else f"{total}, of standardised t"] if n else []
    return ", ".join([*parts, f"{out} left out"] if out else parts)
