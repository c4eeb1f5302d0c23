"""The panel Estimating ln p(x): repeated Monte Carlo estimates from the prior and from q, and the value by the grid."""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from engine.derived import ANYWHERE, Derived, Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.posterior.annealing import disagree
from engine.latent.unboxing.bracket import CHAINS, Bracket
from engine.latent.unboxing.estimating_ln_p_x import (
    HIGH,
    LOW,
    Estimated,
    EstimatingSettings,
    Scatter,
    estimate_again,
    evidence_estimates,
)
from engine.latent.unboxing.intractable import cost
from engine.latent.unboxing.observation import approximation
from engine.plane import Viewport
from gui.forms.form_line import FormLine
from gui.latent.unboxing.elbo_decomposition import OPTIMUM
from gui.latent.unboxing.offers import offer_ways_out
from gui.page.commands import Command
from gui.page.jobs import Failure
from gui.page.panel import Place
from gui.page.plot_panel import PlotPanel
from gui.page.store import Edit
from gui.plots.curves.scatters import DOUBLINGS, BandsPlot, RepeatsPlot
from gui.widgets.controls import Button
from gui.widgets.notice import LOADING, Notice
from gui.widgets.numbers import nats, shown
from gui.widgets.rows.flow import Flow
from gui.widgets.rows.wrapped import Wrapped
from gui.widgets.scrolling import CalmArea, Content

DRAWING = "Computing: drawing latents from the prior and from q."
LINES = 8  # the minimum height of the plots, in lines of text
COUNTLESS = 1e12  # samples; larger numbers are not written out
NEW_ESTIMATES = Command("New estimates of ln p(x)", "View/New samples", edit=estimate_again,
                        tip="Estimate ln p(x) from new samples")  # fmt: skip


