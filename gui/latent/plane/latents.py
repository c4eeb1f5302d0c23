"""The panel Latents: a row of images and a slider for each latent, and the choice of the plane that is shown."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtWidgets import QVBoxLayout

from engine.derived import Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.inputs.input import Input
from engine.latent.plane.latents import (
    LatentsSettings,
    Traversal,
    are_at_image,
    traversal,
    with_image,
    with_others_at_0,
    with_others_at_image,
)
from engine.latent.plane.three_images import OTHER_IMAGES, THREE, refuse_few, with_plane
from engine.latent.slice import Slice
from engine.latent.vae.recipe import UNUSED
from engine.plane import subscript
from gui.forms.form_line import FormLine
from gui.page.commands import Command
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.images.traversal import ACROSS, TraversalGrid
from gui.widgets.controls import Button
from gui.widgets.rows.flow import flowing
from gui.widgets.rows.wrapped import Wrapped
from gui.widgets.scrolling import scrolling

LOADING = "Loading PyTorch and the model."
WHOLE = "This model has two latents: the plane shows both."
NOT_YET = "The latents are not computed yet. Wait until the panel Latents shows them."
AT_0 = Command("Other latents to 0", "View/Latents", edit=with_others_at_0,
               tip="Put the plane through the middle of the prior")  # fmt: skip
AT_IMAGE = Command("Other latents to the image", "View/Latents", edit=with_others_at_image, checked=are_at_image,
                   tip="Put the plane through the encoder mean of the selected image")  # fmt: skip
CHOOSE = Command("Choose the image for a plane", "View/Latents", edit=with_image,
                 tip="Remember the selected image; a plane goes through three of them")  # fmt: skip


class Latents(Panel):
    """The panel Latents."""

    title = "Latents"
    role = "hovered"
    shows = (traversal,)
    place = Place(23, "Samples", "tab", 50, 54)
    also = (Place(122, "Completions", "tab", 54, 48, "unboxing"),)
    sentence = (
        "A row for each latent, the one with the largest KL first. Its images are decoded at −3 to 3, the other "
        "latents at the purple lines. Click or drag in a row to move its latent. “↔” and “↕” choose the two latents "
        f"of the plane. A latent with a KL below {UNUSED} nats is unused: it says nothing about the images. For "
        "generated images the columns are |r|, the correlation with each factor, and MIG is the mutual information "
        "gap. Click the names of two factors to show the plane of their directions."
    )
    equation = (
        r"\mathrm{KL}_j=\mathbb{E}_{\mathbf{x}}[\mathrm{KL}(q_\phi(z_j\mid\mathbf{x})\,\|\,p(z_j))],\qquad"
        r"\mathrm{MIG}=\frac1F\sum_{k}\frac{I(z_{a};v_k)-I(z_{b};v_k)}{H(v_k)}"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.traversal: Traversal | None = None
        self._drawn_images: tuple[Input, ...] = ()  # the images chosen for a plane, when `traversal` was computed
        self.form = FormLine(Slice, only=("across", "up"))
        self.grid = TraversalGrid("Images of each latent")
        self.words = Wrapped("Latents in numbers")
        self.words.say(LOADING)
        self.zero, self.image = Button("Others to 0"), Button("Others to the image")
        self.image.setCheckable(True)
        for button, command in ((self.zero, AT_0), (self.image, AT_IMAGE)):
            button.setToolTip(command.tip)
        self.zero.clicked.connect(self._on_zero)
        self.image.clicked.connect(self._on_image)
        self.form.changed.connect(self._on_form)
        self.grid.moved.connect(self._on_moved)
        self.grid.axis_chosen.connect(self._on_axis)
        self.grid.factor_chosen.connect(self._on_factor)
        self._factor = -1  # the factor whose direction was chosen last
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(flowing(self.form, self.zero, self.image, gap=12, margins=(10, 6, 10, 4)))
        column.addWidget(scrolling(self.grid, growing=True), 1)
        words = QVBoxLayout()
        words.setContentsMargins(10, 2, 10, 6)
        words.addWidget(self.words)
        column.addLayout(words)
        self._enable(several=False)

    def _enable(self, *, several: bool) -> None:
        """Enable the choice of a plane, which exists for more than two latents."""
        for widget in (self.form, self.zero, self.image):
            widget.setEnabled(several)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        if document.model != self.document.model:
            self.traversal = None
        self.document = document
        self.form.show_part(document.slice)
        self.image.setChecked(document.slice.at_image)

    def draw(self, scene: Scene) -> None:
        shown = scene.get(traversal)
        if shown is None:
            return
        self.traversal = shown
        assert isinstance(scene.document, Latent)
        self._drawn_images = scene.document[LatentsSettings].images
        self._enable(several=shown.latents > 2)
        self.grid.show_traversal(shown)
        self.words.say(self._sentence(shown))
        self.caption_changed.emit(self._caption(shown))

    def _caption(self, shown: Traversal) -> str:
        if shown.latents == 2:
            return "2 latents"
        first, second = shown.chosen.names
        return f"plane ({first}, {second}) of {shown.latents} latents"

    def _sentence(self, shown: Traversal) -> str:
        """Return which latents are unused, and where the plane is."""
        unused = [f"z{subscript(int(k))}" for k in shown.order if shown.unused[k]]
        parts = [f"Total KL {shown.kl.sum():.2f} nats"]
        parts.append(f"unused: {', '.join(unused)}" if unused else "no latent is unused")
        if shown.factors is not None:
            parts.append(f"MIG {shown.factors.gap:.2f}")
        if shown.latents == 2:
            return f"{WHOLE} {'; '.join(parts)}."
        if len(shown.three):
            parts.append(f"{len(shown.three)} of {THREE} images chosen for a plane")
        where = "the selected image" if shown.chosen.at_image else "the purple lines"
        return f"{'; '.join(parts)}. The other latents are at {where}."

    # Actions of the user

    def _on_moved(self, latent: int, value: float, gesture: object) -> None:
        if self.traversal is None or self.traversal.latents == 2:
            self.refused.emit(WHOLE if self.traversal else NOT_YET)
            return
        point = self.document.slice.point(self.traversal.latents, self.traversal.point)
        point[latent] = value
        moved = self.document.with_slice(self.document.slice.through(point.tolist()))
        self.edited.emit(Edit(f"Move z{subscript(latent)}", moved, gesture))

    def _on_axis(self, latent: int, axis: str) -> None:
        chosen = self.document.slice
        other = chosen.up if axis == ACROSS else chosen.across
        if self.traversal is None or self.traversal.latents == 2:
            self.refused.emit(WHOLE if self.traversal else NOT_YET)
        elif latent == other and not chosen.directions:
            self._show_slice("Exchange the axes of the plane", chosen.of_latents(chosen.up, chosen.across))
        elif latent == other:
            self._show_slice("Change the plane", replace(chosen, directions=()))
        else:
            axes = (latent, other) if axis == ACROSS else (other, latent)
            self._show_slice(f"Show z{subscript(latent)} in the plane", chosen.of_latents(*axes))

    def _on_factor(self, factor: int | None) -> None:
        """Span the plane by the direction of a factor and the horizontal direction before, or the next factor's."""
        shown = self.traversal
        if shown is None or shown.factors is None or shown.directions is None or shown.latents == 2:
            self.refused.emit(WHOLE if shown is not None and shown.latents == 2 else NOT_YET)
            return
        names = shown.factors.names
        before, self._factor = self._factor, (self._factor + 1) % len(names) if factor is None else factor
        other = before if before not in (-1, self._factor) and before < len(names) else (self._factor + 1) % len(names)
        spanned = self.document.slice.spanned(*shown.directions[[self._factor, other]].tolist())
        self._show_slice(f"Show the plane of {names[self._factor]} and {names[other]}", spanned)

    def _show_slice(self, text: str, chosen: Slice, gesture: object = None) -> None:
        self.edited.emit(Edit(text, self.document.with_slice(chosen), gesture))

    def _on_form(self, chosen: Slice, what: str, gesture: object) -> None:
        if self.traversal is not None and max(chosen.across, chosen.up) >= self.traversal.latents:
            self.refused.emit(f"The model has {self.traversal.latents} latents. Choose a number below that.")
            self.form.show_part(self.document.slice)
            return
        self._show_slice(f"Change {what}", replace(chosen, directions=()), gesture)

    def _on_zero(self) -> None:
        self.requested.emit(AT_0)

    def _on_image(self) -> None:
        self.requested.emit(AT_IMAGE)

    def span_principal(self) -> None:
        """Show the plane of the two directions in which the encoder means vary most."""
        if self.traversal is None:
            raise ValueError(NOT_YET)
        if self.traversal.latents == 2:
            raise ValueError(WHOLE)
        first, second = self.traversal.principal.tolist()
        self._show_slice("Show the principal plane", self.document.slice.spanned(first, second))

    def show_most_used(self) -> None:
        """Show the plane of the two latents with the largest KL."""
        if self.traversal is None:
            raise ValueError(NOT_YET)
        if self.traversal.latents == 2:
            raise ValueError(WHOLE)
        first, second = self.traversal.order[:2].tolist()
        self._show_slice("Show the two most used latents", self.document.slice.of_latents(first, second))

    def span_three(self) -> None:
        """Show the plane through the encoder means of the three images that are chosen, and pin them."""
        chosen = self.document[LatentsSettings].images
        if self.traversal is not None and self.traversal.latents == 2:
            raise ValueError(WHOLE)
        refuse_few(len(chosen))  # before the latents are computed: to wait for them would not help
        if self.traversal is None or self._drawn_images != chosen:
            raise ValueError(NOT_YET)
        if len(self.traversal.three) < len(chosen):
            raise ValueError(OTHER_IMAGES)
        spanned = with_plane(self.document, self.traversal.three)
        self.edited.emit(Edit("Show the plane through three images", spanned))

    commands = (
        AT_0,
        AT_IMAGE,
        CHOOSE,
        Command("Plane through three images", "View/Latents", run=span_three),
        Command("Plane of the two most used latents", "View/Latents", run=show_most_used),
        Command("Plane of the two principal directions", "View/Latents", run=span_principal),
    )
