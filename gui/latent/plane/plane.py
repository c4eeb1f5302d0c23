"""The panel The plane: images decoded all over the latent plane, with marks for test images, samples, pins and q.

The path of a walk is always visible, as pins are, so the plane shows the derived value of the panel Walk too. The
arrow of attribute arithmetic is visible only with its panel (`Panel.watch`). While the pen draws, only the region
around q is painted again. See docs/decisions/011.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec.structs import replace
from PySide6.QtGui import QColor

from engine.derived import ANYWHERE, Derived, Scene
from engine.document import Document
from engine.latent.charts import CHARTS, Chart, Linear
from engine.latent.document import Latent
from engine.latent.image.encoding import encoding
from engine.latent.model_source import SHIPPED, model_path
from engine.latent.plane.attribute_arithmetic import Sum, attribute_sum
from engine.latent.plane.overlays.overlay import Laid, Nothing, OverlaySettings, overlay
from engine.latent.plane.plane import EncodedTestImages, PlaneSettings, mosaic, test_image_places
from engine.latent.plane.samples import samples
from engine.latent.plane.walk import WalkSettings, walked, waypoint_places
from engine.latent.probes import Answer, LatentPlace, UnboxedPlace
from engine.plane import Viewport
from gui.latent.plane.legend import Legend
from gui.page.commands import Command, choices
from gui.page.jobs import Failure
from gui.page.panel import Place
from gui.page.plot_panel import PlotPanel
from gui.page.store import Edit
from gui.plots.colour_bar import ColourBar
from gui.plots.planes.mosaic import NOWHERE, MosaicPlot
from gui.plots.planes.overlay import shades
from gui.shell import theme
from gui.widgets.controls import Button
from gui.widgets.elided import Spans

MOST = 0.5  # the fraction of the test images outside the prior from which on the caption warns


def toggle_test_images(document: Latent) -> Latent:
    """Return the document with the marks of the test images shown if they were hidden, and hidden if shown."""
    plane = document[PlaneSettings]
    return document.with_setting(replace(plane, show_test_images=not plane.show_test_images))


def are_test_images_shown(document: Latent) -> bool:
    """Return whether the test images are marked."""
    return document[PlaneSettings].show_test_images


def chart_of(document: Latent) -> Chart:
    """Return the chart in which the plane is drawn."""
    return document.chart


def toggle_labels(document: Latent) -> Latent:
    """Return the document with the names of the classes shown if they were hidden, and hidden if shown."""
    plane = document[PlaneSettings]
    return document.with_setting(replace(plane, show_labels=not plane.show_labels))


def are_labels_shown(document: Latent) -> bool:
    """Return whether the names of the classes are on the plane."""
    return document[PlaneSettings].show_labels


LABELS = Command("Show class labels", "View", edit=toggle_labels, brings=False, checked=are_labels_shown,
                 tip="Show or hide the name of each class at the centre of its test images")  # fmt: skip
TEST_IMAGES = Command("Show test images", "View", edit=toggle_test_images, icon="digits", brings=False,
                      checked=are_test_images_shown,
                      tip="Show or hide a dot at the encoder mean of each test image")  # fmt: skip


class Plane(PlotPanel):
    """The panel The plane."""

    title = "The plane"
    role = "prior"
    plane = "plane"
    shows = (mosaic, test_image_places, samples, encoding, overlay, walked, attribute_sum)
    commands = (
        TEST_IMAGES,
        LABELS,
        *choices(CHARTS, "View/Chart", Latent.with_chart, chosen=chart_of),
    )
    place = Place(0, width=50)
    hint = "Click: pin the image · Drag: move · Wheel: zoom · Right-click: remove a pin"
    walking = "Click: add a waypoint · Drag: move · Wheel: zoom · Right-click: remove a waypoint"
    sentence = (
        "Small images, each decoded at the latent in its middle. Large names: the classes, at the centre of their test "
        "images. Dots: the encoder means of the test images. Blue squares: samples from the prior. Purple: q(z|x) of "
        "the selected image (mean, 1σ and 2σ). In the equal-probability chart equal areas hold equal prior "
        "probability."
    )
    equation = r"p(\mathbf{z})=\mathcal{N}(\mathbf{z}\mid\mathbf{0},\mathbf{I}),\quad\mathbf{z}=\Phi^{-1}(\mathbf{u})"

    def __init__(self) -> None:
        start = Latent()
        self.mosaic = MosaicPlot("The latent plane, decoded", start.chart.axes, start.chart.home)
        super().__init__(self.mosaic)
        self.test_images: EncodedTestImages | None = None  # the ones that are drawn
        self._encoder: object = None  # by which they were encoded: a model, or a recipe that is trained
        self.sum: Sum | None = None  # the one whose arrow is drawn
        self._of_q = ""  # the caption that names the selected image
        self._summed = False  # whether the panel Attribute arithmetic is visible
        self.legend = Legend()
        self.legend.toggled.connect(self._on_toggled)
        self.rescue = Button("Use the shipped model", self.plot)  # a child of the notice would get no mouse
        self.rescue.clicked.connect(self._on_rescue)
        self.rescue.hide()
        self.bar = ColourBar("Colours of the overlay")
        self.column.addWidget(self.bar)
        self.column.addWidget(self.legend)
        self.notice.say("Loading PyTorch and the model. The page Regression can be used meanwhile.")

    def legend_entries(self) -> Spans:
        plane = self.document[PlaneSettings]
        if self.test_images is None or not plane.show_test_images:
            return []
        names, colours = self.test_images.embedding.classes, theme.classes()
        entries = [(QColor(colours[i % len(colours)]), name) for i, name in enumerate(names) if i not in plane.hidden]
        return [("", "Test images by class:"), *entries]

    def place_at(self, x: float, y: float) -> LatentPlace:
        return LatentPlace(x, y)

    def click(self, x: float, y: float) -> Edit:
        document, z = self.document, self._latent(x, y)
        if document[WalkSettings].by_click:
            return Edit("Add a waypoint", document.with_setting(document[WalkSettings].to(z)))
        return Edit("Pin image", document.pin(z))

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
        before = self.document
        super().echo(document)
        if before is None or document.chart != before.chart:
            self._lay_out(document)
        elif document.slice != before.slice:
            self.mosaic.set_axes(document.slice.axes(document.chart.axes))
        if before is None or document[OverlaySettings].kind != before[OverlaySettings].kind:
            self._show_overlay(None)
            if self.seen:
                self.viewport_changed.emit(overlay, self.viewport_of(overlay))
        self.mosaic.show_pins(document.pin_places)
        self.mosaic.trail.show_waypoints(waypoint_places(document))
        by_click = document[WalkSettings].by_click
        self.mosaic.set_handles(waypoint_places(document) if by_click else document.pin_places)
        self.legend.show_hidden(document[PlaneSettings].hidden, shown=document[PlaneSettings].shows_classes)
        self._show_test_images()

    def _lay_out(self, document: Latent) -> None:
        """Switch to the chart of the document, and clear the values that were drawn in the previous chart."""
        self.mosaic.set_axes(document.slice.axes(document.chart.axes))
        self.mosaic.set_home(document.chart.home)
        self.mosaic.clear()
        self.drawn, self.test_images, self.sum = {}, None, None

    def viewport_of(self, key: Derived[Any]) -> Viewport | None:
        """Return None for the overlay if none is chosen, and for the attribute sum, which its own panel requests."""
        if key is attribute_sum or (key is overlay and not self._has_overlay):
            return None
        return self.mosaic.shown if key in (mosaic, overlay) else ANYWHERE

    @property
    def _has_overlay(self) -> bool:
        return self.document is not None and not isinstance(self.document[OverlaySettings].kind, Nothing)

    def draw(self, scene: Scene) -> None:
        if mosaic in scene:
            self.notice.say("")
        self.rescue.hide()
        if (images := scene.get(mosaic)) is not None:
            self.mosaic.show_mosaic(images)
        if overlay in scene:
            self._show_overlay(scene.get(overlay))
        self._draw_marks(scene)
        if self._summed and attribute_sum in scene:
            self._draw_sum(scene.get(attribute_sum))

    def _draw_marks(self, scene: Scene) -> None:
        """Draw q, samples, path and test images; a path stays until the next one is computed."""
        if (encoded := scene.get(encoding)) is not None:
            self.mosaic.show_outlines(encoded.outlines)
            self._of_q = f"purple: q(z|x) of {encoded.image.name}, mean, 1σ and 2σ" if encoded.image else ""
        if (drawn := scene.get(samples)) is not None:
            self.mosaic.show_samples(drawn.places)
        if (walk := scene.get(walked)) is not None:
            self.mosaic.trail.show_path(walk.path, walk.places)
        encoder = scene.document.trained.recipe if scene.document.trained else scene.document.model
        if (test_images := scene.get(test_image_places)) is not None:
            self.test_images, self._encoder = test_images, encoder
            self.legend.show_classes(test_images.embedding.classes)
            self._show_test_images()
            if test_images.home != self.mosaic.home:
                self.mosaic.set_home(test_images.home, stay=True)
        elif encoder != self._encoder:
            self._forget_test_images()
        self.caption_changed.emit(self._caption())

    def _caption(self) -> str:
        """Return what is purple, or that most test images cannot be seen in a chart that shows the prior."""
        images = self.test_images
        if images is not None and images.beyond > MOST and not isinstance(self.document.chart, Linear):
            return f"{100 * images.beyond:.0f} % of the test images lie far outside the prior: choose the chart Linear"
        return self._of_q

    def _forget_test_images(self) -> None:
        """Remove names and places of test images that another model has encoded."""
        self.test_images = None
        self.mosaic.show_names(NOWHERE, (), ())
        self.mosaic.show_landed(None, np.empty(0, np.uint8), ())
        self.legend.show_classes(())

    def _show_test_images(self) -> None:
        if (test_images := self.test_images) is not None:
            plane, classes = self.document[PlaneSettings], test_images.embedding.classes
            centres = test_images.centres if plane.show_labels else NOWHERE
            self.mosaic.show_names(centres, classes, plane.hidden)
            places = test_images.places if plane.show_test_images else None
            self.mosaic.show_landed(places, test_images.embedding.labels, plane.hidden)

    def _on_moved(self, x: float, y: float) -> None:
        super()._on_moved(x, y)
        if self.document[WalkSettings].by_click:
            self.hint_changed.emit(self.walking)

    def _show_overlay(self, laid: Laid | None) -> None:
        """Draw the overlay, and its colour bar if it has colours; contours have labels of their own."""
        opacity = self.document[OverlaySettings].opacity if self.document else 1.0
        self.mosaic.overlay.show(laid, opacity)
        if laid is None or laid.image is None:
            self.bar.hide()
            return
        kind = laid.overlay
        self.bar.show_colours(kind.quantity, laid.low, laid.high, shades(kind.signed, opacity))

    def _draw_sum(self, sum_: Sum | None) -> None:
        if sum_ is not self.sum:
            self.sum = sum_
            names = (sum_.start.name, sum_.end.name) if sum_ else ()
            self.mosaic.vector.show(*((sum_.arrow, sum_.means) if sum_ else (NOWHERE, NOWHERE)), names)

    def resemble(self, other: Plane) -> None:
        if other._summed:
            self._summed = True
            self._draw_sum(other.sum)

    def watch(self, key: Derived[Any], watched: bool) -> None:
        """Remove the arrow of attribute arithmetic when its panel is no longer visible."""
        if key is attribute_sum:
            self._summed = watched
            if not watched:
                self._draw_sum(None)

    def reveal(self, answer: Answer | None) -> None:
        """Ring the latent of the answer; a place in a heatmap is z itself and is converted to the chart."""
        place = answer.place if answer else None
        if isinstance(place, UnboxedPlace):
            across, up = self.document.chart.to_place(np.array([place.across, place.up]))
            self.mosaic.show_here((float(across), float(up)))
        else:
            self.mosaic.show_here((place.across, place.up) if place else None)

    def fail(self, failure: Failure) -> None:
        shipped = self.document is not None and self.document.path == model_path(SHIPPED)
        advice = "Reinstall the program to get an undamaged copy." if shipped else ""
        self.drawn = {}  # the next scene is drawn completely, even if its values are unchanged
        self.notice.say(f"{failure.reason} {advice}".strip())
        self.rescue.setVisible(not shipped)
        self.rescue.move(24, 24)

    def _on_toggled(self, label: int) -> None:
        plane = self.document[PlaneSettings].toggle(label)
        self.edited.emit(Edit("Show or hide a class", self.document.with_setting(plane)))

    def _on_rescue(self) -> None:
        self.edited.emit(Edit("Use the shipped model", self.document.with_model(SHIPPED)))
