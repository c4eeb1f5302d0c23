"""Ledger: what each thing that was seen of the image was worth, given those before it."""

from __future__ import annotations

from typing import Any, ClassVar

from engine.latent.scene import Scene

from engine.document import Document
from engine.latent.document import Latent
from engine.latent.inputs.input import Blank
from engine.latent.observations.brushed import Brushed
from engine.latent.unboxing import brushing
from engine.latent.unboxing.ledger import Ledger as Found
from engine.latent.unboxing.observed_image import MeasurementPlace
from engine.plane import Viewport, subscript
from gui.page.panel import Place
from gui.page.shared.ledger_panel import LedgerPanel
from gui.page.shared.ledger_table import LedgerRows
from gui.page.store import Edit
from gui.widgets.numbers import nats

ONCE = Viewport(0, 1, 0, 1, 1, 1)  # all rows, however many are on the screen
NO_IMAGE = "No image is looked into yet. Choose one in the Gallery, or draw one on the Sketch pad."
NOT_SEEN = "Nothing of the image is seen yet: brush over it in the panel Observed image."
LOADING = "What was seen is being weighed."
SINGLE = "Only strokes can be {}: look at the image by brushing over it."
COLUMNS = (
    ("n", "The order in which it was seen: drag a row, or press Alt+↑ and Alt+↓, to change it. ▸ is the present step."),
    ("seen", "What was seen, that was not seen before."),
    ("ln p", "ln p(seen now | seen before), in nats: how well it was predicted."),
    ("gained", "KL(p(z | seen with it) ‖ p(z | seen before)), in nats: by how much it changed what is believed of z."),
    ("ln evidence", "ln p(everything seen so far), in nats: the sum of ln p down to here."),
)


class Rows(LedgerRows):
    """The ledger of a scene; those that wait are pale."""

    columns = COLUMNS
    in_words = frozenset({1})

    def __init__(self) -> None:
        super().__init__()
        self.found: Found | None = None

    def show_found(self, found: Found | None, step: int) -> None:
        """Take other rows, or only other numbers in them."""
        self.found = found
        self.take(0, len(found.what) if found else 0, step)

    def is_pale(self, n: int) -> bool:
        return n >= self.step

    def text(self, n: int, column: int) -> str:
        assert self.found is not None
        if column == 1:
            return self.found.what[n]
        return nats(float((self.found.gain, self.found.information, self.found.evidence)[column - 2][n]))


class Ledger(LedgerPanel):
    """Ledger."""

    title: ClassVar[str] = "Ledger"
    role = "evidence"
    draws = "latent_ledger"
    hint = "Enter, double-click: step there · Drag: reorder strokes · Delete: take a stroke back"
    place = Place(110, "Completions", "tab", 54, 48, "unboxing")
    sentence = (
        "What each thing that was seen of the image was worth, given those before it, in nats. In another order the "
        "single numbers change and their sum, ln p of everything seen, does not: drag a stroke to see it. ▸ is the "
        "present step, pale rows wait for a later one; Enter steps to a row, Delete takes a stroke back, Alt+↑ and "
        "Alt+↓ move it."
    )
    equation = r"\ln p_\theta(s_1,\dots,s_N)=\sum_n\ln p_\theta(s_n\mid s_1,\dots,s_{n-1})"
    rows: Rows

    def __init__(self) -> None:
        super().__init__(Rows(), "Ledger of what was seen")
        self.document = Latent()
        self.notice.say(NO_IMAGE)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        if isinstance(document.input, Blank):
            self.notice.say(NO_IMAGE)
        elif not document.observation.steps:
            self.notice.say(NOT_SEEN)
        else:
            self.notice.say("" if self.rows.rowCount() else LOADING)

    def fill(self, scene: Scene) -> None:
        found: Found | None = scene.pictures.get(self.draws)
        self.rows.show_found(found, scene.document.step)
        self.echo(self.document)
        self.caption_changed.emit(caption(found, scene.document.step) if found else "")

    def part(self, scene: Scene) -> Any:
        """The step is another one in another scene with the same rows."""
        found = super().part(scene)
        return found if found is not self.drawn or self.rows.step == scene.document.step else scene

    def appear(self, seen: bool) -> None:
        self.viewport_changed.emit(self.draws, ONCE if seen else None)

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
        self._need_strokes("taken back")
        return Edit("Take a stroke back", brushing.without(self.document, n))

    def _need_strokes(self, done: str) -> None:
        if not isinstance(self.document.observation, Brushed):
            raise ValueError(SINGLE.format(done))


def caption(found: Found, step: int) -> str:
    """The sum of the gains up to the present step."""
    if not step:
        return "nothing is seen at this step"
    names = f"s₁…s{subscript(step)}" if len(found.what) > 1 else "seen"
    same = ", the same in any order" if step > 1 else ""
    return f"ln p({names}) = {nats(float(found.evidence[step - 1]))} nats{same}"
