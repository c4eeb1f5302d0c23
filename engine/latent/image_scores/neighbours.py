"""Precision, recall, density and coverage of generated images, from distances between nearest neighbours.

The balls around the real features estimate the support of the real images. The radius of each ball is the distance to
the k-th nearest real neighbour. The scores need no density, so that they also suit a GAN.
"""

from __future__ import annotations

import msgspec
import numpy as np

from engine.gaussian import Array

K = 5  # neighbours, as in both papers


class NeighbourScores(msgspec.Struct, frozen=True):
    """Four fractions.

    precision: generated images within the support of the real ones. recall: real images within the support of the
    generated ones (Kynkäänniemi et al. 2019, eq. 2). density: the average number of real balls that contain a generated
    image, divided by k; 1 on average if both distributions are equal. coverage: real balls that contain a generated
    image (Naeem et al. 2020, eqs. 6 and 7).
    """

    precision: float
    recall: float
    density: float
    coverage: float


def neighbour_scores(real: Array, generated: Array, k: int = K) -> NeighbourScores:
    """Return the scores of generated features (m, f) against real features (n, f), with the k-th nearest neighbour.

    Raises ValueError if a set has at most k features.
    """
    if min(len(real), len(generated)) <= k:
        raise ValueError(f"At least {k + 1} images are needed on each side.")
    middle = real.mean(0)  # distances stay, and cancel fewer digits
    real, generated = real - middle, generated - middle
    around_real, around_generated = (_radii(points, k) for points in (real, generated))
    between = squared_distances(real, generated)
    inside = between <= around_real[:, None]
    return NeighbourScores(
        precision=float(inside.any(0).mean()),
        recall=float((between <= around_generated).any(1).mean()),
        density=float(inside.sum() / (k * len(generated))),
        coverage=float(inside.any(1).mean()),
    )


def squared_distances(a: Array, b: Array) -> Array:
    """Return the squared Euclidean distances (n, m) between points (n, f) and points (m, f)."""
    distances: Array = np.square(a).sum(1)[:, None] + np.square(b).sum(1) - 2 * (a @ b.T)
    return distances


def _radii(points: Array, k: int) -> Array:
    """The squared distances (n,) to the k-th nearest other point."""
    distances = squared_distances(points, points)
    np.fill_diagonal(distances, np.inf)
    radii: Array = np.partition(distances, k - 1, axis=1)[:, k - 1]
    return radii