class EstimatingLnPx(PlotPanel):
    """The panel Estimating ln p(x)."""

    title = "Estimating ln p(x)"
    role = "variational"
    plane = "estimators"
    shows = (evidence_estimates, approximation)
    commands = (NEW_ESTIMATES,)
    hint = "Drag the vertical line, or click: change K · Wheel: zoom"
    place = Place(111, "Completions", "tab", 54, 48, "unboxing")
    sentence = (
        "Estimates of ln p(x) from K samples of z, repeated: blue from the prior, purple from q by importance "
        "sampling. Dashed: the value by the grid. Bands, bars and ± hold 80 % of the estimates. Dotted: samples "
        "needed, exp KL(posterior‖proposal). The means are lower bounds; for K = 1 that of q is the ELBO. "
        "ESS = (Σw)²/Σw². With more than two latents a grid is impossible: dashed is then the lower bound by annealed "
        "importance sampling, and an image that the model draws has an upper bound as well."
    )
    equation = (
        r"\ln\hat p(\mathbf{x})=\ln\frac1K\sum_{k=1}^{K}\frac{p_\theta(\mathbf{x},\mathbf{z}_k)}{q(\mathbf{z}_k)},"
        r"\quad\mathbf{z}_k\sim q(\mathbf{z})\ \mathrm{or}\ p(\mathbf{z}),\qquad"
        r"\mathbb{E}[\ln\hat p(\mathbf{x})]\leq\ln p(\mathbf{x})"
    )

    def __init__(self) -> None:
        self.bands = BandsPlot("Estimates of ln p(x) over the number of samples K")
        super().__init__(self.bands)
        self.repeats = RepeatsPlot("Estimates of ln p(x), one dot for each repeat")
        self.new = Button("New samples")
        self.form = FormLine(EstimatingSettings, only=("samples", "seed"))
        self.annealing = FormLine(EstimatingSettings, only=("temperatures",))
        self.optimum = Button("Set q to q*")
        self.optimum.setToolTip(f"{OPTIMUM.tip}: its estimates need the fewest samples")
        self.optimum.clicked.connect(self._on_optimum)
        self.words = [Wrapped("Estimates from the prior, in numbers"), Wrapped("Estimates from q, in numbers")]
        self.bounds = [
            Wrapped("Bounds of the selected image"),
            Wrapped("Bracket of a drawn image"),
            Wrapped("Cost of a grid"),
        ]
        self.caution = QLabel()
        self.caution.setWordWrap(True)
        self.estimated: Estimated | None = None
        self.content = Content()
        self._lay_out()
        self._show_bracket(None)
        self.content.hide()
        self.reason = Notice(self)  # shown instead of the content
        offer_ways_out(self.reason, self)
        self.reason.say(LOADING)
        self.new.clicked.connect(self._on_new)
        self.form.changed.connect(self._on_form)
        self.annealing.changed.connect(self._on_form)
        self.repeats.menu_wanted.connect(self.menu_wanted)

    def _lay_out(self) -> None:
        self.new.setToolTip(NEW_ESTIMATES.tip)
        self.new.setAccessibleName(NEW_ESTIMATES.tip)
        controls = Flow(self.new, self.form, self.annealing, self.optimum, gap=12, margins=(10, 4, 10, 2))
        plots, inside = QHBoxLayout(), QVBoxLayout(self.content)
        self.column.removeWidget(self.bands)
        plots.addWidget(self.repeats, 2)
        plots.addWidget(self.bands, 3)
        words = QVBoxLayout()
        words.setContentsMargins(10, 0, 10, 0)
        words.setSpacing(0)
        for line in (*self.words, *self.bounds, self.caution):
            words.addWidget(line)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        for layout in (controls, plots, words):
            inside.addLayout(layout, 1 if layout is plots else 0)
        area = CalmArea()  # scrolls if the text is too large
        area.setWidget(self.content)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        self.column.addWidget(area)
        self._make_room()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._make_room()

    def _make_room(self) -> None:
        for plot in (self.repeats, self.bands):
            plot.setMinimumHeight(LINES * self.fontMetrics().height())

    # Actions of the user

    def place_at(self, x: float, y: float) -> None:
        return None

    def click(self, x: float, y: float) -> Edit:
        return self._choose(x, object())

    def drag(self, handle: int, x: float, y: float, gesture: object) -> Edit:
        return self._choose(x, gesture)

    def _choose(self, x: float, gesture: object) -> Edit:
        """Return the edit that sets K to the power of two nearest to 2**x; other numbers can be typed."""
        samples = 2 ** min(max(round(x), 0), DOUBLINGS)
        return self._edit("Change K", replace(self._estimating, samples=samples), gesture)

    def _on_new(self) -> None:
        self.requested.emit(NEW_ESTIMATES)

    def _on_optimum(self) -> None:
        self.requested.emit(OPTIMUM)

    def _on_form(self, estimating: EstimatingSettings, what: str, gesture: object) -> None:
        self.edited.emit(self._edit(f"Change {what}", estimating, gesture))

    def _edit(self, text: str, estimating: EstimatingSettings, gesture: object = None) -> Edit:
        return Edit(text, self.document.with_setting(estimating), gesture)

    @property
    def _estimating(self) -> EstimatingSettings:
        estimating: EstimatingSettings = self.document[EstimatingSettings]
        return estimating

    # Display

    def viewport_of(self, key: Derived[Any]) -> Viewport | None:
        return ANYWHERE

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        super().echo(document)
        self.form.show_part(document[EstimatingSettings])
        self.annealing.show_part(document[EstimatingSettings])
        self.bands.show_chosen(document[EstimatingSettings].samples)

    def draw(self, scene: Scene) -> None:
        estimated = scene.get(evidence_estimates)
        if estimated is None:
            return
        self.estimated = estimated
        ready = estimated.prior is not None and estimated.q is not None
        self.content.setVisible(ready)
        self.reason.say("" if ready else estimated.unavailable or DRAWING)
        if estimated.prior is None or estimated.q is None:
            self.caption_changed.emit(estimated.name)
            return
        exact, scatters = estimated.log_evidence, (estimated.prior, estimated.q)
        self._show_bracket(estimated.bracket)
        error = shown(max(estimated.error, 1e-4), 1)
        if estimated.bracket is None:
            mark = scene.get(approximation) or ""
            value = f"ln p({estimated.symbol}) = {nats(exact)} ± {error} nats by the grid{mark}"
        else:
            value = f"lower bound on ln p({estimated.symbol}): {nats(exact)} ± {error} nats by annealing"
        q_name = "q set manually" if estimated.by_hand else "the encoder's q"
        self.caption_changed.emit(f"{estimated.name}: {value}; {q_name}; {estimated.pool:,} samples each")
        for plot in (self.repeats, self.bands):
            plot.show_symbol(estimated.symbol) if estimated.bracket is None else plot.show_bound()
        self._show_range(estimated, scatters)
        self.repeats.show_repeats((scatters[0].repeats - exact, scatters[1].repeats - exact))
        self.bands.show_bands(scatters, exact, estimated.elbo)
        names = "Prior", "q set manually" if estimated.by_hand else "q"
        for line, scatter, name, role in zip(self.words, scatters, names, ("prior", "variational"), strict=True):
            say = sentence if estimated.bracket is None else sentence_without_grid
            line.say((role, say(scatter, name, estimated.samples, exact)))

    def _show_bracket(self, bracket: Bracket | None) -> None:
        """Show the bounds by annealed importance sampling and the cost of a grid, for more than two latents."""
        for widget in (self.annealing, *self.bounds, self.caution):
            widget.setVisible(bracket is not None)
        self.optimum.setVisible(bracket is None)
        if bracket is not None:
            for line, words in zip(self.bounds, bounds_in_words(bracket), strict=True):
                line.say(("evidence", words))
            self.caution.setText(cautions(bracket, self._estimating.temperatures))

    def _show_range(self, estimated: Estimated, scatters: tuple[Scatter, Scatter]) -> None:
        """Give both plots the same range of heights, which contains all estimates."""
        values = np.concatenate(
            [value for scatter in scatters for value in (scatter.low, scatter.high, scatter.repeats)]
        )
        values = values[np.isfinite(values)] - estimated.log_evidence
        for plot in (self.repeats, self.bands):
            plot.show_heights(min(values.min(initial=0.0), -1.0), max(values.max(initial=0.0), 1.0))

    def fail(self, failure: Failure) -> None:
        self.content.hide()
        self.reason.say(failure.reason)

    def _on_viewport_changed(self, viewport: Viewport) -> None:
        super()._on_viewport_changed(viewport)
        if self.document is not None:
            self.bands.show_chosen(self._estimating.samples)


