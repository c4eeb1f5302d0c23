"""Exports: the columns of what the Regression page shows, in original units, under names that say what is in them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.regression.ledger import ROWS, Ledger, latest
from engine.regression.scene import Scene

Columns = dict[str, NDArray[Any]]


def observations(scene: Scene) -> Columns:
    """All of them, in order, those that wait for a later step as well."""
    return {"x": scene.document.observations.x, "t": scene.document.observations.t}


def ledger(scene: Scene) -> Columns:
    """The rows that the ledger computes, without what is left out; n counts the observations from 1. The nats are the
    model's.
    """
    books: Ledger = scene.pictures.get("ledger") or latest(scene.document, ROWS)
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
    curves = scene.curves
    return {
        "x": curves.x,
        "mean": curves.mean,
        "epistemic_sd": curves.epistemic,
        "noise_sd": curves.noise,
        "total_sd": curves.total,
    }


def samples(scene: Scene) -> Columns:
    """The sample lines over the x on the screen."""
    lines = {f"sample_{i}": line for i, line in enumerate(scene.curves.samples, 1)}
    return {"x": scene.curves.x, **lines}
