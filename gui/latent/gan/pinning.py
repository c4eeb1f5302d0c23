"""The base of panels with another picture over the latent plane: their clicks pin latents as those of The plane do."""

from __future__ import annotations

from engine.latent.probes import LatentPlace
from gui.page.plot_panel import PlotPanel
from gui.page.store import Edit


class PinningPanel(PlotPanel):
    """A panel over the latent plane in which a click pins a latent, and a pin can be moved and removed."""

    plane = "plane"

    def place_at(self, x: float, y: float) -> LatentPlace:
        return LatentPlace(x, y)

    def click(self, x: float, y: float) -> Edit:
        return Edit("Pin image", self.document.pin(self.document.latent_at(x, y)))

    def drag(self, handle: int, x: float, y: float, gesture: object) -> Edit:
        return Edit("Move pin", self.document.move_pin(handle, self.document.latent_at(x, y)), gesture)

    def remove(self, handle: int) -> Edit:
        return Edit("Remove pin", self.document.unpin(handle))
