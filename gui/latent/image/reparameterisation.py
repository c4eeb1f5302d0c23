"""Reparameterisation: ε and z = μ + σ ⊙ ε point by point, and why the gradient is taken along that path."""

from __future__ import annotations

from typing import Any

import numpy as np
from engine.latent.scene import LatentPlace, Scene
from msgspec.structs import replace
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from engine.document import Document
from engine.latent.document import Latent
from engine.latent.image.reparameterisation import (
    COUNTS,
    PARAMETERS,
    GaussianQ,
    Linked,
    ReparameterisationSettings,
    sample,
)
from engine.latent.image.reparameterisation import Reparameterisation as Trick
from engine.latent.inputs.input import Blank, FromData
from engine.plane import Viewport
from gui.forms.form_line import FormLine
from gui.page.panel import Place
from gui.page.plot_panel import PlotPanel
from gui.page.store import Edit
from gui.plots.curves.estimates import EstimatesPlot, SpreadPlot
from gui.plots.images.drawn_strip import DrawnStrip
from gui.plots.planes.linked import LinkedPlot
from gui.widgets.elided import Elided
from gui.widgets.notice import Notice
from gui.widgets.numbers import shown
from gui.widgets.scrolling import scrolling

GRIPS = 3  # handles of the z plane that are no points: the centre and the two widths
HOME = Viewport(-3.2, 3.2, -3.2, 3.2)
ROOM = 3.2  # standard deviations of q to each side of its mean
NO_IMAGE = "Choose an image in the Gallery, or press “Next test image”, to see the gradient of its ELBO."


