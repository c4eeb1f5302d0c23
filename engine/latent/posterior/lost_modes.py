"""Lost modes: modes of a density between the nodes of its lattice, which a compass search finds.

A mode of a good decoder has a standard deviation of about 0.01. The density at the nearest nodes may be so low that the
cells around the mode are not refined. Then the evidence lacks the mass of the mode.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

import numpy as np

from engine.derived import PENDING, Pending
from engine.gaussian import LN_2PI, Array

NARROWEST = 0.006  # the standard deviation of the narrowest mode that is searched for
MOST_STARTS = 16  # local maxima of the lattice from which one search starts, at most
ROUNDS = 12  # rounds of a search
COMPASS = np.array([[a, b] for a in (-1.0, 0.0, 1.0) for b in (-1.0, 0.0, 1.0) if (a, b) != (0, 0)])
AT_ONCE = 256  # latents scored between two yields, about 10 ms


def peaks(axis: Array, log_density: Array, depth: float = 12.0) -> Array:
    """Return the local maxima (m, 2) of a log density (size, size) over axis × axis, the highest first.

    Maxima more than `depth` nats below the highest are left out.
    """
    around = np.pad(log_density, 1, constant_values=-np.inf)
    inner = log_density > log_density.max() - depth
    n = len(axis)
    for down in range(3):
        for across in range(3):
            if (down, across) != (1, 1):
                inner &= log_density >= around[down : down + n, across : across + n]
    rows, columns = np.nonzero(inner)
    order = np.argsort(-log_density[rows, columns])
    return np.column_stack([axis[columns], axis[rows]])[order]


def below(step: float) -> float:
    """The largest difference, in nats, between the maximum of the narrowest mode and the nearest node.

    The mode is assumed to be round. The difference is at least 20 nats, because the nodes near a narrow ridge are low
    too: one of the 10,000 test images of `mnist` has 0.6 % of its mass around a mode that starts 19 nats below the
    highest node.
    """
    return max(20.0, (step / 2 / NARROWEST) ** 2)


def climb(
    score: Callable[[Array], Array], starts: Array, spacing: float
) -> Generator[Pending, None, tuple[Array, Array]]:
    """Return the local maxima (k, 2) that a search from `starts` (k, 2) reaches, and ln p(all measurements, z) (k,).

    Each round scores eight places at the distance `spacing` around each position and moves to the highest of them. If
    the position is higher than all eight, the spacing is halved (Hooke & Jeeves 1961). The search needs no gradient, so
    kinks of the decoder do not disturb it.
    """
    at, apart = starts.copy(), np.full(len(starts), spacing)
    height = yield from _log_joint(score, at)
    for _ in range(ROUNDS):
        places = at[:, None] + apart[:, None, None] * COMPASS
        logs = (yield from _log_joint(score, places.reshape(-1, 2))).reshape(len(at), -1)
        best = logs.argmax(axis=1)
        highest = logs[np.arange(len(at)), best]
        moved = highest > height
        at[moved], height[moved] = places[moved, best[moved]], highest[moved]
        apart[~moved] /= 2
    return at, height


def _log_joint(score: Callable[[Array], Array], z: Array) -> Generator[Pending, None, Array]:
    """Return ln p(all measurements, z) (n,) at latents z (n, 2)."""
    logs = np.empty(len(z))
    for start in range(0, len(z), AT_ONCE):
        chunk = slice(start, start + AT_ONCE)
        logs[chunk] = score(z[chunk]) - 0.5 * np.sum(z[chunk] ** 2, axis=1) - LN_2PI
        yield PENDING
    return logs
