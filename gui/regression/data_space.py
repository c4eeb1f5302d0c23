"""The panel Data space, with observations, posterior mean, samples and band; and the base of all such panels."""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import Qt

from engine.derived import Scene
from engine.document import Document
from engine.plane import Viewport
from engine.regression.data.observations import CROWD, Observations
from engine.regression.data_space import HOME, DataSpaceSettings, crowd, curves
from engine.regression.display import Display
from engine.regression.document import Regression
from engine.regression.model.student_t_grid import is_by_laplace
from engine.regression.own_data import fitting
from engine.regression.probes import Answer, DataPlace, ObservationPlace
from gui.page.commands import Command
from gui.page.panel import Place
from gui.page.plot_panel import PlotPanel
from gui.page.store import Edit
from gui.plots.curves.curves import CurvesPlot
from gui.regression.truth_and_data import DRAW_ONE
from gui.regression.weight_space import step_by
from gui.shell import theme
from gui.widgets.elided import Spans

CLICK_HERE = "Click here, or press Ctrl+D, to make an observation."
NOWHERE = np.empty(0)
DRAGGABLE = 200_000  # observations; to find the one under the pointer among more takes longer than a frame


class DataPanel(PlotPanel):
    """A panel over data space, in which observations are made, moved, selected and removed. Abstract."""

    plane = "data"
    hint = "Click: observe, select · Drag: move · Wheel: zoom · Right-click: remove"
    role = "posterior"

    def __init__(self) -> None:
        self.curves = self.make_plot()
        self.chosen: int | None = None  # the observation that is selected
        self.hovered: int | None = None
        super().__init__(self.curves)
        self.plot.set_fitting(lambda: fitting(self.document) if self.document is not None else self.plot.home)
        # At the top, because the posterior mean is drawn in the middle.
        self.notice.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.notice.offer(CLICK_HERE, "Draw one", DRAW_ONE)
        self.notice.asked.connect(self.requested)

    def make_plot(self) -> CurvesPlot:
        """Return the plot of the subclass."""
        raise NotImplementedError

    def legend_entries(self) -> Spans:
        entries: Spans = [("posterior", "mean of the posterior, its functions and band")]
        has_truth = self.document[Display].show_truth and self.document.source.knows_truth
        entries += [("truth", "true function")] if has_truth else []
        if self.document.count:
            entries += [("ink", "observations"), ("likelihood", "the latest observation")]
        if self.document.step < len(self.document.observations) and self.document[DataSpaceSettings].show_waiting:
            entries += [("", "hollow: unused observations")]
        if self.document.left_out:
            entries += [("", "crossed out: observations that are left out")]
        return entries

    def place_at(self, x: float, y: float) -> DataPlace | ObservationPlace:
        # Among very many observations one is always near, so the place itself is probed.
        handle = None if self.plot.click_through else self.plot.hit(x, y)
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
        before = self.document
        super().echo(document)
        self.plot.set_axes(document.names)
        if before is None or before.source is not document.source or before.frame != document.frame:
            self._look_home(document.home)
        crowded = len(document.observations) > CROWD
        few = Observations() if crowded else document.observations
        if not document[DataSpaceSettings].show_waiting:
            few = few.first(document.step)
        left_out = tuple(i for i in document.left_out if i < len(few))
        self.curves.show_points(few.x, few.t, min(document.step, len(few)), left_out)
        self.curves.set_handles(self._draggable(document))
        self.curves.click_through = crowded  # one of very many is always under the pointer
        self._show_rings()
        self.notice.say("" if len(document.observations) or theme.is_printing() else CLICK_HERE)

    def _draggable(self, document: Regression) -> Any:
        """Return the places (n, 2) of the observations that are shown and can be dragged."""
        if len(document.observations) > DRAGGABLE:
            return NOWHERE
        shown = (
            document.observations
            if document[DataSpaceSettings].show_waiting
            else document.observations.first(document.step)
        )
        return shown.places

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
        observations = self.document.observations if self.document else Observations()
        ringed = {n for n in (self.chosen, self.hovered) if n is not None and n < len(observations)}
        self.curves.ring([(observations.x[n], observations.t[n]) for n in sorted(ringed)])

    def _on_picked(self, handle: int) -> None:
        self.selected.emit(None if handle == self.chosen else ObservationPlace(handle))

    def _on_removed(self, handle: int) -> None:
        """Remove the observation, and withdraw the probe of it."""
        super()._on_removed(handle)
        self.probed.emit(None)


