"""The panel Ledger of the selected image: the log evidence, with one term for each observation."""

from __future__ import annotations

from typing import Any, ClassVar

from engine.derived import Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.inputs.input import Blank
from engine.latent.observations.brushed import Brushed
from engine.latent.probes import MeasurementPlace
from engine.latent.unboxing import brushing, ledger
from engine.latent.unboxing.latent_space import NO_IMAGE
from engine.latent.unboxing.observation import approximation
from engine.plane import subscript
from gui.latent.unboxing.offers import offer_ways_out
from gui.page.panel import Place
from gui.page.shared.ledger_panel import LedgerPanel
from gui.page.shared.ledger_table import LedgerRows
from gui.page.store import Edit
from gui.widgets.numbers import nats

NOT_SEEN = "No observations yet. Brush over the panel Observed image, with the mouse or with arrows and Enter."
LOADING = "Computing…"
SINGLE = "Only strokes can be {}. Brush over the panel Observed image to make strokes."
COLUMNS = (
    ("n", "The position in the order: drag a row, or press Alt+↑ or Alt+↓, to change it. ▸ marks the present step."),
    ("observed", "New pixels of this observation."),
    ("ln p", "ln p(this observation | earlier ones), in nats."),
    ("gained", "KL(p(z | this and earlier ones) ‖ p(z | earlier ones)), in nats: the information gain about z."),
    ("ln evidence", "ln p(all observations so far), in nats: the sum of ln p up to this row."),
)


class Rows(LedgerRows):
    """The rows of the ledger of a scene; observations after the present step are pale."""

    columns = COLUMNS
    in_words = frozenset({1})

    def __init__(self) -> None:
        super().__init__()
        self.ledger: ledger.Ledger | None = None

    def show_step(self, step: int) -> None:
        """Mark `step` as the present step."""
        if step != self.step:
            self.take(self.first, self.rowCount(), step)

    def show_ledger(self, ledger_: ledger.Ledger | None, step: int) -> None:
        """Show another ledger; no rows for None."""
        self.ledger = ledger_
        self.take(0, len(ledger_.what) if ledger_ else 0, step)

    def is_pale(self, n: int) -> bool:
        return n >= self.step

    def text(self, n: int, column: int) -> str:
        assert self.ledger is not None
        if column == 1:
            return self.ledger.what[n]
        return nats(float((self.ledger.gain, self.ledger.information, self.ledger.evidence)[column - 2][n]))


class Ledger(LedgerPanel):
    """The panel Ledger."""

    title: ClassVar[str] = "Ledger"
    role = "evidence"
    shows = (ledger.ledger, approximation)
    hint = "Double-click, or Enter: step to the row · Drag: reorder strokes · Delete: remove a stroke"
    place = Place(110, "Completions", "tab", 54, 48, "unboxing")
    sentence = (
        "The log evidence, with one term for each observation, in nats. In another order the terms change, but their "
        "sum does not: drag a stroke, or press Alt+↑ or Alt+↓. ▸ marks the present step; pale rows are later "
        "observations. Enter steps to a row, Delete removes a stroke."
    )
    equation = r"\ln p_\theta(s_1,\dots,s_N)=\sum_n\ln p_\theta(s_n\mid s_1,\dots,s_{n-1})"
    rows: Rows

    def __init__(self) -> None:
        super().__init__(Rows(), "Ledger of the observations")
        self.document = Latent()
        self.notice.say(NO_IMAGE)
        offer_ways_out(self.notice, self)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self.rows.show_step(document.step)
        if isinstance(document.input, Blank):
            self.notice.say(NO_IMAGE)
        elif not document.observation.steps:
            self.notice.say(NOT_SEEN)
        else:
            self.notice.say("" if self.rows.rowCount() else LOADING)

    def fill(self, scene: Scene) -> None:
        values = scene.get(ledger.ledger)
        self.rows.show_ledger(values, scene.document.step)
        self.echo(self.document)
        mark = scene.get(approximation) or ""
        self.caption_changed.emit(caption(values, scene.document.step) + mark if values else "")

    @property
    def count(self) -> int:
        return int(self.document.observation.steps)

    def place_of(self, n: int) -> MeasurementPlace:
        return MeasurementPlace(n)

    def chosen_in(self, place: Any) -> int | None:
        return place.n if isinstance(place, MeasurementPlace) else None

    def step_to(self, n: int) -> Edit:
        stepped = self.document.step_to(n)
        return Edit(f"Step to {stepped.step}", stepped, "step")

    def reorder(self, n: int, to: int) -> Edit:
        self._need_strokes("reordered")
        return Edit("Reorder strokes", brushing.reordered(self.document, n, to))

    def remove(self, n: int) -> Edit:
        self._need_strokes("removed")
        return Edit("Remove stroke", brushing.without(self.document, n))

    def _need_strokes(self, done: str) -> None:
        if not isinstance(self.document.observation, Brushed):
            raise ValueError(SINGLE.format(done))


def caption(values: ledger.Ledger, step: int) -> str:
    """Return a text with the log evidence of the first `step` observations, in nats."""
    if not step:
        return "no observations at this step"
    names = f"s₁…s{subscript(step)}" if len(values.what) > 1 else "seen"
    same = ", the same in any order" if step > 1 else ""
    return f"ln p({names}{values.given}) = {nats(float(values.evidence[step - 1]))} nats{same}"
