"""The Regression scene: everything the page draws, and the answer to what is under the cursor."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from engine.document import Viewports
from engine.gaussian import Array
from engine.plane import Bayes, Heatmap, Plane, Viewport
from engine.regression.data_space import PLACES, Curves, crowd, curves
from engine.regression.evidence import PrecisionPlace, has_surface, spectrum_of
from engine.regression.ledger import Entry, ObservationPlace, entry
from engine.regression.model.linear_model import Posterior, inferred
from engine.regression.model.noise import UnknownNoise
from engine.regression.pictures import PICTURES
from engine.regression.uncertainty_budget import Slice, sliced
from engine.regression.weight_space import complete, explaining, planes

if TYPE_CHECKING:
    from engine.regression.document import Regression

WEIGHTS = Viewport(-1.15, 1.15, -1.15, 1.15)
DATA = Viewport(-1.2, 1.2, -1.6, 1.6)


class WeightPlace(msgspec.Struct, frozen=True):
    """A place in the plane of two weights, and the x between which its line is wanted."""

    across: float
    up: float
    low: float = -1.2
    high: float = 1.2


class DataPlace(msgspec.Struct, frozen=True):
    """A place in data space."""

    x: float
    t: float


class Answer(msgspec.Struct, frozen=True, eq=False):
    """What is under the cursor: in weight space a curve and Bayes' rule, in data space the prediction at x."""

    place: WeightPlace | DataPlace | PrecisionPlace | ObservationPlace
    bayes: Bayes | None = None
    curve: tuple[Array, Array] | None = None
    slice: Slice | None = None
    strip: Array | None = None
    entry: Entry | None = None
    log_evidence: float = 0.0
    well_determined: float = 0.0  # γ, the number of weights that the data decide


class Scene(msgspec.Struct, frozen=True, eq=False):
    """All that the Regression page draws, computed from `document` alone."""

    document: Regression
    prior: Plane
    likelihood: Plane
    posterior: Plane
    curves: Curves
    crowd: Heatmap | None
    log_evidence: float
    pictures: Mapping[str, Any]  # what single panels draw besides, by the names of their viewports


def unfold(document: Regression, viewports: Viewports) -> Scene | Generator[Scene, None, Scene]:
    """The scene of `document`, or if single panels want pictures besides, ever fuller scenes.

    Missing viewports are replaced by the lecture's.
    """
    before, after = _posteriors(document)
    shown = planes(document, before, after, viewports.get("weights", WEIGHTS))
    data = viewports.get("data", DATA)
    lines, many = curves(document, after, data), crowd(document, data)
    scene = Scene(document, *shown, lines, many, after.log_evidence, {})
    return PICTURES.unfold(scene, viewports) if PICTURES.wanted(viewports) else scene


def resolve(document: Regression, viewports: Viewports) -> Scene:
    """The whole scene of `document`."""
    found = unfold(document, viewports)
    if not isinstance(found, Scene):
        *_, found = found
    return found


def answer(document: Regression, place: WeightPlace | DataPlace | PrecisionPlace | ObservationPlace) -> Answer:
    """What the document says about `place`."""
    if isinstance(place, ObservationPlace):
        found = entry(document, place.n)
        if not found:
            return Answer(place)
        strip = explaining(document, found.x, found.t)
        return Answer(place, slice=sliced(document, found.x), entry=found, strip=strip)
    if isinstance(place, PrecisionPlace):
        if not has_surface(document):
            return Answer(place)
        spectrum = spectrum_of(document)
        gamma = float(np.sum(spectrum.shrink(place.alpha, place.beta)))
        height = float(spectrum.log_evidence(place.alpha, place.beta))
        return Answer(place, log_evidence=height, well_determined=gamma)
    before, after = _posteriors(document)
    if isinstance(place, DataPlace):
        return Answer(place, slice=sliced(document, place.x))
    if document.model.basis.size < 2:
        return Answer(place)
    w = np.array([place.across, place.up])
    x = np.linspace(place.low, place.high, PLACES)
    curve = document.units.t_back(document.features(x) @ complete(after.weights, document.pair, w))
    return Answer(place, bayes=_bayes(document, before, after, w), curve=(x, curve))


def _posteriors(document: Regression) -> tuple[Posterior, Posterior]:
    """Before and after the latest observation; the same one twice when there is none."""
    taken = document.taken
    after = inferred(document.model, taken)
    return (inferred(document.model, taken.first(len(taken) - 1)) if len(taken) else after), after


def _bayes(document: Regression, before: Posterior, after: Posterior, w: Array) -> Bayes | None:
    if document.model.basis.size < 2:
        return None
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
