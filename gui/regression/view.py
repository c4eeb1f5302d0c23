"""The Regression page: prior × likelihood ∝ posterior over weights, observation by observation."""

from __future__ import annotations

from typing import Any

from engine.regression.document import Regression
from engine.regression.first_sight import first_sight
from engine.regression.probes import ObservationPlace
from gui.page.stepper import Stepper
from gui.page.view import PageKind
from gui.regression.best_observation import BestObservation
from gui.regression.readout import readout
from gui.regression.tables import Tables


def position(document: Regression, _: str) -> tuple[int, int]:
    """Return how many observations are taken into account, and how many the document has."""
    return document.step, len(document.observations)


def carry(before: Regression, after: Regression, place: Any) -> Any:
    """Return the place of the selected observation in another document; None if the observation was removed."""
    if not isinstance(place, ObservationPlace):
        return place
    n = after.observations.find(place.n, before.observations)
    return None if n is None else ObservationPlace(n)


PAGE = PageKind(
    name="regression",
    title="Regression",
    document=Regression,
    rooms=("gui.regression",),
    controllers=(Stepper, Tables, BestObservation),
    readout=readout,
    position=position,
    carry=carry,
    first=first_sight,
)