class Reparameterisation(PlotPanel):
    """Reparameterisation."""

    plane, draws = "epsilon", "reparameterisation"
    hint = "Drag a point: its z and its picture follow · Right-click: put it back · Wheel: zoom"
    title = "Reparameterisation"
    role = "variational"
    place = Place(16, "The plane", "tab", 50)
    sentence = (
        "Noise ε that knows nothing of q, on the left, becomes a sample z of q, on the right, by a shift and a stretch "
        "through which one can differentiate. Below, the gradient of the image's ELBO from K samples, again and "
        "again: by the score function, which only knows how good each z was, and along z = μ + σ ⊙ ε. "
        "Both are right on average; what one training step sees is their scatter."
    )
    equation = (
        r"\nabla\mathcal{L}=\mathbb{E}_q[f(\mathbf{z})\,\nabla\ln q(\mathbf{z})]"
        r"=\mathbb{E}_{\boldsymbol{\varepsilon}}[\nabla f(\boldsymbol{\mu}+\boldsymbol{\sigma}\odot"
        r"\boldsymbol{\varepsilon})],\quad f=\ln p(\mathbf{x},\mathbf{z})-\ln q(\mathbf{z})"
    )

    def __init__(self) -> None:
        self.epsilon = LinkedPlot("Noise: the plane of ε", ("ε₀", "ε₁"), HOME)
        super().__init__(self.epsilon)
        self.z = LinkedPlot("Samples of q: the plane of z", ("z₀", "z₁"), HOME)
        self.strip = DrawnStrip("Decoded samples of q", "They appear when the model is loaded.", side=42)
        self.estimates = EstimatesPlot("Estimates of the gradient, two ways", "estimate, in nats")
        self.spread = SpreadPlot("Standard deviation of the estimates over the number of samples K")
        self.words = Elided("How far the estimates scatter")
        self.gradient_words = Elided("The gradient itself", pale=True)
        self.lacking = Notice(self.estimates)
        self.hand, self.points = FormLine(GaussianQ), FormLine(Trick, only=("points",))
        self.form = FormLine(Trick, only=("parameter", "samples"))
        self.linked: Linked | None = None
        self._dragging = False
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.column.removeWidget(self.epsilon)
        self.column.addLayout(_row(*self._buttons(), self.points, margin=6))
        self.column.addWidget(self.hand)
        self.hand.rows.setContentsMargins(10, 0, 10, 4)
        self.column.addLayout(_row(self.epsilon, self.z), 5)
        self.column.addWidget(scrolling(self.strip), 2)
        self.column.addLayout(_row(self.form, margin=4))
        self.column.addLayout(_row(self.words, margin=1))
        self.column.addLayout(_row(self.estimates, self.spread), 4)
        self.column.addLayout(_row(self.gradient_words, margin=2))

    def _buttons(self) -> list[QPushButton]:
        self.fresh, self.back = QPushButton("Fresh draws"), QPushButton("Encoder's q")
        self.next = QPushButton("Next test image")
        for button, what, slot in (
            (self.fresh, "Draw other ε", self._on_fresh),
            (self.back, "Put μ and σ back to what the encoder says of the image", self._on_back),
            (self.next, "Choose the next of the test images", self._on_next),
        ):
            button.setToolTip(what)
            button.setAccessibleName(what)
            button.clicked.connect(slot)
        return [self.fresh, self.back, self.next]

    def _connect(self) -> None:
        self.z.setAccessibleDescription(f"{self.sentence} Drag the squares to move q.")
        self.z.moved.connect(self._on_z_moved)
        self.z.left.connect(self._on_left)
        self.z.dragged.connect(self._on_z_dragged)
        self.z.dropped.connect(self._on_dropped)
        self.z.removed.connect(self._on_z_removed)
        self.z.menu_wanted.connect(self.menu_wanted)
        self.estimates.viewport_changed.connect(self._on_estimates_viewport_changed)
        self.strip.pointed.connect(self._highlight)
        self.hand.changed.connect(self._on_hand)
        self.form.changed.connect(self._on_form)
        self.points.changed.connect(self._on_form)

    # What the user does

    def place_at(self, x: float, y: float) -> LatentPlace | None:
        """ε stands for the z that is made of it."""
        if self.linked is None:
            return None
        q = self._q
        return self._place_of(sample(q.mean, q.deviation, np.array([x, y])))

    def _place_of(self, z: Any) -> LatentPlace:
        across, up = self.document.chart.to_place(z)
        return LatentPlace(float(across), float(up))

    def _on_clicked(self, x: float, y: float) -> None:
        """A click highlights, which hovering does as well."""
        self._highlight(self.epsilon.hit(x, y))

    def _on_moved(self, x: float, y: float) -> None:
        super()._on_moved(x, y)
        self._highlight(self.epsilon.hit(x, y))

    def _on_z_moved(self, x: float, y: float) -> None:
        self.hint_changed.emit("Drag a square: move q · Drag a point: its ε follows · Wheel: zoom")
        if self.document is not None:
            self.probed.emit(self._place_of([x, y]))
        self._highlight(self._point(self.z.hit(x, y)))

    def _on_left(self) -> None:
        super()._on_left()
        self._highlight(None)

    def drag(self, handle: int, x: float, y: float, gesture: object) -> Edit:
        return self._edit("Move ε", self._trick.move(handle, np.array([x, y])), gesture)

    def remove(self, handle: int) -> Edit:
        return self._edit("Put ε back", self._trick.put_back(handle))

    def _on_z_dragged(self, handle: int, x: float, y: float) -> None:
        self._dragging = True
        self._try(self._drag_z, handle, x, y, (id(self), self._gesture))
        self.probed.emit(self._place_of([x, y]))

    def _drag_z(self, handle: int, x: float, y: float, gesture: object) -> Edit:
        q, point = self._q, self._point(handle)
        if point is not None:
            epsilon = (np.array([x, y]) - q.mean) / q.deviation
            return self._edit("Move z", self._trick.move(point, epsilon), gesture)
        changes: dict[str, float] = {"mean_0": x, "mean_1": y}
        if handle:
            axis, wide = handle - 1, abs((x, y)[handle - 1] - q.mean[handle - 1])
            changes = {f"deviation_{axis}": float(np.clip(wide, 1e-3, 10))}
        return self._edit("Move q", replace(self._trick, q=replace(q, **changes)), gesture)

    def _on_dropped(self) -> None:
        super()._on_dropped()
        self._dragging = False
        self._look()

    def _on_z_removed(self, handle: int) -> None:
        point = self._point(handle)
        self._try(self.remove, point) if point is not None else self._on_back()

    @staticmethod
    def _point(handle: int | None) -> int | None:
        """Which point a handle of the z plane is."""
        return handle - GRIPS if handle is not None and handle >= GRIPS else None

    def _on_fresh(self) -> None:
        self.edited.emit(self._edit("Draw fresh ε", self._trick.fresh()))

    def _on_back(self) -> None:
        self.edited.emit(self._edit("Back to the encoder's q", replace(self._trick, q=None)))

    def _on_next(self) -> None:
        known = self.document.input
        index = known.index + 1 if isinstance(known, FromData) and known.held_out else 0
        chosen = self.document.with_input(FromData(index))
        self.edited.emit(Edit("Next test image", chosen.with_setting(replace(chosen.trick, q=None))))

    def _on_hand(self, q: GaussianQ, what: str, gesture: object) -> None:
        self.edited.emit(self._edit(f"Change {what}", replace(self._trick, q=q), gesture))

    def _on_form(self, trick: Trick, what: str, gesture: object) -> None:
        self.edited.emit(self._edit(f"Change {what}", trick, gesture))

    def _edit(self, text: str, trick: Trick, gesture: object = None) -> Edit:
        return Edit(text, self.document.with_setting(trick), gesture)

    # What is shown

    @property
    def _trick(self) -> Trick:
        trick: Trick = self.document[ReparameterisationSettings]
        return trick

    @property
    def _q(self) -> GaussianQ:
        """The q that z is drawn from, as far as it is known."""
        encoder = self.linked.encoder if self.linked else None
        return self._trick.q or encoder or GaussianQ()

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        known = self.document
        super().echo(document)
        self.form.show_part(document[ReparameterisationSettings])
        self.points.show_part(document[ReparameterisationSettings])
        self.back.setEnabled(document.q is not None and not isinstance(document.input, Blank))
        if self.linked is not None and (
            known is None or known[ReparameterisationSettings] is not document[ReparameterisationSettings]
        ):
            self._show_points()

    def draw(self, scene: Scene) -> None:
        found: Linked = scene.pictures[self.draws]
        known, self.linked = self.linked, found
        if known is None or known.encoder != found.encoder:
            self._look()
        if known is None or known.z is not found.z:
            self._show_points()
            self.strip.show_drawn(found.ink, found.epsilon)
        self.caption_changed.emit(f"{found.subject}: z = μ + σ ⊙ ε" if found.subject else "z = μ + σ ⊙ ε")
        self._show_estimates(found)

    def _on_estimates_viewport_changed(self, _: Viewport) -> None:
        self.lacking.setGeometry(self.estimates.area)

    def _show_points(self) -> None:
        q, epsilon = self._q, self._trick.epsilon
        z = sample(q.mean, q.deviation, epsilon)
        self.hand.show_part(q)
        self.epsilon.show_points(np.zeros(2), np.ones(2), epsilon, epsilon, grips=False)
        self.z.show_prior(True)
        self.z.show_points(q.mean, q.deviation, z, epsilon, grips=True)
        self._highlight(self.strip.highlighted)

    def _look(self) -> None:
        """Put q in the middle of the z plane, as large as ε is in its own; not under a hand that drags it."""
        if self._dragging:
            return
        q = self._q
        reach = ROOM * float(q.deviation.max())
        (left, bottom), (right, top) = q.mean - reach, q.mean + reach
        self.z.set_home(Viewport(float(left), float(right), float(bottom), float(top)), stay=True)

    def _highlight(self, point: int | None) -> None:
        """The same point in both planes and among the pictures."""
        epsilon = self._trick.epsilon if self.document is not None else np.empty((0, 2))
        point = point if point is not None and point < len(epsilon) else None
        q = self._q if self.document is not None else GaussianQ()
        there = None if point is None else epsilon[point]
        self.epsilon.highlight(np.zeros(2), there, point or 0)
        self.z.highlight(q.mean, None if there is None else sample(q.mean, q.deviation, there), point or 0)
        self.strip.highlight(point)

    def _show_estimates(self, found: Linked) -> None:
        if found.estimates is None:
            self.estimates.clear()
            self.spread.clear()
            self.lacking.say("The gradient is being estimated." if found.subject else NO_IMAGE)
            self.words.say("")
            self.gradient_words.say("")
            return
        self.lacking.say("")
        trick, which = self._trick, PARAMETERS.index(self._trick.parameter)
        score, pathwise = (way[:, which] for way in found.estimates.averaged(trick.samples))
        exact, error = (float(part[which]) for part in found.estimates.exact)
        spreads = np.array([found.estimates.deviations(count) for count in COUNTS])[:, :, which]
        self.estimates.show_estimates((score, pathwise), exact)
        self.spread.show_spreads(COUNTS, (spreads[:, 0], spreads[:, 1]), trick.samples)
        one, other = spreads[COUNTS.index(trick.samples)]
        self.words.say(
            "Standard deviation",
            ("evidence", f"{figure(one)} score function"),
            ("variational", f"{figure(other)} reparameterised: {figure(one / other)} times"),
        )
        self.gradient_words.say(
            f"{len(score):,} estimates each. Dashed: the gradient, {figure(exact)} ± {shown(error, 3)} nats, "
            f"from {len(found.estimates.pathwise):,} samples."
        )


def _row(*widgets: QWidget, margin: int = 0) -> QHBoxLayout:
    """Side by side and equally wide, if they care; with a margin they are a line of controls."""
    row = QHBoxLayout()
    row.setSpacing(8 if margin else 0)
    row.setContentsMargins(10 if margin else 0, margin, 10 if margin else 0, margin)
    for widget in widgets:
        row.addWidget(widget, 0 if isinstance(widget, QPushButton) else 1)
    return row


def figure(value: float) -> str:
    """Three significant digits, with thousands set apart."""
    return shown(value, 3) if abs(value) < 1000 else f"{float(f'{value:.3g}'):,.0f}".replace("-", "−")
