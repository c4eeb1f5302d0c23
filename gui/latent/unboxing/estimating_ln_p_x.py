"""Why variational: ln p(x) estimated from the prior and from q, again and again, against its value by the grid."""

from __future__ import annotations

import numpy as np
from engine.latent.scene import Scene
from msgspec.structs import replace
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from engine.document import Document
from engine.latent.document import Latent
from engine.latent.unboxing.estimating_ln_p_x import HIGH, LOW, Estimated, EstimatingSettings, Scatter
from engine.plane import Viewport
from gui.forms.form_line import FormLine
from gui.page.jobs import Failure
from gui.page.panel import Place
from gui.page.plot_panel import PlotPanel
from gui.page.store import Edit
from gui.plots.curves.scatters import DOUBLINGS, BandsPlot, RepeatsPlot
from gui.widgets.elided import Elided
from gui.widgets.notice import Notice
from gui.widgets.numbers import nats, shown

LOADING = "The model is being loaded."
DRAWING = "Drawing latents from the prior and from q."
LINES = 8  # of text that the plots are high at least
COUNTLESS = 1e12  # draws


class WhyVariational(PlotPanel):
    """Why variational."""

    title = "Why variational"
    role = "variational"
    plane = draws = "estimators"
    hint = "Drag the upright or click: another K · Wheel: zoom"
    place = Place(111, "Completions", "tab", 54, 48, "unboxing")
    sentence = (
        "ln p(x) of what is seen, estimated from K draws of z, again and again: from the prior, and from q, where "
        "each is weighed by p(z)/q(z). Both are lower bounds on average. The dashed line is the grid's value. Bands, "
        "bars and ± hold 80 % of the estimates. In words: how much of an estimate the best draw makes up, how many "
        "draws are effective, (Σw)²/Σw², and how many are needed to come near (dotted), e to the KL of the posterior "
        "from what z is drawn from. For K = 1 the mean from q is the ELBO."
    )
    equation = (
        r"\ln\hat p(\mathbf{x})=\ln\frac1K\sum_{k=1}^{K}\frac{p_\theta(\mathbf{x},\mathbf{z}_k)}{q(\mathbf{z}_k)},"
        r"\quad\mathbf{z}_k\sim q(\mathbf{z})\ \mathrm{or}\ p(\mathbf{z}),\qquad"
        r"\mathbb{E}[\ln\hat p(\mathbf{x})]\leq\ln p(\mathbf{x})"
    )

    def __init__(self) -> None:
        self.bands = BandsPlot("Estimates of ln p(x) over the number of draws K")
        super().__init__(self.bands)
        self.repeats = RepeatsPlot("Estimates of ln p(x), one dot for each repeat")
        self.again, self.form = QPushButton("Draw again"), FormLine(EstimatingSettings)
        self.words = [Elided("From the prior, in numbers"), Elided("From q, in numbers")]
        self.estimated: Estimated | None = None
        self.content = QWidget()
        self._lay_out()
        self.content.hide()
        self.lacking = Notice(self)
        self.lacking.say(LOADING)
        self.again.clicked.connect(self._on_again)
        self.form.changed.connect(self._on_form)
        self.repeats.menu_wanted.connect(self.menu_wanted)

    def _lay_out(self) -> None:
        self.again.setToolTip("Estimate from other draws")
        self.again.setAccessibleName("Estimate from other draws")
        controls, plots, inside = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self.content)
        controls.setContentsMargins(10, 6, 10, 4)
        controls.setSpacing(12)
        controls.addWidget(self.again)
        controls.addWidget(self.form)
        controls.addStretch(1)
        self.column.removeWidget(self.bands)
        plots.addWidget(self.repeats, 2)
        plots.addWidget(self.bands, 3)
        words = QVBoxLayout()
        words.setContentsMargins(10, 2, 10, 6)
        words.setSpacing(2)
        for line in self.words:
            words.addWidget(line)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        for part in (controls, plots, words):
            inside.addLayout(part, 1 if part is plots else 0)
        area = QScrollArea()  # for large text
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

    # What the user does

    def place_at(self, x: float, y: float) -> None:
        return None

    def click(self, x: float, y: float) -> Edit:
        return self._choose(x, object())

    def drag(self, handle: int, x: float, y: float, gesture: object) -> Edit:
        return self._choose(x, gesture)

    def _choose(self, x: float, gesture: object) -> Edit:
        """The nearest power of two; other numbers can be typed."""
        samples = 2 ** min(max(round(x), 0), DOUBLINGS)
        return self._edit("Change K", replace(self._estimating, samples=samples), gesture)

    def _on_again(self) -> None:
        self.edited.emit(self._edit("Estimate again", self._estimating.fresh()))

    def _on_form(self, estimating: EstimatingSettings, what: str, gesture: object) -> None:
        self.edited.emit(self._edit(f"Change {what}", estimating, gesture))

    def _edit(self, text: str, estimating: EstimatingSettings, gesture: object = None) -> Edit:
        return Edit(text, self.document.with_setting(estimating), gesture)

    @property
    def _estimating(self) -> EstimatingSettings:
        estimating: EstimatingSettings = self.document[EstimatingSettings]
        return estimating

    # What is shown

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        super().echo(document)
        self.form.show_part(document[EstimatingSettings])
        self.bands.show_chosen(document[EstimatingSettings].samples)

    def draw(self, scene: Scene) -> None:
        found: Estimated = scene.pictures[self.draws]
        self.estimated = found
        ready = found.prior is not None and found.q is not None
        self.content.setVisible(ready)
        self.lacking.say("" if ready else found.lacking or DRAWING)
        if found.prior is None or found.q is None:
            self.caption_changed.emit(found.name)
            return
        ways = found.prior, found.q
        whose = "put by hand" if found.by_hand else "the encoder's"
        value = f"ln p(x) = {nats(found.log_evidence)} ± {shown(max(found.error, 1e-4), 1)} nats by the grid"
        self.caption_changed.emit(f"{found.name}: {value}; q is {whose}; {found.pool:,} draws of each")
        self._look(found, ways)
        self.repeats.show_repeats((ways[0].repeats - found.log_evidence, ways[1].repeats - found.log_evidence))
        self.bands.show_bands(ways, found.log_evidence, found.elbo)
        whences = "Prior", "q by hand" if found.by_hand else "q"
        for line, way, whence, role in zip(self.words, ways, whences, ("prior", "variational"), strict=True):
            line.say((role, sentence(way, whence, found.samples, found.log_evidence)))

    def _look(self, found: Estimated, ways: tuple[Scatter, Scatter]) -> None:
        """Both plots at the same heights, which hold all there is."""
        every = np.concatenate([part for way in ways for part in (way.low, way.high, way.repeats)])
        every = every[np.isfinite(every)] - found.log_evidence
        for plot in (self.repeats, self.bands):
            plot.show_heights(min(every.min(initial=0.0), -1.0), max(every.max(initial=0.0), 1.0))

    def fail(self, failure: Failure) -> None:
        self.content.hide()
        self.lacking.say(failure.reason)

    def _on_viewport_changed(self, viewport: Viewport) -> None:
        super()._on_viewport_changed(viewport)
        if self.document is not None:
            self.bands.show_chosen(self._estimating.samples)


def sentence(way: Scatter, whence: str, samples: int, exact: float) -> str:
    """How far estimates are off, and why."""
    low, median, high = np.quantile(way.repeats, (LOW, 0.5, HIGH))
    off, value = exact - float(median), f"{median:.1f} ± {(high - low) / 2:.1f}".replace("-", "−")
    return (
        f"{whence}, K = {samples:,}: {value}, {figure(abs(off))} nats {'short' if off >= 0 else 'above'}; "
        f"best draw {100 * way.best:.0f} %, {way.effective:.1f} effective, {_many(way.needed)} needed"
    )


def figure(value: float) -> str:
    """Two significant digits of a number of nats, but none that are left of the point are lost."""
    return f"{value:,.0f}" if value >= 10 else shown(value, 2)


def _many(draws: float) -> str:
    return f"{float(f'{draws:.2g}'):,.0f}" if draws < COUNTLESS else "countless"
