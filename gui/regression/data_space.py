"""Data space: the observations, the lines that explain them, and the band about their mean; and panels like it."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt

from engine.derived import Scene
from engine.document import Document
from engine.plane import Viewport
from engine.regression.data.observations import CROWD, Observations
from engine.regression.data_space import HOME, DataSpaceSettings, crowd, curves
from engine.regression.document import Regression
from engine.regression.probes import Answer, DataPlace, ObservationPlace
from gui.page.panel import Place
from gui.page.plot_panel import PlotPanel
from gui.page.store import Edit
from gui.plots.curves.curves import CurvesPlot
from gui.regression.weight_space import step_by

NOWHERE = np.empty(0)
DRAGGABLE = 200_000  # to find the one under the pointer among more would take longer than a frame


class DataPanel(PlotPanel):
    """A panel over data space: observations are made, moved, selected and removed in it. Abstract."""

    plane = "data"
    hint = "Click: observe, select · Drag: move · Wheel: zoom · Right-click: remove"
    role = "posterior"

    def __init__(self) -> None:
        self.curves = self.make_plot()
        self.chosen: int | None = None  # the observation that is selected
        self.hovered: int | None = None
        super().__init__(self.curves)
        self.notice.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)  # the mean is in the middle

    def make_plot(self) -> CurvesPlot:
        """The plot of a subclass."""
        raise NotImplementedError

    def place_at(self, x: float, y: float) -> DataPlace | ObservationPlace:
        handle = None if self.plot.click_through else self.plot.hit(x, y)  # in a crowd there always is one
        return DataPlace(x, y) if handle is None else ObservationPlace(handle)

    def click(self, x: float, y: float) -> Edit:
        return Edit("Observe", self.document.observe(x, y))

    def drag(self, handle: int, x: float, y: float, gesture: object) -> Edit:
        return Edit("Move observation", self.document.move(handle, x, y), gesture)

    def remove(self, handle: int) -> Edit:
        return Edit("Remove observation", self.document.remove(handle))

    def step(self, by: int) -> Edit:
        return step_by(self.document, by)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Regression)
        known = self.document
        super().echo(document)
        if known is None or known.source is not document.source or known.frame != document.frame:
            self._look_home(document.home)
        crowded = len(document.observations) > CROWD
        few = Observations() if crowded else document.observations
        self.curves.show_points(few.x, few.t, min(document.step, len(few)), document.left_out if len(few) else ())
        self.curves.set_handles(document.observations.places if len(document.observations) <= DRAGGABLE else NOWHERE)
        self.curves.click_through = crowded  # there is always one under the pointer
        self._show_rings()
        self.notice.say("" if len(document.observations) else "Click here to make an observation.")

    def _look_home(self, home: Viewport) -> None:
        if home != self.plot.home:
            self.plot.set_home(home)

    def reveal(self, answer: Answer | None) -> None:
        curve = answer.curve if answer else None
        self.curves.hovered.show_line(*(curve or (NOWHERE, None)))
        self.hovered = answer.entry.n if answer and answer.entry else None
        self._show_rings()

    def select(self, place: Any) -> None:
        self.chosen = place.n if isinstance(place, ObservationPlace) else None
        self._show_rings()

    def _show_rings(self) -> None:
        seen = self.document.observations if self.document else Observations()
        ringed = {n for n in (self.chosen, self.hovered) if n is not None and n < len(seen)}
        self.curves.ring([(seen.x[n], seen.t[n]) for n in sorted(ringed)])

    def _on_picked(self, handle: int) -> None:
        self.selected.emit(None if handle == self.chosen else ObservationPlace(handle))

    def _on_removed(self, handle: int) -> None:
        """What is under the cursor has gone with it."""
        super()._on_removed(handle)
        self.probed.emit(None)


class DataSpace(DataPanel):
    """Data space."""

    title = "Data space"
    shows = (curves, crowd)
    place = Place(2, "Prior", "below", 81, 50)
    sentence = (
        "The observations, in black; the latest in the likelihood's orange, those that wait for a later step hollow, "
        "those left out crossed out. In green the mean, lines drawn from the posterior and the band that the title "
        "names; in vermillion the truth. A ring is around what is selected or under the cursor."
    )
    equation = (
        r"p(t\mid x,\mathbf{t})=\mathcal{N}(t\mid\mathbf{m}_N^{\top}\boldsymbol{\phi}(x),\ "
        r"\beta^{-1}+\boldsymbol{\phi}(x)^{\top}\mathbf{S}_N\boldsymbol{\phi}(x))"
    )

    def make_plot(self) -> CurvesPlot:
        return CurvesPlot("Data space, observations t over x", ("x", "t"), HOME)

    def echo(self, document: Document) -> None:
        super().echo(document)
        self.caption_changed.emit(caption(self.document))

    def draw(self, scene: Scene) -> None:
        plot, found = self.curves, scene.get(curves)
        if found is None:
            return
        plot.show_band(found.x, found.band)
        plot.samples.show_lines(found.x, found.samples)
        plot.pins.show_lines(found.x, found.pins)
        plot.label_pins(found.x, found.pins)
        plot.weighted.show_lines(found.x, found.weighted)
        plot.mean.show_line(found.x, found.mean)
        plot.truth.show_line(found.x, found.truth)
        plot.show_crowd(scene.get(crowd))


def caption(document: Regression) -> str:
    """What is drawn, in words: which lines, which band."""
    settings, n = document[DataSpaceSettings], len(document.observations)
    parts = [f"mean, {settings.samples} sample lines" if settings.samples else "mean"]
    if settings.band != "none":
        what = "predictive, noise included" if settings.band == "predictive" else "of the function, without noise"
        parts.append(f"band ± {settings.deviations}σ ({what})")
    if settings.show_basis:
        parts.append("basis functions times their weights' means in grey")
    if not document.units.are_original:
        parts.insert(0, "fitted on standardised x and t")
    if n > CROWD:
        still = ", too many to be dragged" if n > DRAGGABLE else ""
        parts.append(f"{n:,} points, shaded by how many fall into a cell{still}")
    return ", ".join(parts)
