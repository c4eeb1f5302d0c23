"""A panel with prior, likelihood or posterior as a heatmap over two unknowns.

The weights and the latents share this class, with the same actions, colours and words. A subclass adds the handles
other than pins, such as the ellipse of the prior or q.
"""

from __future__ import annotations

from typing import Any, ClassVar

from engine.plane import Plane, Viewport
from gui.page.plot_panel import PlotPanel
from gui.page.store import Edit
from gui.plots.planes.heatmap import HeatmapPlot


class BayesPlane(PlotPanel):
    """A heatmap of one factor of Bayes' rule, with the pins of the document as numbered handles.

    A click adds a pin, a drag moves it, a right-click removes it.
    """

    pinned: ClassVar[str]  # what a pin marks, for the undo menu

    def __init__(self, unknowns: str, axes: tuple[str, str], home: Viewport) -> None:
        self.heatmap = HeatmapPlot(f"{self.title}, a heatmap over the {unknowns}", axes, home)
        super().__init__(self.heatmap)
        self._plane: Plane | None = None

    def factor(self, scene: Any) -> Plane | None:
        """The Plane of `scene` that this panel shows; None if it is not computed yet."""
        raise NotImplementedError

    def empty(self, scene: Any) -> str:
        """The sentence shown in place of a missing heatmap."""
        raise NotImplementedError

    def caption(self, plane: Plane) -> str:
        """The text beside the title."""
        return plane.formula

    def here(self, answer: Any) -> tuple[float, float] | None:
        """The point of this plane that belongs to a probe's answer; None if no point does."""
        raise NotImplementedError

    def click(self, x: float, y: float) -> Edit:
        return Edit(f"Pin {self.pinned}", self.document.pin((x, y)))

    def drag(self, handle: int, x: float, y: float, gesture: object) -> Edit:
        return Edit("Move pin", self.document.move_pin(handle, (x, y)), gesture)

    def remove(self, handle: int) -> Edit:
        return Edit("Remove pin", self.document.unpin(handle))

    def echo(self, document: Any) -> None:
        before = self.document
        super().echo(document)
        if before is None or before.pins is not document.pins:
            self.heatmap.show_pins(document.pins)
            self.show_handles()

    def show_handles(self) -> None:
        """Make the pins draggable. A subclass with more handles overrides this."""
        self.heatmap.set_handles(self.document.pins)

    def draw(self, scene: Any) -> None:
        plane = self.factor(scene)
        if plane is None or plane is self._plane:
            return
        self._plane = plane
        self.heatmap.show_heatmap(plane.heatmap)
        self.heatmap.show_ellipse(plane.outline)
        self.notice.say("" if plane.heatmap else self.empty(scene))
        self.caption_changed.emit(self.caption(plane))

    def reveal(self, answer: Any) -> None:
        self.heatmap.show_here(self.here(answer) if answer else None)
