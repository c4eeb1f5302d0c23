"""The overlay of the prior's density."""

from engine.latent.plane.overlays.overlay import OVERLAYS, Overlay, shaded
from engine.part import Part


@OVERLAYS.register
class PriorDensity(Part, Overlay, frozen=True, tag=True):
    """Prior density: where the prior expects the latents."""

    quantity = "ln p(z) − ln p(0) in nats"
    meaning = "Bright: latents that the prior draws often."

    def lay(self, manifold, grid, factors):
        across, up = grid.latents
        yield shaded(self, -(across**2 + up[:, None] ** 2) / 2, grid, (-8.0, 0.0))