def toggle_waiting(document: Regression) -> Regression:
    """Return the document with the unused observations shown if they were hidden, and hidden if shown."""
    settings = document[DataSpaceSettings]
    return document.with_setting(replace(settings, show_waiting=not settings.show_waiting))


def are_waiting_shown(document: Regression) -> bool:
    """Return whether the observations that are not used at this step are shown."""
    return document[DataSpaceSettings].show_waiting


def toggle_truth(document: Regression) -> Regression:
    """Return the document with the true function shown if it was hidden, and hidden if shown."""
    display = document[Display]
    return document.with_setting(replace(display, show_truth=not display.show_truth))


def is_truth_shown(document: Regression) -> bool:
    """Return whether the true function and its weights are shown."""
    return document[Display].show_truth


SHOWN = (
    Command("Show the true function", "View", edit=toggle_truth, checked=is_truth_shown, brings=False,
            tip="Hide it to let the audience guess first"),
    Command("Show unused observations", "View", edit=toggle_waiting, checked=are_waiting_shown, brings=False,
            tip="Show or hide the observations of later steps"),
)  # fmt: skip


class DataSpace(DataPanel):
    """The panel Data space."""

    commands = SHOWN

    title = "Data space"
    shows = (curves, crowd)
    place = Place(2, "Prior", "below", 30, 50)
    sentence = (
        "The observations, and the model's predictions of t over x. Black: observations; orange: the latest; hollow: "
        "not used yet; crossed out: left out. Green: the posterior mean, functions drawn from the posterior, and the "
        "band that the title names. Vermillion: the true function. Ring: the observation that is selected or under "
        "the cursor."
    )
    equation = (
        r"p(t\mid x,\mathbf{t})=\int p(t\mid\mathbf{w}^{\top}\boldsymbol{\phi})\,"
        r"p(\mathbf{w}\mid\mathbf{t})\,d\mathbf{w};\ \mathrm{Gaussian\ noise:}\ "
        r"\mathcal{N}(t\mid\mathbf{m}_N^{\top}\boldsymbol{\phi},\ "
        r"\beta^{-1}+\boldsymbol{\phi}^{\top}\mathbf{S}_N\boldsymbol{\phi})"
    )

    def make_plot(self) -> CurvesPlot:
        return CurvesPlot("Data space, observations t over x", ("x", "t"), HOME)

    def echo(self, document: Document) -> None:
        super().echo(document)
        self.caption_changed.emit(caption(self.document))

    def draw(self, scene: Scene) -> None:
        plot, lines = self.curves, scene.get(curves)
        if lines is None:
            return
        plot.show_band(lines.x, lines.band)
        plot.samples.show_lines(lines.x, lines.samples)
        plot.pins.show_lines(lines.x, lines.pins)
        plot.label_pins(lines.x, lines.pins)
        plot.weighted.show_lines(lines.x, lines.weighted)
        plot.mean.show_line(lines.x, lines.mean)
        plot.truth.show_line(lines.x, lines.truth)
        plot.show_crowd(scene.get(crowd))


def caption(document: Regression) -> str:
    """Return the names of the lines and of the band that are drawn."""
    settings, n = document[DataSpaceSettings], len(document.observations)
    by = " of Laplace's Gaussian" if is_by_laplace(document.model, document.count) else ""
    names = [f"mean, {settings.samples} sample lines{by}" if settings.samples else "mean"]
    if settings.band != "none":
        kind = "predictive, with noise" if settings.band == "predictive" else "credible, without noise"
        names.append(f"band ± {settings.deviations}σ ({kind})")
    if settings.show_basis:
        names.append("basis functions times their mean weights in grey")
    if not document.units.are_original:
        names.insert(0, "fitted on standardised x and t")
    if n > CROWD:
        not_dragged = ", too many to be dragged" if n > DRAGGABLE else ""
        names.append(f"{n:,} observations, shaded by their number in each cell{not_dragged}")
    return ", ".join(names)
