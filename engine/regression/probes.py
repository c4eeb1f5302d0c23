"""Probes: places under the cursor on the Regression page, and what the document says about each."""

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
    """What the document says about `place`: each kind of probe fills in what it knows."""

    place: Probe
    bayes: Bayes | None = None
    curve: tuple[Array, Array] | None = None
    slice: Slice | None = None
    strip: Array | None = None
    entry: Entry | None = None
    log_evidence: float = 0.0
    well_determined: float = 0.0  # γ, the number of weights that the data decide


class WeightPlace(msgspec.Struct, Probe, frozen=True):
    """A place in the plane of two weights, and the x between which its line is drawn."""

    across: float
    up: float
    low: float = -1.2
    high: float = 1.2

    def answer(self, document: Regression) -> Answer:
        """Bayes' rule in numbers, and the function with these two weights; neither if there is only one weight."""
        if document.model.basis.size < 2:
            return Answer(self)
        before, after = before_and_after(document)
        w = np.array([self.across, self.up])
        x = np.linspace(self.low, self.high, PLACES)
        curve = document.units.t_back(document.features(x) @ complete(after.weights, document.pair, w))
        return Answer(self, bayes=_bayes(document, before, after, w), curve=(x, curve))


class DataPlace(msgspec.Struct, Probe, frozen=True):
    """A place in data space."""

    x: float
    t: float

    def answer(self, document: Regression) -> Answer:
        """The prediction at x."""
        return Answer(self, slice=sliced(document, self.x))


class ObservationPlace(msgspec.Struct, Probe, frozen=True):
    """An observation, by its position in the order, counted from 0."""

    n: int

    def answer(self, document: Regression) -> Answer:
        """The observation, the prediction at its x, and the weights that explain it; empty if it has been removed."""
        found = entry(document, self.n)
        if not found:
            return Answer(self)
        strip = explaining(document, found.x, found.t)
        return Answer(self, slice=sliced(document, found.x), entry=found, strip=strip)


class PrecisionPlace(msgspec.Struct, Probe, frozen=True):
    """A place in the plane of (log₁₀ α, log₁₀ β)."""

    across: float
    up: float

    @property
    def alpha(self) -> float:
        """α."""
        return float(power(self.across))

    @property
    def beta(self) -> float:
        """β."""
        return float(power(self.up))

    def answer(self, document: Regression) -> Answer:
        """ln evidence and γ under these precisions; 0 if the model has another kind of prior or noise."""
        if not has_surface(document):
            return Answer(self)
        spectrum = spectrum_of(document)
        gamma = float(np.sum(spectrum.shrink(self.alpha, self.beta)))
        height = float(spectrum.log_evidence(self.alpha, self.beta))
        return Answer(self, log_evidence=height, well_determined=gamma)


def _bayes(document: Regression, before: Posterior, after: Posterior, w: Array) -> Bayes:
    """Bayes' rule at w (2,) in the plane of the document's pair of weights."""
    two = list(document.pair)
    prior, posterior = (float(known.plane(two).log_density(w)) for known in (before, after))
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
