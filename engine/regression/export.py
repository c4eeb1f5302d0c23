"""Exports: the data of the Regression page as named columns, in original units."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.derived import Scene
from engine.regression.data_space import Curves, curves
from engine.regression.ledger import ledger

Columns = dict[str, NDArray[Any]]


def observations(scene: Scene) -> Columns:
    """All observations, in order, including those after the present step."""
    return {"x": scene.document.observations.x, "t": scene.document.observations.t}


def ledger_rows(scene: Scene) -> Columns:
    """The rows of the ledger, without observations that are left out; n counts the observations from 1.

    The columns in nats refer to t in the units of the model.
    """
    table = scene.get(ledger) or ledger(scene.document)
    rows = slice(table.first, table.first + len(table.surprise))
    x, t = scene.document.observations.x[rows], scene.document.observations.t[rows]
    columns: Columns = {
        "n": np.arange(rows.start + 1, rows.stop + 1),
        "x": x,
        "t": t,
        "surprise_nats": table.surprise,
        "gained_nats": table.gained,
        "log_evidence_nats": table.evidence,
    }
    taken = ~np.isnan(table.surprise)
    return {name: column[taken] for name, column in columns.items()}


def predictive_curve(scene: Scene) -> Columns:
    """The predictive mean over the visible x, and the standard deviations of the function, of the noise and of both."""
    lines = _lines(scene)
    return {
        "x": lines.x,
        "mean": lines.mean,
        "epistemic_sd": lines.epistemic,
        "noise_sd": lines.noise,
        "total_sd": lines.total,
    }


def samples(scene: Scene) -> Columns:
    """The sample lines over the visible x."""
    lines = _lines(scene)
    return {"x": lines.x, **{f"sample_{i}": line for i, line in enumerate(lines.samples, 1)}}


def _lines(scene: Scene) -> Curves:
    """The visible lines; if no panel shows them, the lines over the first viewport of data space."""
    return scene.get(curves) or curves(scene.document, scene.document.home)
