"""Sketches: how far the strokes of a hand are from the curves that a panel shows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.gaussian import Array


def mean_distance(strokes: Sequence[Sequence[tuple[float, float]]], curves: Sequence[Array]) -> float | None:
    """Return the mean distance of a sketch from the nearest curve, in units of the plot; None if one of them is empty.

    A stroke is a list of places (x, y), and counts by its length, not by the speed of the hand. Curves are (n, 2). If
    the curves are functions of x, the distance is vertical, because the two axes have different units; else it is the
    shortest one. A part of the sketch beyond the ends of the functions is left out.
    """
    places = (
        np.concatenate([_resampled(np.asarray(stroke, float)) for stroke in strokes]) if strokes else np.empty((0, 2))
    )
    known = [curve for curve in curves if len(curve) > 1]
    if not known or not len(places):
        return None
    if all((np.diff(curve[:, 0]) > 0).all() for curve in known):
        low, high = max(c[0, 0] for c in known), min(c[-1, 0] for c in known)
        places = places[(places[:, 0] >= low) & (places[:, 0] <= high)]
        distances = [np.abs(np.interp(places[:, 0], c[:, 0], c[:, 1]) - places[:, 1]) for c in known]
    else:
        distances = [_to_polyline(places, curve) for curve in known]
    return float(np.mean(np.min(distances, axis=0))) if len(places) else None


def _resampled(stroke: Array, n: int = 100) -> Array:
    """`n` places (n, 2) at equal distances along a stroke (m, 2); a stroke of no length is one place."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(stroke, axis=0).T))])
    if along[-1] == 0:
        return stroke[:1]
    at = np.linspace(0, along[-1], n)
    return np.column_stack([np.interp(at, along, stroke[:, axis]) for axis in (0, 1)])


def _to_polyline(places: Array, curve: Array) -> Array:
    """The distances (n,) of places (n, 2) from a polyline (m, 2)."""
    start, step = curve[:-1], np.diff(curve, axis=0)
    squared = np.maximum((step**2).sum(1), np.finfo(float).tiny)
    away = places[:, None] - start
    share = np.clip((away * step).sum(2) / squared, 0, 1)
    return np.asarray(np.sqrt(((away - share[..., None] * step) ** 2).sum(2)).min(1))
