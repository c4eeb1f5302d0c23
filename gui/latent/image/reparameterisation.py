"""The panel Reparameterisation: points ε, their z = μ + σ ⊙ ε, and two estimators of the gradient of the ELBO."""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec.structs import replace
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.derived import ANYWHERE, Derived, Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.gaussian_q import GaussianQ, rounded
from engine.latent.image.gallery import next_test_image
from engine.latent.image.reparameterisation import (
    Linked,
    ReparameterisationSettings,
    draw_new_epsilon,
    reparameterisation,
    sample,
)
from engine.latent.inputs.input import Blank
from engine.latent.probes import LatentPlace
from engine.latent.unboxing.latent_space import NO_IMAGE
from engine.plane import Viewport
from gui.forms.form_line import FormLine
from gui.latent.image.encoder_and_decoder import OTHERS
from gui.latent.image.gradient_estimates import GradientEstimates
from gui.latent.unboxing.offers import offer_ways_out
from gui.page.commands import Command
from gui.page.panel import Place
from gui.page.plot_panel import PlotPanel
from gui.page.store import Edit
from gui.plots.axes import rounded_to_pixels
from gui.plots.images.drawn_strip import DrawnStrip
from gui.plots.planes.linked import LinkedPlot
from gui.widgets.controls import Button
from gui.widgets.numbers import shown
from gui.widgets.rows.flow import flowing
from gui.widgets.rows.stacking import Stacking, stacked
from gui.widgets.scrolling import scrolling

GRIPS = 3  # handles of q in the z plane, before those of the points: the centre and the two widths
HOME = Viewport(-3.2, 3.2, -3.2, 3.2)
ROOM = 3.2  # half width of the z plane, in standard deviations of q

NEW_EPSILON = Command("Draw new ε", "Model", edit=draw_new_epsilon, tip="Draw new ε in the panel Reparameterisation")
NEXT = Command("Next test image", "Observe", edit=next_test_image, brings=False,
               tip="Select the next test image")  # fmt: skip


