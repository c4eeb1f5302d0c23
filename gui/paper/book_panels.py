"""The panels of the book's figures. They are never shown in a window."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import SignalInstance

from engine.derived import Derived, Scene
from engine.document import Document
from engine.latent.unboxing.latent_space import LATENTS
from engine.latent.unboxing.latent_space import planes as latent_planes
from engine.lecture.book import weights_view
from engine.plane import Plane, subscript
from engine.regression.data_space import HOME, curves
from engine.regression.display import Display
from engine.regression.weight_space import HOME as WEIGHTS
from engine.regression.weight_space import true_weights, weight_planes
from gui.page.plot_panel import PlotPanel
from gui.plots.book import BookCurves, BookHeatmap


class BookPlane:
    """What densities over weights and over latents share. It is mixed into a `PlotPanel` whose plot is `heatmap`."""

    heatmap: BookHeatmap
    shows: ClassVar[tuple[Derived[Any], ...]]
    caption_changed: SignalInstance

    def factor(self, planes: Any) -> Plane:
        """The plane that this panel shows: prior, likelihood or posterior."""
        raise NotImplementedError

    def draw(self, scene: Scene) -> None:
        """Show the plane and its formula."""
        planes = scene.get(self.shows[0])
        if planes is not None:
            plane = self.factor(planes)
            self.heatmap.show_heatmap(plane.heatmap)
            self.caption_changed.emit(plane.formula)


class WeightsPlane(BookPlane, PlotPanel):
    """A density over two weights. Abstract."""

    plane, hint = "weights", ""
    shows = densities = (weight_planes,)

    def __init__(self) -> None:
        self.heatmap = BookHeatmap(f"{self.title} over the weights", ("w₀", "w₁"), WEIGHTS)
        super().__init__(self.heatmap)

    def echo(self, document: Document) -> None:
        super().echo(document)
        across, up = self.document.pair
        self.plot.set_axes((f"w{subscript(across)}", f"w{subscript(up)}"))
        truth = true_weights(self.document) if self.document[Display].show_truth else None
        self.heatmap.cross.show_places([] if truth is None else [(truth[across], truth[up])])
        self.plot.set_home(weights_view(self.document))


class WeightsLikelihood(WeightsPlane):
    """The likelihood of the latest observation."""

    title = "Likelihood"

    def factor(self, planes: Any) -> Plane:
        plane: Plane = planes.likelihood
        return plane


class WeightsPosterior(WeightsPlane):
    """The density of the weights after the latest observation."""

    title = "Posterior"

    def factor(self, planes: Any) -> Plane:
        plane: Plane = planes.posterior
        return plane


class LatentsPlane(BookPlane, PlotPanel):
    """A density over the latents. Abstract."""

    plane, hint = "latents", ""
    shows = densities = (latent_planes,)

    def __init__(self) -> None:
        self.heatmap = BookHeatmap(f"{self.title} over the latents", ("z₀", "z₁"), LATENTS)
        super().__init__(self.heatmap)


class LatentsPrior(LatentsPlane):
    """The density of the latent before the latest stroke."""

    title = "Prior"

    def factor(self, planes: Any) -> Plane:
        plane: Plane = planes.prior
        return plane


class LatentsLikelihood(LatentsPlane):
    """The likelihood of the latest stroke."""

    title = "Likelihood"

    def factor(self, planes: Any) -> Plane:
        plane: Plane = planes.likelihood
        return plane


class LatentsPosterior(LatentsPlane):
    """The density of the latent after the latest stroke."""

    title = "Posterior"

    def factor(self, planes: Any) -> Plane:
        plane: Plane = planes.posterior
        return plane


class BookData(PlotPanel):
    """Data space: the true function, the observations, and what is inferred. Abstract."""

    plane = "data"
    hint = ""
    shows = (curves,)
    with_mean: ClassVar[bool]

    def __init__(self) -> None:
        self.curves = BookCurves(f"{self.title}, t over x", ("x", "t"), HOME)
        super().__init__(self.curves)

    def echo(self, document: Document) -> None:
        super().echo(document)
        used = self.document.observations.first(self.document.step)
        self.plot.set_axes(self.document.names)
        self.plot.set_home(self.document.home)
        self.curves.show_points(used.x, used.t, len(used))

    def draw(self, scene: Scene) -> None:
        lines = scene.get(curves)
        if lines is None:
            return
        self.curves.show_band(lines.x, lines.band)
        self.curves.samples.show_lines(lines.x, lines.samples)
        self.curves.truth.show_line(lines.x, lines.truth)
        self.curves.mean.show_line(lines.x, lines.mean if self.with_mean else None)


class BookLines(BookData):
    """Functions that are drawn from the posterior."""

    title, with_mean = "Data space", False


class BookPredictive(BookData):
    """The mean and the band of one standard deviation of a new observation."""

    title, with_mean = "Predictive", True
