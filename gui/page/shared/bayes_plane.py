"""A plane of Bayes' rule: prior, likelihood or posterior as a heatmap over two unknowns, weights or latents."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import SignalInstance

from engine.plane import Plane, Viewport
from gui.page.store import Edit
from gui.plots.planes.heatmap import HeatmapPlot
from gui.widgets.notice import Notice


class BayesPlane:
    """What the heatmaps over weights and over latents share. It is mixed into a `PlotPanel` whose plot is `heatmap`.

    The document's pins are numbered handles: a click pins, dragging moves, removing unpins.
    """

    pinned: ClassVar[str]  # what a pin keeps on the screen
    title: ClassVar[str]
    heatmap: HeatmapPlot
    notice: Notice
    document: Any
    caption_changed: SignalInstance

    def make_heatmap(self, unknowns: str, axes: tuple[str, str], home: Viewport) -> HeatmapPlot:
        """The plot of this panel, over the unknowns of that name."""
        self._plane: Plane | None = None
        self.heatmap = HeatmapPlot(f"{self.title}, a heatmap over the {unknowns}", axes, home)
        return self.heatmap

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
        """The place in the plane that an answer is about, if it is about one."""
        raise NotImplementedError

    def click(self, x: float, y: float) -> Edit:
        """Pin this place."""
        return Edit(f"Pin {self.pinned}", self.document.pin((x, y)))

    def drag(self, handle: int, x: float, y: float, gesture: object) -> Edit:
        """Move a pin."""
        return Edit("Move pin", self.document.move_pin(handle, (x, y)), gesture)

    def remove(self, handle: int) -> Edit:
        """Remove a pin."""
        return Edit("Remove pin", self.document.unpin(handle))

    def show_pins(self, before: Any, document: Any) -> None:
        """Show the pins of `document` if they differ from those of the document before."""
        if before is None or before.pins is not document.pins:
            self.heatmap.show_pins(document.pins)
            self.show_handles()

    def show_handles(self) -> None:
        """Make everything draggable that can be dragged: the pins."""
        self.heatmap.set_handles(self.document.pins)

    def draw(self, scene: Any) -> None:
        """Show the plane, or why there is none."""
        plane = self.factor(scene)
        if plane is None or plane is self._plane:
            return
        self._plane = plane
        self.heatmap.show_heatmap(plane.heatmap)
        self.heatmap.show_ellipse(plane.outline)
        self.notice.say("" if plane.heatmap else self.empty(scene))
        self.caption_changed.emit(self.caption(plane))

    def reveal(self, answer: Any) -> None:
        """Ring the place of the answer."""
        self.heatmap.show_here(self.here(answer) if answer else None)
