"""A plane of Bayes' rule: prior, likelihood or posterior as a heatmap over two unknowns, whichever these are."""

from __future__ import annotations

from typing import Any, ClassVar

from engine.plane import Plane, Viewport
from gui.page.plot_panel import PlotPanel
from gui.page.store import Edit
from gui.plots.planes.heatmap import HeatmapPlot


class BayesPlane(PlotPanel):
    """What weights and latents have in common. `factor` says which part of the scene a subclass shows.

    The document's pins are numbered handles: a click pins, dragging moves, removing unpins.
    """

    pinned: ClassVar[str]  # what a pin keeps on the screen

    def __init__(self, unknowns: str, axes: tuple[str, str], home: Viewport) -> None:
        self.heatmap = HeatmapPlot(f"{self.title}, a heatmap over the {unknowns}", axes, home)
        super().__init__(self.heatmap)
        self._plane: Plane | None = None

    def factor(self, scene: Any) -> Plane | None:
        """The plane of the scene that this panel shows; None if it is not computed yet."""
        raise NotImplementedError

    def empty(self, scene: Any) -> str:
        """Why there is nothing to see."""
        raise NotImplementedError

    def caption(self, plane: Plane) -> str:
        """What stands beside the title."""
        return plane.formula

    def here(self, answer: Any) -> tuple[float, float] | None:
        """Where in the plane that is what is under the cursor, if it is in it."""
        raise NotImplementedError

    def click(self, x: float, y: float) -> Edit:
        return Edit(f"Pin {self.pinned}", self.document.pin((x, y)))

    def drag(self, handle: int, x: float, y: float, gesture: object) -> Edit:
        return Edit("Move pin", self.document.move_pin(handle, (x, y)), gesture)

    def remove(self, handle: int) -> Edit:
        return Edit("Remove pin", self.document.unpin(handle))

    def echo(self, document: Any) -> None:
        known = self.document
        super().echo(document)
        if known is None or known.pins is not document.pins:
            self.heatmap.show_pins(document.pins)
            self.show_handles()

    def show_handles(self) -> None:
        """Let everything be dragged that can be: the pins."""
        self.heatmap.set_handles(self.document.pins)

    def draw(self, scene: Any) -> None:
        known, plane = self._plane, self.factor(scene)
        if plane is None or plane is known:
            return
        self._plane = plane
        self.heatmap.show_heatmap(plane.heatmap)
        self.heatmap.show_ellipse(plane.outline)
        self.notice.say("" if plane.heatmap else self.empty(scene))
        self.caption_changed.emit(self.caption(plane))

    def reveal(self, answer: Any) -> None:
        self.heatmap.show_here(self.here(answer) if answer else None)
