"""Interpretability of latents: correlations with the factors of generated images, and the mutual information gap.

The mutual information gap (MIG, Chen et al. 2018, eq. 6) is the mean over factors v of (I(z_a; v) − I(z_b; v)) / H(v),
where z_a and z_b are the two latents with the most information about v. It is 1 if each factor is known from one latent
and from no other, and 0 if two latents know the same about each factor.
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.gaussian import Array

BINS = 10  # classes of equal counts into which a continuous factor is divided
NODES = 301  # of the sum over one latent
REACH = 8.0  # standard deviations beyond the outermost means


class Interpretability(msgspec.Struct, frozen=True, eq=False):
    """How d latents follow f factors: `correlation` (d, f), |Pearson's r| of the encoder means, from 0 to 1.

    `information` (d, f) is I(z_j; v_k) and `entropy` (f,) H(v_k), in nats. `gap` is the MIG, from 0 to 1.
    """

    names: tuple[str, ...]
    correlation: Array
    information: Array
    entropy: Array
    gap: float


def interpretability(mean: Array, deviation: Array, factors: Array, names: tuple[str, ...]) -> Interpretability:
    """Return how q(z|x) with `mean` and `deviation` (n, d) follows the `factors` (n, f) of n images."""
    classes = [binned(factors[:, k]) for k in range(factors.shape[1])]
    entropy = np.array([_entropy(np.bincount(which) / len(which)) for which in classes])
    information = np.array([_about(mean[:, j], deviation[:, j], classes) for j in range(mean.shape[1])])
    return Interpretability(
        names, _correlation(mean, factors), information, entropy, mutual_information_gap(information, entropy)
    )


def mutual_information_gap(information: Array, entropy: Array) -> float:
    """Return the MIG of I(z_j; v_k) (d, f) and H(v_k) (f,), both in nats (Chen et al. 2018, eq. 6).

    Factors that do not vary are left out; without any other the MIG is 0.
    """
    varies = entropy > 0
    if not varies.any() or len(information) < 2:
        return 0.0
    ordered = np.sort(information[:, varies], axis=0)
    return float(np.mean((ordered[-1] - ordered[-2]) / entropy[varies]))


def binned(values: Array) -> NDArray[np.intp]:
    """Return the class (n,) of each value of a factor (n,): its own values if they are few, else BINS equal counts."""
    own = np.unique(values)
    if len(own) > BINS:
        own = np.unique(np.quantile(values, np.arange(BINS) / BINS))
    return np.asarray(np.searchsorted(own, values, side="right") - 1, np.intp)


def _about(mean: Array, deviation: Array, classes: list[NDArray[np.intp]]) -> list[float]:
    """Return I(z; v) in nats of one latent about each factor, Σ_v p(v) KL(q(z|v) ‖ q(z)), by a sum over z.

    q(z|v) is the mean of q(z|x) over the images of the class v.
    """
    edges = mean.min() - REACH * deviation.max(), mean.max() + REACH * deviation.max()
    cells = np.linspace(*edges, NODES + 1)
    from scipy.special import ndtr

    below = ndtr((cells[:, None] - mean) / deviation)  # exact masses: a narrow q cannot fall between two nodes
    masses = np.diff(below, axis=0).T
    return [_information(masses, which) for which in classes]


def _information(masses: Array, which: NDArray[np.intp]) -> float:
    """Return Σ_v p(v) KL(q(z|v) ‖ q(z)) of masses (n, cells) of n images in the classes `which` (n,)."""
    counts = np.bincount(which)
    sums = np.zeros((len(counts), masses.shape[1]))
    np.add.at(sums, which, masses)
    joint, whole = sums / len(which), sums.sum(axis=0) / len(which)
    alone = (counts / len(which))[:, None] * whole
    held = joint > 0
    return max(float(np.sum(joint[held] * np.log(joint[held] / alone[held]))), 0.0)


def _entropy(probability: Array) -> float:
    held = probability[probability > 0]
    return max(float(-np.sum(held * np.log(held))), 0.0)


def _correlation(mean: Array, factors: Array) -> Array:
    """Return |Pearson's r| (d, f); 0 for a column that does not vary."""
    columns = [(values - values.mean(axis=0)) for values in (mean, factors)]
    sizes = [np.linalg.norm(values, axis=0) for values in columns]
    away = [values / np.where(size > 0, size, 1.0) for values, size in zip(columns, sizes, strict=True)]
    return np.asarray(np.minimum(np.abs(away[0].T @ away[1]), 1.0))
