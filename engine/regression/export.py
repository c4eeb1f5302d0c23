"""Exports: the columns of what the Regression page shows, in original units, under names that say what is in them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.derived import Scene
from engine.regression.data_space import Curves, curves
from engine.regression.ledger import ledger

Columns = dict[str, NDArray[Any]]


def observations(scene: Scene) -> Columns:
    """All observations, in order, with those that wait for a later step."""
    return {"x": scene.document.observations.x, "t": scene.document.observations.t}


def ledger_rows(scene: Scene) -> Columns:
    """The rows of the ledger, without observations that are left out; n counts the observations from 1.

    The nats are in the units of the model.
    """
    books = scene.get(ledger) or ledger(scene.document)
    rows = slice(books.first, books.first + len(books.surprise))
    x, t = scene.document.observations.x[rows], scene.document.observations.t[rows]
    columns: Columns = {
        "n": np.arange(rows.start + 1, rows.stop + 1),
        "x": x,
        "t": t,
        "surprise_nats": books.surprise,
        "gained_nats": books.gained,
        "log_evidence_nats": books.evidence,
    }
    counted = ~np.isnan(books.surprise)
    return {name: column[counted] for name, column in columns.items()}


def predictive_curve(scene: Scene) -> Columns:
    """The mean over the x on the screen, and the standard deviations of the function, of the noise and of both."""
    lines = _lines(scene)
    return {
        "x": lines.x,
        "mean": lines.mean,
        "epistemic_sd": lines.epistemic,
        "noise_sd": lines.noise,
        "total_sd": lines.total,
    }


def samples(scene: Scene) -> Columns:
    """The sample lines over the x on the screen."""
    lines = _lines(scene)
    return {"x": lines.x, **{f"sample_{i}": line for i, line in enumerate(lines.samples, 1)}}


def _lines(scene: Scene) -> Curves:
    """The lines on the screen; while no panel shows them, those over the part of data space that is shown at first."""
    return scene.get(curves) or curves(scene.document, scene.document.home)