def sentence(scatter: Scatter, name: str, samples: int, exact: float) -> str:
    """Return a sentence about the error of the estimates, in nats, and about the weights of their samples.

    `exact` is ln p(x) in nats; ± is half the range that contains 80 % of the estimates.
    """
    low, median, high = np.quantile(scatter.repeats, (LOW, 0.5, HIGH))
    error, value = exact - float(median), f"{median:.1f} ± {(high - low) / 2:.1f}".replace("-", "−")
    return (
        f"{name}, K = {samples:,}: {value}, {figure(abs(error))} nats {'too low' if error >= 0 else 'too high'}; "
        f"largest weight {100 * scatter.best:.0f} %, ESS {scatter.effective:.1f}, "
        f"{_many(scatter.needed)} samples needed"
    )


def sentence_without_grid(scatter: Scatter, name: str, samples: int, lower: float) -> str:
    """Return the mean of the estimates with its standard error, relative to a `lower` bound in nats."""
    mean, n = float(np.mean(scatter.repeats)), len(scatter.repeats)
    error = float(np.std(scatter.repeats, ddof=1) / np.sqrt(n))
    value = f"mean {mean:.2f} ± {error:.2g} (standard error)".replace("-", "−")
    return (
        f"{name}, K = {samples:,}: {value}, {figure(abs(mean - lower))} nats {'below' if mean < lower else 'above'} "
        f"annealing; largest weight {100 * scatter.best:.0f} %, ESS {scatter.effective:.1f}, "
        f"{_many(scatter.needed)} samples needed"
    )


def bounds_in_words(bracket: Bracket) -> tuple[str, str, str]:
    """Return sentences: the bound of the selected image, the bracket of a drawn image, and the cost of a grid."""
    ends, drawn = bracket.chains, bracket.drawn
    bound = (
        f"Annealing, T = {bracket.temperatures}: ln p ≥ {_with_error(ends.lower, ends.error)} in expectation, "
        f"ESS {ends.effective:.0f} of {len(ends.z)}; no upper bound"
    )
    other = "Computing the bracket of an image that the model draws…"
    if drawn is not None:
        low, high = _with_error(drawn.lower, drawn.error), _with_error(drawn.upper, drawn.upper_error)
        width = f"{figure(drawn.width)} nats apart" if drawn.width > 0 else "equal within their errors"
        other = f"Image drawn by the model: bounds {width}: lower {low}, upper {high}"
    return bound, other, f"A grid: {cost(bracket.latents)} on one core"


def cautions(bracket: Bracket, temperatures: int) -> str:
    """Return sentences about errors that are larger than their ± says; "" while there are none.

    `temperatures` is the chosen number: chains with fewer temperatures only come before the chosen ones.
    """
    drawn, said = bracket.drawn, []
    if bracket.temperatures < temperatures:
        return (
            f"The first bound has only {bracket.temperatures} temperatures, so that its error may be larger than its "
            f"±. The bounds with {temperatures} follow."
        )
    sizes = {"selected": bracket.chains.effective} | ({"drawn": drawn.effective} if drawn else {})
    few = [f"the {image} image (ESS {size:.0f} of {CHAINS})" for image, size in sizes.items() if disagree(size, CHAINS)]
    if few:
        said.append(
            f"The chains of {' and of '.join(few)} disagree: the error of a lower bound is then larger than its ±. "
            "Choose a larger T."
        )
    if drawn is not None and disagree(drawn.upper_effective, CHAINS):
        said.append(
            f"The chains of the upper bound disagree (ESS {drawn.upper_effective:.0f} of {CHAINS}): its error is "
            "larger than its ±. Choose a larger T."
        )
    elif drawn is not None:
        said.append(
            "All chains of the upper bound come from one exact sample of the posterior: if the posterior has peaks far "
            "apart, the error is larger than its ±."
        )
    return " ".join(said)


def _with_error(value: float, error: float) -> str:
    return f"{nats(value)} ± {error:.2g}"


def figure(value: float) -> str:
    """Return a number of nats as text with two significant digits, or as an integer from 10 on."""
    return f"{value:,.0f}" if value >= 10 else shown(value, 2)


def _many(samples: float) -> str:
    return f"about {float(f'{samples:.2g}'):,.0f}" if samples < COUNTLESS else "more than 10¹²"
