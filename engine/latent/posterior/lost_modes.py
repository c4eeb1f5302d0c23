"""Lost modes: the summits of a density that lie between the nodes of its lattice, found by a compass search.

A mode of a good decoder has a standard deviation of about 0.01. The nodes of a lattice around it may lie so far down
its slopes that its cells are not refined, and the evidence lacks it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

import numpy as np

from engine.derived import PENDING, Pending
from engine.gaussian import LN_2PI, Array

NARROWEST = 0.006  # the standard deviation of the narrowest mode that is looked for
MOST_STARTS = 16  # of one search
ROUNDS = 12  # of a search, at most
COMPASS = np.array([[a, b] for a in (-1.0, 0.0, 1.0) for b in (-1.0, 0.0, 1.0) if (a, b) != (0, 0)])
AT_ONCE = 256  # places scored between two points at which the job may be cancelled


def peaks(axis: Array, log_density: Array, depth: float = 12.0) -> Array:
    """Where a density over axis × axis is higher than at all eight neighbours, (m, 2), the highest first.

    Those `depth` nats below the highest are left out.
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
    """How many nats below the summit of the narrowest mode the nearest node lies at most, if the mode is round."""
    return max(12.0, (step / 2 / NARROWEST) ** 2)


def climb(
    score: Callable[[Array], Array], starts: Array, spacing: float
) -> Generator[Pending, None, tuple[Array, Array]]:
    """Return the summits (k, 2) that are reached from `starts` (k, 2), and ln p(seen, z) (k,) at each.

    Each round scores eight places around each position, `spacing` away, and moves to the highest; if the position is
    higher than all eight, the spacing is halved (Hooke & Jeeves 1961). No gradient is needed: kinks do no harm.
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
    found = np.empty(len(z))
    for start in range(0, len(z), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        found[part] = score(z[part]) - 0.5 * np.sum(z[part] ** 2, axis=1) - LN_2PI
        yield PENDING
    return found
