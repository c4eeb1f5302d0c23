"""The panel Ledger: one row of the log evidence for each observation, given the observations before it.

The terms are in nats and belong to the model's units: on standardised data the caption says so.
"""

from __future__ import annotations

from typing import Any, ClassVar

from engine.derived import Scene
from engine.document import Document
from engine.regression.document import Regression
from engine.regression.evidence import log_evidence
from engine.regression.ledger import ledger
from engine.regression.probes import Answer, ObservationPlace
from engine.regression.weight_space import names_of
from gui.page.panel import Place
from gui.page.shared.ledger_panel import LedgerPanel
from gui.page.store import Edit
from gui.regression.rows import Rows
from gui.regression.truth_and_data import DRAW_ONE
from gui.regression.weight_space import NO_OBSERVATION
from gui.widgets.numbers import nats, shown


class Ledger(LedgerPanel):
    """The panel Ledger."""

    title: ClassVar[str] = "Ledger"
    role = "evidence"
    shows = (ledger, log_evidence)
    hint = "Space: leave out · Drag: reorder · Enter: step · Delete: remove"
    place = Place(10, "Evidence", "tab", 48, 50)
    sentence = (
        "The log evidence, split into one term for each observation in their order, in nats. Drag a row, or press "
        "Alt+↑ and Alt+↓: in another order the terms change, but their sum does not. Untick an observation, or press "
        "Space, to leave it out. ▸ is the present step; Enter steps to a row; Delete removes it."
    )
    equation = r"\ln p(\mathbf{t})=\sum_n\ln p(t_n\mid t_1,\dots,t_{n-1})"

    rows: Rows

    def __init__(self) -> None:
        super().__init__(Rows(), "Ledger of the observations")
        self.document = Regression()
        self.notice.offer(NO_OBSERVATION, "Draw one", DRAW_ONE)
        self.notice.asked.connect(self.requested)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Regression)
        self.document = document
        self.notice.say("" if len(document.observations) else NO_OBSERVATION)

    def draw(self, scene: Scene) -> None:
        if ledger not in scene:
            return
        super().draw(scene)
        self.caption_changed.emit(caption(scene))

    def fill(self, scene: Scene) -> None:
        self.rows.show_scene(scene)

    def reveal(self, answer: Answer | None) -> None:
        """Highlight the row of the observation under the cursor; without one, that of the selected observation."""
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
            return Edit(f"Use observation {n + 1} again", self.document.take_in(n))
        return Edit(f"Leave observation {n + 1} out", self.document.leave_out(n))


def caption(scene: Scene) -> str:
    """Return the log evidence, and the number of observations that are left out of it."""
    document, n = scene.document, scene.document.count
    left_out = document.step - n
    rows = scene.get(ledger)
    height = with_error(scene.get(log_evidence) or 0.0, rows.error if rows else 0.0)
    total = f"ln p({names_of(document, n)}) = {height}, the same in any order"
    texts = [total if document.units.are_original else f"{total}, of standardised t"] if n else []
    return ", ".join([*texts, f"{left_out} left out"] if left_out else texts)


def with_error(height: float, error: float) -> str:
    """Return a log evidence in nats, with its stated error if it is sampled."""
    if not error:
        return f"{nats(height)} nats"
    if error == float("inf"):
        return f"{nats(height)} nats (by Laplace's approximation)"
    return f"{nats(height)} ± {shown(error, 1)} nats (sampled)"
