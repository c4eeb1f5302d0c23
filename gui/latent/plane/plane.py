"""The plane: what the decoder draws at every latent, with real images, samples and pins marked on it."""

from __future__ import annotations

import numpy as np
from engine.latent.scene import Answer, LatentPlace, Scene, UnboxedPlace
from PySide6.QtWidgets import QPushButton

from engine.document import Document
from engine.latent.document import SHIPPED, Latent
from engine.latent.plane.attribute_arithmetic import SUM, Sum
from engine.latent.plane.overlays.overlay import Laid, Nothing, OverlaySettings
from engine.latent.plane.plane import PlaneSettings
from engine.latent.plane.walk import Walked, WalkSettings
from engine.latent.training.runs import model_path
from engine.plane import Viewport
from gui.latent.plane.legend import Legend
from gui.page.jobs import Failure
from gui.page.panel import Place
from gui.page.plot_panel import PlotPanel
from gui.page.store import Edit
from gui.plots.colour_bar import ColourBar
from gui.plots.planes.mosaic import NOWHERE, MosaicPlot
from gui.plots.planes.overlay import shades


class Plane(PlotPanel):
    """The plane."""

    title = "The plane"
    role = "prior"
    plane = "plane"
    place = Place(0, width=50)
    hint = "Click: pin the picture · Drag: move · Wheel: zoom · Right-click: remove a pin"
    walking = "Click: add a waypoint · Drag: move · Wheel: zoom · Right-click: remove a waypoint"
    sentence = (
        "Each small picture is what the decoder draws at the latent in its middle. The dots are the test images, each "
        "at the mean of its q(z|x). Purple is q(z|x) of the image that is looked into: its mean, and the curves that "
        "hold 39 % (1σ) and 86 % (2σ) of it. In the equal-probability chart every square of the same size holds the "
        "same prior probability."
    )
    equation = r"p(\mathbf{z})=\mathcal{N}(\mathbf{z}\mid\mathbf{0},\mathbf{I}),\quad\mathbf{z}=\Phi^{-1}(\mathbf{u})"

    def __init__(self) -> None:
        start = Latent()
        self.mosaic = MosaicPlot("The plane of latents, decoded", start.chart.axes, start.chart.home)
        super().__init__(self.mosaic)
        self.walked: Walked | None = None
        self.sum: Sum | None = None  # whose arrow is drawn
        self._summed = False  # whether anybody looks at one
        self.legend = Legend()
        self.legend.toggled.connect(self._on_toggled)
        self.rescue = QPushButton("Use the shipped model", self.notice)
        self.rescue.clicked.connect(self._on_rescue)
        self.rescue.hide()
        self.bar = ColourBar("What the colours over the plane mean")
        self.column.addWidget(self.bar)
        self.column.addWidget(self.legend)
        self.notice.say("Loading PyTorch and the model. The Regression page works meanwhile.")

    def place_at(self, x: float, y: float) -> LatentPlace:
        return LatentPlace(x, y)

    def click(self, x: float, y: float) -> Edit:
        document, z = self.document, self._latent(x, y)
        if document[WalkSettings].by_click:
            return Edit("Add a waypoint", document.with_setting(document[WalkSettings].to(z)))
        return Edit("Pin picture", document.pin(z))

    def drag(self, handle: int, x: float, y: float, gesture: object) -> Edit:
        document, z = self.document, self._latent(x, y)
        if document[WalkSettings].by_click:
            return Edit("Move waypoint", document.with_setting(document[WalkSettings].move(handle, z)), gesture)
        return Edit("Move pin", document.move_pin(handle, z), gesture)

    def remove(self, handle: int) -> Edit:
        document = self.document
        if document[WalkSettings].by_click:
            return Edit("Remove waypoint", document.with_setting(document[WalkSettings].without(handle)))
        return Edit("Remove pin", document.unpin(handle))

    def _latent(self, x: float, y: float) -> tuple[float, float]:
        assert isinstance(self.document, Latent)
        return self.document.latent_at(x, y)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        if self.document is None or document.chart != self.document.chart:
            self.mosaic.set_axes(document.chart.axes)
            self.mosaic.set_home(document.chart.home)
            self.mosaic.clear()
            self.walked = self.sum = None
        if self.document is None or type(document[OverlaySettings].kind) is not type(
            self.document[OverlaySettings].kind
        ):
            self._lay(None)
        super().echo(document)
        self._frame_overlay(self.mosaic.shown)
        self.mosaic.show_pins(document.pin_places)
        self.mosaic.trail.show_waypoints(document.waypoint_places)
        self.mosaic.set_handles(document.waypoint_places if document[WalkSettings].by_click else document.pin_places)
        self.legend.show_hidden(document[PlaneSettings].hidden, shown=document[PlaneSettings].show_test_images)

    def draw(self, scene: Scene) -> None:
        if not self.notice.isHidden():
            self.notice.say("")
            home = scene.document.chart.home
            self.probed.emit(LatentPlace((home.left + home.right) / 2, (home.bottom + home.top) / 2))
        self.rescue.hide()
        self.mosaic.show_mosaic(scene.mosaic)
        if "overlay" in scene.pictures:
            self._lay(scene.pictures["overlay"])
        self.mosaic.show_outlines(scene.outlines)
        seen = scene.subject
        self.caption_changed.emit(f"purple: q(z|x) of {seen.name}, mean, 1σ and 2σ" if seen else "")
        if scene.samples is not None:
            self.mosaic.show_samples(scene.samples.places)
        if scene.embedding is not None:
            landed = scene.landed if scene.document[PlaneSettings].show_test_images else None
            self.mosaic.show_landed(landed, scene.embedding.labels, scene.document[PlaneSettings].hidden)
            self.legend.show_classes(scene.embedding.classes)
        self._draw_walk(scene.pictures.get("walk"))
        if self._summed and SUM in scene.pictures:
            self._draw_sum(scene.pictures[SUM])

    def _draw_walk(self, walked: Walked | None) -> None:
        """Its path stays until the next one is known."""
        if walked is not None and walked is not self.walked:
            self.walked = walked
            self.mosaic.trail.show_path(walked.path, walked.places)

    def _on_moved(self, x: float, y: float) -> None:
        super()._on_moved(x, y)
        if self.document[WalkSettings].by_click:
            self.hint_changed.emit(self.walking)

    def _lay(self, laid: Laid | None) -> None:
        """Lay something over the plane and explain its colours; the contours explain themselves."""
        opacity = self.document[OverlaySettings].opacity if self.document else 1.0
        self.mosaic.overlay.show(laid, opacity)
        if laid is None or laid.image is None:
            self.bar.hide()
            return
        kind = laid.overlay
        self.bar.show_colours(kind.quantity, laid.low, laid.high, shades(kind.signed, opacity))

    def _draw_sum(self, found: Sum | None) -> None:
        if found is not self.sum:
            self.sum = found
            names = (found.start.name, found.end.name) if found else ()
            self.mosaic.vector.show(*((found.arrow, found.means) if found else (NOWHERE, NOWHERE)), names)

    def watch(self, name: str, watched: bool) -> None:
        """An arrow that no panel explains is not drawn."""
        if name == SUM:
            self._summed = watched
            if not watched:
                self._draw_sum(None)

    def appear(self, seen: bool) -> None:
        """A walk is drawn here whoever else looks at it."""
        super().appear(seen)
        self._frame_overlay(self.mosaic.shown)
        self.viewport_changed.emit("walk", Viewport(0, 1, 0, 1) if seen else None)

    def _on_viewport_changed(self, viewport: Viewport) -> None:
        super()._on_viewport_changed(viewport)
        self._frame_overlay(viewport)

    def _frame_overlay(self, viewport: Viewport) -> None:
        """Only an overlay that is chosen, and seen, is computed."""
        chosen = (
            self.seen and self.document is not None and not isinstance(self.document[OverlaySettings].kind, Nothing)
        )
        self.viewport_changed.emit("overlay", viewport if chosen else None)

    def reveal(self, answer: Answer | None) -> None:
        """The heatmaps over latents say z itself, wherever the chart puts it."""
        place = answer.place if answer else None
        if isinstance(place, UnboxedPlace):
            across, up = self.document.chart.to_place(np.array([place.across, place.up]))
            self.mosaic.show_here((float(across), float(up)))
        else:
            self.mosaic.show_here((place.across, place.up) if place else None)

    def fail(self, failure: Failure) -> None:
        shipped = self.document is not None and self.document.path == model_path(SHIPPED)
        advice = "Install the program again to get a sound copy." if shipped else ""
        self.notice.say(f"{failure.reason} {advice}".strip())
        self.rescue.setVisible(not shipped)
        self.rescue.move(24, 24)

    def _on_toggled(self, label: int) -> None:
        self.edited.emit(Edit("Show or hide a class", self.document.toggle(label)))

    def _on_rescue(self) -> None:
        self.edited.emit(Edit("Use the shipped model", self.document.with_model(SHIPPED)))
