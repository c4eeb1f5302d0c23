"""Probes of the Latent page: places under the cursor, and what the model says there."""

from __future__ import annotations

from functools import lru_cache

import msgspec
import numpy as np

from engine.document import Probe
from engine.gaussian import LN_2PI
from engine.latent.charts import Chart, Linear
from engine.latent.document import Latent
from engine.latent.model import LoadedModel, Pixels8
from engine.latent.unboxing.shared_posterior import bayes_at
from engine.plane import Bayes


class LatentPlace(msgspec.Struct, Probe, frozen=True):
    """A place on the plane as it is drawn: z itself, or Φ(z) in the equal-probability chart."""

    across: float
    up: float

    def answer(self, document: Latent) -> Answer | None:
        """The decoded image there; None where the chart has no latent."""
        if not document.chart.holds(np.array([[self.across, self.up]]))[0]:
            return None
        return _answer(document.loaded_model, document.chart, self)


class UnboxedPlace(msgspec.Struct, Probe, frozen=True):
    """A place on the plane of the three heatmaps: z itself, in any chart."""

    across: float
    up: float

    def answer(self, document: Latent) -> Answer:
        """The decoded image there, and Bayes' rule as soon as the evidence is known."""
        found = _answer(document.loaded_model, Linear(), LatentPlace(self.across, self.up))
        bayes = bayes_at(document, np.array([[self.across, self.up]]))
        return msgspec.structs.replace(found, place=self, bayes=bayes)


class MeasurementPlace(msgspec.Struct, Probe, frozen=True):
    """One measurement of the image, counted from 0: it is highlighted in all panels."""

    n: int

    def answer(self, document: Latent) -> None:
        """Nothing beyond what the ledger says of it."""


class Answer(msgspec.Struct, frozen=True, eq=False):
    """What the model says at a place: z, the decoded image as it is shown, ln p(z) in nats, the nearest test image.

    `drawn` says what the pixels are: probabilities or means.
    """

    place: LatentPlace | UnboxedPlace
    z: tuple[float, float]
    ink: Pixels8
    log_prior: float
    nearest: str
    distance: float
    drawn: str
    bayes: Bayes | None = None


@lru_cache(maxsize=1)
def _answer(model: LoadedModel, chart: Chart, place: LatentPlace) -> Answer:
    """Cached because the probe under the cursor is repeated after every edit."""
    z = chart.to_latent(np.array([[place.across, place.up]]))
    embedding = model.embedding
    away = np.hypot(*(embedding.mean - z).T)
    nearest = int(np.argmin(away))
    log_prior = float(-0.5 * np.sum(z**2) - LN_2PI)
    label = embedding.classes[embedding.labels[nearest]]
    drawn, ink = model.vae.card.recipe.likelihood.drawn, model.decode(z)[0]
    return Answer(place, (z[0, 0], z[0, 1]), ink, log_prior, label, float(away[nearest]), drawn)
