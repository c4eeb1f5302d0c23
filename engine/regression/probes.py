"""Probes of the Regression page: positions under the cursor, each with the values of the document at this position."""

from __future__ import annotations

import msgspec
import numpy as np

from engine.document import Probe
from engine.gaussian import Array
from engine.plane import Bayes
from engine.regression.data_space import PLACES
from engine.regression.document import Regression
from engine.regression.evidence import has_surface, power, spectrum_of
from engine.regression.ledger import Entry, entry
from engine.regression.model.linear_model import Posterior
from engine.regression.model.noise import UnknownNoise
from engine.regression.uncertainty_budget import Slice, sliced
from engine.regression.weight_space import before_and_after, complete, explaining


class Answer(msgspec.Struct, frozen=True, eq=False):
    """The values of the document at `place`. Each kind of probe sets some of the fields.

    `curve`: x and t of a line, each (n,). `strip`: a segment (1, 4) in the plane of weights. `log_evidence` is in nats.
    """

    place: Probe
    bayes: Bayes | None = None
    curve: tuple[Array, Array] | None = None
    slice: Slice | None = None
    strip: Array | None = None
    entry: Entry | None = None
    log_evidence: float = 0.0
    well_determined: float = 0.0  # γ, the effective number of weights that the data determine (PRML eq. 3.91)


class WeightPlace(msgspec.Struct, Probe, frozen=True):
    """A position in the plane of two weights; `low` and `high` are the ends of its line in data space."""

    across: float
    up: float
    low: float = -1.2
    high: float = 1.2

    def answer(self, document: Regression) -> Answer:
        """Bayes' rule at this position, and the function with these two weights; empty for a model with one weight."""
        if document.model.basis.size < 2:
            return Answer(self)
        before, after = before_and_after(document)
        w = np.array([self.across, self.up])
        x = np.linspace(self.low, self.high, PLACES)
        curve = document.units.t_back(document.features(x) @ complete(after.weights, document.pair, w))
        return Answer(self, bayes=_bayes(document, before, after, w), curve=(x, curve))


class DataPlace(msgspec.Struct, Probe, frozen=True):
    """A position in data space."""

    x: float
    t: float

    def answer(self, document: Regression) -> Answer:
        """The prediction at x."""
        return Answer(self, slice=sliced(document, self.x))


class ObservationPlace(msgspec.Struct, Probe, frozen=True):
    """An observation, given by its position in the order, counted from 0."""

    n: int

    def answer(self, document: Regression) -> Answer:
        """The observation, the prediction at its x, and the weights whose function runs through it.

        Empty if the observation has been removed.
        """
        observation = entry(document, self.n)
        if not observation:
            return Answer(self)
        strip = explaining(document, observation.x, observation.t)
        return Answer(self, slice=sliced(document, observation.x), entry=observation, strip=strip)


class PrecisionPlace(msgspec.Struct, Probe, frozen=True):
    """A position in the plane of (log₁₀ α, log₁₀ β)."""

    across: float
    up: float

    @property
    def alpha(self) -> float:
        """The precision α of the prior."""
        return float(power(self.across))

    @property
    def beta(self) -> float:
        """The precision β of the noise."""
        return float(power(self.up))

    def answer(self, document: Regression) -> Answer:
        """The log evidence and γ for these precisions; both 0 if the model has another kind of prior or noise."""
        if not has_surface(document):
            return Answer(self)
        spectrum = spectrum_of(document)
        gamma = float(np.sum(spectrum.shrink(self.alpha, self.beta)))
        height = float(spectrum.log_evidence(self.alpha, self.beta))
        return Answer(self, log_evidence=height, well_determined=gamma)


def _bayes(document: Regression, before: Posterior, after: Posterior, w: Array) -> Bayes:
    """Bayes' rule at w (2,) in the plane of the chosen pair of weights."""
    two = list(document.pair)
    prior, posterior = (float(density.plane(two).log_density(w)) for density in (before, after))
    if not after.count:
        return Bayes(prior, None, None, posterior)
    evidence = after.log_evidence - before.log_evidence
    direct = not isinstance(document.model.noise, UnknownNoise) and after.method != "Laplace"
    if document.model.basis.size == 2 and direct:
        taken = document.taken
        w = complete(after.weights, document.pair, w)
        likelihood = document.model.noise.log_likelihood(taken.t[-1], document.model.basis.features(taken.x[-1]) @ w)
        return Bayes(prior, float(likelihood[0]), evidence, posterior)
    return Bayes(prior, posterior - prior + evidence, evidence, posterior)
