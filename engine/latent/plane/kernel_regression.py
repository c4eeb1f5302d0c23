"""Smoothing over the plane: kernel regression on where images land, and how the axes go with factors."""

from __future__ import annotations

import msgspec
import numpy as np

from engine.gaussian import Array


class Correlations(msgspec.Struct, frozen=True, eq=False):
    """Of f factors with the latent axes over n images: Pearson's r (f, 2), and R² (f,) of the best line in z.

    NaN for a factor that does not vary.
    """

    names: tuple[str, ...]
    pearson: Array
    determination: Array
    n: int


def smoothed(mean: Array, values: Array, across: Array, up: Array, width: float) -> tuple[Array, Array]:
    """E[value | z] (f, rows, columns) of values (n, f) at places (n, 2), and how many images it rests on.

    Nadaraya & Watson: Σ k(z − μᵢ) vᵢ / Σ k(z − μᵢ) with k = exp(−‖z − μᵢ‖²/2·width²), over z₀ in `across` (columns,)
    and z₁ in `up` (rows,). The number (rows, columns) is Σ k, an image at z itself counting as one.
    """
    columns = np.exp(-0.5 * ((across - mean[:, :1]) / width) ** 2)
    rows = np.exp(-0.5 * ((up - mean[:, 1:]) / width) ** 2)
    weight = rows.T @ columns
    with np.errstate(divide="ignore", invalid="ignore"):
        means = np.array([(rows * value[:, None]).T @ columns / weight for value in values.T])
    return means.reshape(-1, len(up), len(across)), weight


def correlations(mean: Array, factors: Array, names: tuple[str, ...]) -> Correlations:
    """Of factors (n, f) with the means (n, 2) of where the images land."""
    z, y = mean - mean.mean(axis=0), factors - factors.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        pearson = (y.T @ z) / np.sqrt(np.sum(y**2, axis=0)[:, None] * np.sum(z**2, axis=0))
        left = y - z @ np.linalg.lstsq(z, y, rcond=None)[0]
        determination = 1 - np.sum(left**2, axis=0) / np.sum(y**2, axis=0)
    return Correlations(names, pearson, determination, len(mean))
