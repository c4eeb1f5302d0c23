"""Kernel regression of values of images over the latent plane, and correlations of factors with its axes."""

from __future__ import annotations

import msgspec
import numpy as np

from engine.gaussian import Array


class Correlations(msgspec.Struct, frozen=True, eq=False):
    """Pearson's r (f, 2) of f factors with both latent axes over n images, and R² (f,) of linear regression on z.

    Both are NaN for a factor that does not vary.
    """

    names: tuple[str, ...]
    pearson: Array
    determination: Array
    n: int


def smoothed(mean: Array, values: Array, across: Array, up: Array, width: float) -> tuple[Array, Array]:
    """Return E[value | z] (f, rows, columns) of values (n, f) at latents `mean` (n, 2), and the number of images used.

    The estimator is Σ k(z − μᵢ) vᵢ / Σ k(z − μᵢ) with k = exp(−‖z − μᵢ‖²/2·width²) (Nadaraya 1964; Watson 1964), over
    z₀ in `across` (columns,) and z₁ in `up` (rows,). The number (rows, columns) is Σ k: an image at z itself counts 1.
    """
    columns = np.exp(-0.5 * ((across - mean[:, :1]) / width) ** 2)
    rows = np.exp(-0.5 * ((up - mean[:, 1:]) / width) ** 2)
    weight = rows.T @ columns
    with np.errstate(divide="ignore", invalid="ignore"):
        means = np.array([(rows * value[:, None]).T @ columns / weight for value in values.T])
    return means.reshape(-1, len(up), len(across)), weight


def correlations(mean: Array, factors: Array, names: tuple[str, ...]) -> Correlations:
    """Return the correlations of factors (n, f) with the encoder means (n, 2) of n images."""
    z, y = mean - mean.mean(axis=0), factors - factors.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        pearson = (y.T @ z) / np.sqrt(np.sum(y**2, axis=0)[:, None] * np.sum(z**2, axis=0))
        residuals = y - z @ np.linalg.lstsq(z, y, rcond=None)[0]
        determination = 1 - np.sum(residuals**2, axis=0) / np.sum(y**2, axis=0)
    return Correlations(names, pearson, determination, len(mean))