class Reparameterisation(PlotPanel):
    """The panel Reparameterisation."""

    plane = "epsilon"
    shows = (reparameterisation,)
    commands = (NEW_EPSILON, NEXT)
    hint = "Drag a point: its z and its image follow · Right-click: reset it · Wheel: zoom"
    title = "Reparameterisation"
    role = "variational"
    place = Place(18, "The plane", "tab", 50, folds=True)
    sentence = (
        "Left: noise ε, which does not depend on q. Right: the samples z = μ + σ ⊙ ε of q; this map is differentiable. "
        "Below: estimates of the gradient of the ELBO, each from K samples, by the score function and by "
        "reparameterisation. Both are unbiased. A training step uses one estimate, so the standard deviation matters."
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
        self.strip = DrawnStrip("Decoded samples of q", "Loading the model…", side=42)
        self.gradient = GradientEstimates()
        self.q_form = FormLine(GaussianQ)
        self.points = FormLine(ReparameterisationSettings, only=("points", "differences"))
        self.form = FormLine(ReparameterisationSettings, only=("parameter", "samples"))
        self.linked: Linked | None = None
        self.scale = ""  # in words, of the colours of the differences
        self._dragging = False
        offer_ways_out(self.gradient.notice, self)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.column.removeWidget(self.epsilon)
        self.epsilon.setParent(None)  # Tab visits the widgets in the order in which the panel gets them
        first = flowing(*self._buttons(), self.points, gap=8, margins=(10, 6, 10, 6))
        self.q_form.rows.setContentsMargins(10, 0, 10, 4)
        planes, images = QWidget(), scrolling(self.strip)
        row = QHBoxLayout(planes)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.epsilon)
        row.addWidget(self.z)
        controls = stacked(first, self.q_form, gap=0)
        samples, estimates = stacked((planes, 4), (images, 2), gap=0), stacked(self.form, self.gradient, gap=0)
        self.form.rows.setContentsMargins(10, 4, 10, 4)
        # The two lines of text of the gradient leave less for its plots.
        parts = ("Controls", controls, 0), ("Samples", samples, 7), ("Gradient", estimates, 6)
        self.column.addWidget(Stacking(*parts, front=1))

    def _buttons(self) -> list[Button]:
        self.new, self.reset = Button("New ε"), Button("Reset q")
        self.next = Button("Next test image")
        for button, tip, slot in (
            (self.new, "Draw new ε", lambda: self.requested.emit(NEW_EPSILON)),
            (self.reset, "Reset μ and σ to those of the encoder", self._on_reset),
            (self.next, "Select the next test image", self._on_next),
        ):
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.clicked.connect(slot)
        return [self.new, self.reset, self.next]

    def _connect(self) -> None:
        self.z.usage = f"{self.sentence} Drag the squares to move q."
        self.z.moved.connect(self._on_z_moved)
        self.z.left.connect(self._on_left)
        self.z.dragged.connect(self._on_z_dragged)
        self.z.dropped.connect(self._on_dropped)
        self.z.removed.connect(self._on_z_removed)
        self.z.menu_wanted.connect(self.menu_wanted)
        self.strip.pointed.connect(self._highlight)
        self.q_form.changed.connect(self._on_q_form)
        self.form.changed.connect(self._on_form)
        self.points.changed.connect(self._on_form)

    # Actions of the user

    def place_at(self, x: float, y: float) -> LatentPlace | None:
        """Return the place of z = μ + σ ⊙ ε for the cursor at ε = (x, y)."""
        if self.linked is None:
            return None
        q = self._q
        return self._place_of(sample(q.mean, q.deviation, np.array([x, y])))

    def _place_of(self, z: Any) -> LatentPlace:
        across, up = self.document.chart.to_place(z)
        return LatentPlace(float(across), float(up))

    def _on_clicked(self, x: float, y: float) -> None:
        """Highlight the point, as hovering does."""
        self._highlight(self.epsilon.hit(x, y))

    def _on_moved(self, x: float, y: float) -> None:
        super()._on_moved(x, y)
        self._highlight(self.epsilon.hit(x, y))

    def _on_z_moved(self, x: float, y: float) -> None:
        self.hint_changed.emit("Drag a square: move q · Drag a point: its ε follows · Wheel: zoom")
        if self.document is not None:
            self.probed.emit(self._place_of([x, y]))
        self._highlight(_point(self.z.hit(x, y)))

    def _on_left(self) -> None:
        super()._on_left()
        self._highlight(None)

    def drag(self, handle: int, x: float, y: float, gesture: object) -> Edit:
        return self._edit("Move ε", self._settings.move(handle, np.array([x, y])), gesture)

    def remove(self, handle: int) -> Edit:
        return self._edit("Reset ε", self._settings.put_back(handle))

    def _on_z_dragged(self, handle: int, x: float, y: float) -> None:
        self._dragging = True
        self._try(self._drag_z, handle, *rounded_to_pixels(self.z.shown, x, y), (id(self), self._gesture))
        self.probed.emit(self._place_of([x, y]))

    def _drag_z(self, handle: int, x: float, y: float, gesture: object) -> Edit:
        q, point = self._q, _point(handle)
        if point is not None:
            epsilon = (np.array([x, y]) - q.mean) / q.deviation
            return self._edit("Move z", self._settings.move(point, epsilon), gesture)
        changes: dict[str, float] = {"mean_0": x, "mean_1": y}
        if handle:
            axis, wide = handle - 1, abs((x, y)[handle - 1] - q.mean[handle - 1])
            changes = {f"deviation_{axis}": float(np.clip(wide, 1e-3, 10))}
        return Edit("Move q", self.document.with_q(replace(q, **changes)), gesture)

    def _on_dropped(self) -> None:
        super()._on_dropped()
        self._dragging = False
        self._centre()

    def _on_z_removed(self, handle: int) -> None:
        point = _point(handle)
        self._try(self.remove, point) if point is not None else self._on_reset()

    def _on_reset(self) -> None:
        self.edited.emit(Edit("Reset q to the encoder's q", self.document.with_q(None)))

    def _on_next(self) -> None:
        self.requested.emit(NEXT)

    def _on_q_form(self, q: GaussianQ, what: str, gesture: object) -> None:
        self.edited.emit(Edit(f"Change {what}", self.document.with_q(q), gesture))

    def _on_form(self, settings: ReparameterisationSettings, what: str, gesture: object) -> None:
        self.edited.emit(self._edit(f"Change {what}", settings, gesture))

    def _edit(self, text: str, settings: ReparameterisationSettings, gesture: object = None) -> Edit:
        return Edit(text, self.document.with_setting(settings), gesture)

    # Display

    @property
    def _settings(self) -> ReparameterisationSettings:
        settings: ReparameterisationSettings = self.document[ReparameterisationSettings]
        return settings

    @property
    def _q(self) -> GaussianQ:
        """The q from which z is drawn; the prior until the encoder's q is computed."""
        encoder = self.linked.encoder if self.linked else None
        return self.document.q or encoder or GaussianQ()

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        before = self.document
        super().echo(document)
        self.z.set_axes(document.slice.names)
        self.form.show_part(document[ReparameterisationSettings])
        self.points.show_part(document[ReparameterisationSettings])
        self.reset.setEnabled(document.q is not None and not isinstance(document.input, Blank))
        settings = document[ReparameterisationSettings]
        if self.linked is not None and (before is None or (before.q, before[type(settings)]) != (document.q, settings)):
            self._show_points()

    def viewport_of(self, key: Derived[Any]) -> Viewport | None:
        return ANYWHERE

    def draw(self, scene: Scene) -> None:
        linked = scene.get(reparameterisation)
        if linked is None:
            return
        before, self.linked = self.linked, linked
        if before is None or before.encoder != linked.encoder:
            self._centre()
        if before is None or before.z is not linked.z:
            self._show_points()
            self.scale = _show_images(self.strip, linked)
        caption = f"{linked.image}: z = μ + σ ⊙ ε" if linked.image else "z = μ + σ ⊙ ε"
        self.caption_changed.emit(f"{caption}{OTHERS if linked.sliced else ''}{self.scale}")
        if linked.estimates is not None:
            self.gradient.show_estimates(linked.estimates, self._settings)
        else:
            self.gradient.clear("Computing the gradient…" if linked.image else NO_IMAGE)

    def _show_points(self) -> None:
        q, epsilon = self._q, self._settings.epsilon
        z = sample(q.mean, q.deviation, epsilon)
        self.q_form.show_part(q if self.document.q else rounded(q))
        self.epsilon.show_points(np.zeros(2), np.ones(2), epsilon, epsilon, grips=False)
        self.z.show_prior(True)
        self.z.show_points(q.mean, q.deviation, z, epsilon, grips=True)
        self._highlight(self.strip.highlighted)

    def _centre(self) -> None:
        """Centre the z plane on q and scale it as the plane of ε; leave it unchanged while q is dragged."""
        if self._dragging:
            return
        q = self._q
        reach = ROOM * float(q.deviation.max())
        (left, bottom), (right, top) = q.mean - reach, q.mean + reach
        self.z.set_home(Viewport(float(left), float(right), float(bottom), float(top)), stay=True)

    def _highlight(self, point: int | None) -> None:
        """Highlight a point in both planes, and its image; None for no point."""
        epsilon = self._settings.epsilon if self.document is not None else np.empty((0, 2))
        point = point if point is not None and point < len(epsilon) else None
        q = self._q if self.document is not None else GaussianQ()
        noise = None if point is None else epsilon[point]
        self.epsilon.highlight(np.zeros(2), noise, point or 0)
        self.z.highlight(q.mean, None if noise is None else sample(q.mean, q.deviation, noise), point or 0)
        self.strip.highlight(point)


def _point(handle: int | None) -> int | None:
    """Return the point that belongs to a handle of the z plane; None for the centre and the widths."""
    return handle - GRIPS if handle is not None and handle >= GRIPS else None


def _show_images(strip: DrawnStrip, linked: Linked) -> str:
    """Show the decoded images, or their differences from the image decoded at μ, and return the scale of these."""
    if linked.differences is None:
        strip.show_drawn(linked.ink, linked.epsilon)
        return ""
    largest = shown(strip.show_differences(linked.differences, linked.epsilon), 2)
    return f"; differences from the image at μ, colours from −{largest} to {largest}"
