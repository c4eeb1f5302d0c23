"""The read-out line of the Regression page: the numbers at the cursor, in words."""

from __future__ import annotations

import numpy as np

from engine.plane import Bayes, subscript
from engine.regression.display import Display, Pair
from engine.regression.document import Regression
from engine.regression.ledger import Entry
from engine.regression.probes import Answer, DataPlace, ObservationPlace, PrecisionPlace, WeightPlace
from engine.regression.uncertainty_budget import Slice
from gui.page.shared.bayes_readout import bayes_words
from gui.regression.notation import written
from gui.regression.rows import LEFT_OUT, NOT_USED
from gui.widgets.elided import Spans
from gui.widgets.numbers import coordinate, nats, shown


def readout(document: Regression, answer: Answer) -> Spans:
    """Return Bayes' rule at w, the evidence at (α, β), the prediction at x, or the numbers of an observation."""
    place = answer.place
    if isinstance(place, WeightPlace):
        return _bayes(place, answer.bayes, document.pair)
    if isinstance(place, PrecisionPlace):
        return _precisions(answer, place, document[Display].notation)
    if isinstance(place, ObservationPlace):
        return _observation(answer.entry) if answer.entry else []
    if isinstance(place, DataPlace) and answer.slice is not None:
        return _prediction(place, answer.slice)
    return []


def _prediction(place: DataPlace, predicted: Slice) -> Spans:
    band = f"{shown(predicted.mean)} ± {shown(float(np.hypot(predicted.epistemic, predicted.noise)))}"
    at = f"x = {coordinate(place.x)}" + ("" if np.isnan(place.t) else f", t = {coordinate(place.t)}")
    return [("", at), ("posterior", f"prediction: {band} (1σ, with noise)")]


def _observation(entry: Entry) -> Spans:
    standing = {"taken": "", "waits": f" ({NOT_USED})", "left out": f" ({LEFT_OUT})"}[entry.standing]
    return [
        ("", f"observation {entry.n + 1}{standing}: x = {coordinate(entry.x)}, t = {coordinate(entry.t)}"),
        ("posterior", f"predicted from earlier observations: {shown(entry.mean)} ± {shown(entry.deviation)}"),
        ("evidence", f"surprise {nats(entry.surprise)} nats"),
    ]


def _precisions(answer: Answer, place: PrecisionPlace, notation: str) -> Spans:
    alpha, beta = shown(place.alpha), shown(place.beta)
    return [
        ("", written(f"at α = {alpha}, β = {beta}:", notation)),
        ("evidence", f"ln evidence {nats(answer.log_evidence)} nats"),
        ("", f"γ = {shown(answer.well_determined)} effective weights"),
    ]


def _bayes(place: WeightPlace, bayes: Bayes | None, pair: Pair) -> Spans:
    names = ", ".join(f"w{subscript(i)}" for i in pair)
    return bayes_words(f"at ({names}) = ({coordinate(place.across)}, {coordinate(place.up)}):", bayes)
