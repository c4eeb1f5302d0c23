"""Probes of the page Latent space: positions under the cursor, and the model's answers to them."""

from __future__ import annotations

from functools import lru_cache

import msgspec
import numpy as np

from engine.document import Probe
from engine.gaussian import LN_2PI, Array
from engine.latent.charts import Chart, Linear
from engine.latent.document import Latent
from engine.latent.gan.gan import image_beside
from engine.latent.inputs.input import Blank
from engine.latent.model import LoadedModel, Pixels8, as_shown
from engine.latent.sliced_model import SlicedModel
from engine.latent.unboxing.shared_posterior import known_unboxing, seen_of
from engine.memo import remember
from engine.plane import Bayes


class LatentPlace(msgspec.Struct, Probe, frozen=True):
    """A position in the plane's chart: z itself, or Φ(z) in the equal-probability chart."""

    across: float
    up: float

    def answer(self, document: Latent) -> Answer | None:
        """The image decoded at this position; None if the chart has no latent there."""
        if not document.chart.holds(np.array([[self.across, self.up]]))[0]:
            return None
        answer = _named(document, _answer(document.loaded_model, document.chart, self))
        beside = image_beside(document, answer.z)
        return answer if beside is None else msgspec.structs.replace(answer, beside=beside)


class UnboxedPlace(msgspec.Struct, Probe, frozen=True):
    """A position in the three heatmaps, which is z itself whatever the plane's chart is."""

    across: float
    up: float

    def answer(self, document: Latent) -> Answer:
        """The image decoded at this position, and the terms of Bayes' rule if the evidence is known."""
        answer = _answer(document.loaded_model, Linear(), LatentPlace(self.across, self.up))
        bayes = bayes_at(document, np.array([[self.across, self.up]]))
        return _named(document, msgspec.structs.replace(answer, place=self, bayes=bayes))


class MeasurementPlace(msgspec.Struct, Probe, frozen=True):
    """One measurement of the image, counted from 0, which all panels highlight."""

    n: int

    def answer(self, document: Latent) -> None:
        """There is no answer: the ledger shows all numbers of the measurement."""


class Answer(msgspec.Struct, frozen=True, eq=False):
    """The answer of the model at a position: z, the decoded pixels (h, w[, 3]), and ln p(z) in nats.

    `nearest` is the class of the nearest test image, and `distance` the distance of its encoder mean from z. `drawn`
    names the quantity that the pixels show: probabilities or means. `each` (classes, h, w[, 3]) are the pixels given
    each class, for a model that is given the class, and `given` is the class of the plane. `beside` is the image of an
    open GAN at the same z. `names` are those of the two coordinates, if the plane is one of more than two latents; the
    distance is that of all latents.
    """

    place: LatentPlace | UnboxedPlace
    z: tuple[float, float]
    ink: Pixels8
    log_prior: float
    nearest: str
    distance: float
    drawn: str
    bayes: Bayes | None = None
    beside: Pixels8 | None = None
    each: Pixels8 | None = None
    names: tuple[str, str] | None = None
    given: str = ""

    @property
    def symbol(self) -> str:
        """The symbol of the latent: z, or the two coordinates on a plane of more latents."""
        return "z" if self.names is None else f"({', '.join(self.names)})"

    @property
    def prior_symbol(self) -> str:
        """The symbol of the prior density of the latent."""
        return "p(z)" if self.names is None else f"p{self.symbol}"


def bayes_at(document: Latent, z: Array) -> Bayes | None:
    """Return the terms of Bayes' rule at z (1, 2) for the latest measurement, in nats; None until they are known.

    The likelihoods come from the image decoded at z itself, not from the lattice.
    """
    from engine.latent.posterior.scoring.at_latents import log_likelihoods

    log_prior = float(-0.5 * np.sum(z**2) - LN_2PI)
    if isinstance(document.input, Blank):
        return Bayes(log_prior, None, None, log_prior)
    unboxing = known_unboxing(document)  # None also if the observation cannot be applied to the image
    seen = seen_of(document) if unboxing else None
    if unboxing is None or seen is None:
        return None
    terms = unboxing.log_evidence_terms
    if not terms:
        return Bayes(log_prior, None, None, log_prior)
    before, latest = seen.measurements[: document.step - 1], seen.measurements[document.step - 1]
    vae = document.loaded_model.vae
    prior = log_prior + float(log_likelihoods(vae, before, z)[0]) - sum(terms[:-1])
    likelihood = float(log_likelihoods(vae, [latest], z)[0])
    return Bayes(prior, likelihood, terms[-1], prior + likelihood - terms[-1])


def _nearest(model: LoadedModel, z: Array) -> tuple[int, float]:
    """Return the position of the test image whose encoder mean is nearest to z (d,), and its distance."""
    mean = model.embedding.mean
    if model.latents == 2:
        away = np.hypot(*(mean - z).T)
        nearest = int(np.argmin(away))
        return nearest, float(away[nearest])
    squares = remember(model, "squared means", lambda: np.sum(mean**2, axis=1))  # a product of matrices is faster
    nearest = int(np.argmin(squares - 2 * (mean @ z)))
    return nearest, float(np.linalg.norm(mean[nearest] - z))


def _named(document: Latent, answer: Answer) -> Answer:
    """With the names of the two coordinates, if the plane is one of more than two latents."""
    return msgspec.structs.replace(answer, names=document.slice.names) if document.is_sliced else answer


@lru_cache(maxsize=2)
def _answer(model: LoadedModel, chart: Chart, place: LatentPlace) -> Answer:
    """Cached because the probe under the cursor and the middle of the plane are repeated after every edit."""
    z = chart.to_latent(np.array([[place.across, place.up]]))
    whole, all_latents = (model.whole, model.plane.latents(z)) if isinstance(model, SlicedModel) else (model, z)
    embedding = whole.embedding
    nearest, away = _nearest(whole, all_latents[0])
    log_prior = float(-0.5 * np.sum(z**2) - LN_2PI)
    label = embedding.classes[embedding.labels[nearest]]
    drawn, ink = model.vae.card.recipe.likelihood.drawn, model.decode(z)[0]
    vae = model.vae
    each = as_shown(vae.decode_each(z[0]), vae.light) if vae.classes else None
    given = vae.classes[vae.y] if vae.classes else ""
    return Answer(place, (z[0, 0], z[0, 1]), ink, log_prior, label, away, drawn, each=each, given=given)
