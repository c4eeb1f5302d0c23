"""Gradient estimates: the two estimators of the gradient of the ELBO, and their standard deviations, as plots."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.latent.image.reparameterisation import COUNTS, PARAMETERS, Estimates, Parameter, ReparameterisationSettings
from gui.plots.curves.estimates import EstimatesPlot, SpreadPlot
from gui.widgets.notice import Notice
from gui.widgets.numbers import shown
from gui.widgets.rows.wrapped import Wrapped


class GradientEstimates(QWidget):
    """Two plots and two lines of text; empty until `show_estimates` is called."""

    def __init__(self) -> None:
        super().__init__()
        self.estimates = EstimatesPlot("Estimates of the gradient by two estimators", "estimate, in nats")
        self.spread = SpreadPlot("Standard deviation of the estimates over the number of samples K")
        self.words = Wrapped("Standard deviations of the estimates")
        self.gradient_words = Wrapped("Gradient", pale=True)
        self.content = QWidget()
        inside, column = QVBoxLayout(self.content), QVBoxLayout(self)
        for layout in (inside, column):
            layout.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(2)
        inside.addLayout(_row(self.words, margin=10))
        inside.addLayout(_row(self.estimates, self.spread), 1)
        inside.addLayout(_row(self.gradient_words, margin=10))
        column.addWidget(self.content)
        self.notice = Notice(self)

    def clear(self, reason: str) -> None:
        """Remove the estimates and show the reason."""
        self.estimates.clear()
        self.spread.clear()
        self.content.hide()
        self.notice.say(reason)
        self.words.say("")
        self.gradient_words.say("")

    def show_estimates(self, estimates: Estimates, settings: ReparameterisationSettings) -> None:
        """Show the estimates of one component of the gradient, each a mean over `settings.samples` samples."""
        self.content.show()
        self.notice.say("")
        unit = unit_of(settings.parameter)
        self.estimates.set_axes((f"estimate, in {unit}", " "))
        which = PARAMETERS.index(settings.parameter)
        score, pathwise = (values[:, which] for values in estimates.averaged(settings.samples))
        exact, error = (float(values[which]) for values in estimates.exact)
        unit = unit_of(settings.parameter)
        self.estimates.set_axes((f"estimate, in {unit}", " "))
        spreads = np.array([estimates.deviations(count) for count in COUNTS])[:, :, which]
        self.estimates.show_estimates((score, pathwise), exact)
        self.spread.show_spreads(COUNTS, (spreads[:, 0], spreads[:, 1]), settings.samples)
        of_score, of_pathwise = spreads[COUNTS.index(settings.samples)]
        self.words.say(
            "Standard deviation",
            ("evidence", f"{figure(of_score)} score function"),
            ("variational", f"{figure(of_pathwise)} reparameterised, ratio {figure(of_score / of_pathwise)}"),
        )
        self.gradient_words.say(
            f"Dashed: gradient {figure(exact)} ± {shown(error, 3)} {unit} ({len(estimates.pathwise):,} samples; "
            f"{len(score):,} estimates each)"
        )


def unit_of(parameter: Parameter) -> str:
    """Return the unit of a derivative of the ELBO: ln σ has none, μ has that of z."""
    return "nats" if "σ" in parameter else "nats per unit of z"


def _row(*widgets: QWidget, margin: int = 0) -> QHBoxLayout:
    """Return a row of widgets of equal width, with a margin to the left and right."""
    row = QHBoxLayout()
    row.setSpacing(0)
    row.setContentsMargins(margin, 0, margin, 0)
    for widget in widgets:
        row.addWidget(widget, 1)
    return row


def figure(value: float) -> str:
    """Return a number as text with three significant digits and separated thousands."""
    return shown(value, 3) if abs(value) < 1000 else f"{float(f'{value:.3g}'):,.0f}".replace("-", "−")
