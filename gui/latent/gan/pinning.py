"""The base of panels with another picture over the latent plane: their clicks pin latents as those of The plane do."""

from __future__ import annotations

from typing import Any

from engine.derived import ANYWHERE, Derived, Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.plane.plane import test_image_places
from engine.latent.probes import LatentPlace
from engine.plane import Viewport
from gui.page.plot_panel import PlotPanel
from gui.page.store import Edit


class PinningPanel(PlotPanel):
    """A panel over the latent plane in which a click pins a latent, and a pin can be moved and removed."""

    plane = "plane"

    def clear(self) -> None:
        """Clear the plot: its picture belongs to another chart."""
        raise NotImplementedError

    def echo(self, document: Document) -> None:
        """Show the chart and the pins of the document."""
        assert isinstance(document, Latent)
        before = self.document
        super().echo(document)
        if before is None or document.chart != before.chart:
            self.plot.set_axes(document.chart.axes)
            self.plot.set_home(document.chart.home)
            self.clear()
            self.drawn = {}
        self.plot.set_handles(document.pin_places)

    def viewport_of(self, key: Derived[Any]) -> Viewport | None:
        """Return the same viewport as The plane does for the test images, so that they are found once for both."""
        return ANYWHERE if key is test_image_places else super().viewport_of(key)

    def fit_as_the_plane(self, scene: Scene) -> None:
        """Give the plot the home viewport of The plane, which is wider if test images lie far outside the prior."""
        found = scene.get(test_image_places)
        if found is not None and found.home != self.plot.home:
            self.plot.set_home(found.home, stay=True)

    def place_at(self, x: float, y: float) -> LatentPlace:
        return LatentPlace(x, y)

    def click(self, x: float, y: float) -> Edit:
        return Edit("Pin image", self.document.pin(self.document.latent_at(x, y)))

    def drag(self, handle: int, x: float, y: float, gesture: object) -> Edit:
        return Edit("Move pin", self.document.move_pin(handle, self.document.latent_at(x, y)), gesture)

    def remove(self, handle: int) -> Edit:
        return Edit("Remove pin", self.document.unpin(handle))
