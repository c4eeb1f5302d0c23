"""Geodesics: the shortest paths over the plane of latents, measured by how much the decoded picture changes.

The decoder f pulls the distance between pictures back to the plane: a small step dz is as long as f's change,
‖J dz‖, so that the metric is G(z) = JᵀJ (Arvanitidis, Hansen & Hauberg 2018; Shao, Kumar & Fletcher 2018).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator

import numpy as np
from numpy.typing import NDArray

from engine.derived import PENDING, Pending
from engine.gaussian import Array

Decode = Callable[[Array], Array]  # latents z (n, 2) to pictures (n, pixels)

PIECES = 128  # of a path
FINE = 4  # parts of each piece when its length is measured
SIDE = 65  # nodes of the grid on a side
MARGIN = 0.5  # by how much of the distance the grid reaches beyond the two ends
CHUNK = 512  # latents decoded between two places to stop at
ROUNDS = 40
ENOUGH = 2e-5  # of the energy: a round that gains less is the last
SOFTEST, HARDEST = 1e-6, 1e6  # damping, as a share of the metric's mean trace
STRIDES = ((0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (2, 1), (1, -2), (2, -1))  # from node to node, in (up, across)
DELTA = 2e-3  # in z, of the differences that stand for derivatives

Indices = NDArray[np.integer]
Unfolding = Generator[Pending, None, Array]


def straight(start: Array, end: Array, pieces: int = PIECES) -> Array:
    """The chord (pieces + 1, 2) between two latents (2,)."""
    part = np.linspace(0, 1, pieces + 1)[:, None]
    return (1 - part) * start + part * end


def spherical(start: Array, end: Array, pieces: int = PIECES) -> Array:
    """About the origin (pieces + 1, 2): the angle turns evenly, the shorter way, and the radius changes evenly.

    Between equal radii this is slerp (Shoemake 1985). It keeps to radii that the prior holds likely, where a chord
    would cut through the middle. From or to the origin itself it is the chord.
    """
    radii = np.hypot(*start), np.hypot(*end)
    if min(radii) == 0:
        return straight(start, end, pieces)
    first, last = np.arctan2(start[1], start[0]), np.arctan2(end[1], end[0])
    turn = (last - first + np.pi) % (2 * np.pi) - np.pi
    part = np.linspace(0, 1, pieces + 1)
    radius, angle = radii[0] + part * (radii[1] - radii[0]), first + part * turn
    path = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    path[0], path[-1] = start, end
    return path


def measured(seen: Array) -> Array:
    """How far (n,) it is along a path to each of its decoded pictures (n, pixels), or of its latents (n, 2)."""
    return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(seen, axis=0), axis=1))])


def jacobian(decode: Decode, z: Array) -> Array:
    """J (n, pixels, 2) of the decoder at latents z (n, 2), by central differences.

    They only say where to go next, for which they are as good as exact ones and faster.
    """
    steps = DELTA * np.eye(2)
    ahead, behind = ([decode(z + way * step) for step in steps] for way in (1, -1))
    return np.stack([(a - b) / (2 * DELTA) for a, b in zip(ahead, behind, strict=True)], axis=-1)


def shortest(decode: Decode, start: Array, end: Array) -> Unfolding:
    """The shortest path (PIECES + 1, 2) between two latents, in steps of equal length under the decoder's metric.

    The best of the chord, the arc and a path over a grid is where it starts; then the energy Σ‖f(zᵢ₊₁) − f(zᵢ)‖²,
    which is Σ Δzᵀ G Δz for small steps, is brought down.
    """
    known = [straight(start, end), spherical(start, end)]
    if np.array_equal(start, end):
        return known[0]
    over = yield from _over_grid(decode, start, end)
    known.append(_evened(decode, over))
    relaxed = yield from _relaxed(decode, _evened(decode, _best(decode, known)))
    return _best(decode, [*known, relaxed])


def divided(path: Array, parts: int = FINE) -> Array:
    """The same path with each of its pieces divided into so many equal parts."""
    return resampled(path, np.arange(len(path), dtype=float), (len(path) - 1) * parts + 1)


def _best(decode: Decode, paths: list[Array]) -> Array:
    lengths = [measured(decode(divided(path)))[-1] for path in paths]
    return paths[int(np.argmin(lengths))]


def _evened(decode: Decode, path: Array) -> Array:
    """The same path (PIECES + 1, 2) in steps that change the picture equally."""
    fine = resampled(path, measured(path), FINE * PIECES + 1)
    return resampled(fine, measured(decode(fine)), PIECES + 1)


def resampled(path: Array, along: Array, n: int) -> Array:
    """Places (n, 2) on a path (m, 2), evenly spaced by `along` (m,), which tells how far each vertex is."""
    at = np.linspace(0, along[-1], n)
    return np.column_stack([np.interp(at, along, path[:, axis]) for axis in (0, 1)])


def _over_grid(decode: Decode, start: Array, end: Array) -> Unfolding:
    """The shortest way from node to node of a grid about both ends: Dijkstra (1959)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    nodes, seen = yield from _decoded_grid(decode, start, end)
    edges = list(_edges())
    near, far = (np.concatenate([edge[i] for edge in edges]) for i in (0, 1))
    weights = []
    for one, other in edges:
        weights.append(np.linalg.norm(seen[one] - seen[other], axis=1))
        yield PENDING
    lengths = np.maximum(np.concatenate(weights), 1e-9)  # a length of 0 would be no edge
    graph = coo_array((lengths, (near, far)), shape=(len(nodes), len(nodes)))
    ends = [int(np.argmin(np.sum((nodes - place) ** 2, axis=1))) for place in (start, end)]
    _, before = dijkstra(graph.tocsr(), directed=False, indices=ends[0], return_predecessors=True)
    return np.stack([start, *_traced(nodes, before, ends[1]), end])


def _decoded_grid(decode: Decode, start: Array, end: Array) -> Generator[Pending, None, tuple[Array, Array]]:
    """Its nodes (SIDE², 2), row by row from below, and their pictures."""
    margin = MARGIN * (1 + np.hypot(*(end - start)))
    low, high = np.minimum(start, end) - margin, np.maximum(start, end) + margin
    x, y = np.meshgrid(*(np.linspace(low[axis], high[axis], SIDE) for axis in (0, 1)))
    nodes = np.column_stack([x.ravel(), y.ravel()])
    seen = []
    for chunk in np.array_split(nodes, -(-len(nodes) // CHUNK)):
        seen.append(decode(chunk))
        yield PENDING
    return nodes, np.concatenate(seen)


def _edges() -> Iterator[tuple[Indices, Indices]]:
    """Which nodes are joined, each way of the grid in turn."""
    number = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    for up, across in STRIDES:
        below, above = number[: SIDE - up], number[up:]
        if across >= 0:
            yield below[:, : SIDE - across].ravel(), above[:, across:].ravel()
        else:
            yield below[:, -across:].ravel(), above[:, :across].ravel()


def _traced(nodes: Array, before: Indices, last: int) -> list[Array]:
    """Back from the last node to the first, which has none before it; the two ends themselves take their places."""
    path = []
    while (last := int(before[last])) >= 0:
        path.append(nodes[last])
    return path[-2::-1]


def _relaxed(decode: Decode, path: Array) -> Unfolding:
    """Levenberg and Marquardt's descent of the energy, the two ends held."""
    seen = decode(path)
    energy, damping = _energy(seen), 1e-3
    for _ in range(ROUNDS):
        slopes = jacobian(decode, path[1:-1])
        yield PENDING
        metric, coupling, force = _normal_equations(seen, slopes)
        gain = 0.0
        while damping < HARDEST and gain <= 0:
            moved = path.copy()
            moved[1:-1] -= _solved(metric, coupling, force, damping)
            found = decode(moved)
            gain = energy - _energy(found)
            damping *= 10.0 if gain <= 0 else 0.2
        if gain <= 0:
            break
        path, seen, energy, damping = moved, found, energy - gain, max(damping, SOFTEST)
        if gain < ENOUGH * energy:
            break
    return path


def _energy(seen: Array) -> float:
    return float(np.sum(np.diff(seen, axis=0) ** 2))


def _normal_equations(seen: Array, slopes: Array) -> tuple[Array, Array, Array]:
    """Of Gauss and Newton: the metric G at each inner vertex (n, 2, 2), what couples neighbours, half the gradient."""
    metric = np.einsum("npi,npj->nij", slopes, slopes)
    coupling = np.einsum("npi,npj->nij", slopes[:-1], slopes[1:])
    bent = 2 * seen[1:-1] - seen[:-2] - seen[2:]
    return metric, coupling, np.einsum("npi,np->ni", slopes, bent)


def _solved(metric: Array, coupling: Array, force: Array, damping: float) -> Array:
    """(n, 2) of (2G + damping) δᵢ − C δᵢ₊₁ − Cᵀ δᵢ₋₁ = force, which is banded."""
    from scipy.linalg import solveh_banded

    n = len(metric)
    bands = np.zeros((4, n, 2))  # bands[3 − k, i, j]: the entry k above the diagonal, in column 2i + j
    diagonal = 2 * metric + damping * (np.trace(metric, axis1=1, axis2=2).mean() + 1e-12) * np.eye(2)
    bands[3, :, 0], bands[3, :, 1], bands[2, :, 1] = diagonal[:, 0, 0], diagonal[:, 1, 1], diagonal[:, 0, 1]
    bands[1, 1:, 0], bands[0, 1:, 1] = -coupling[:, 0, 0], -coupling[:, 0, 1]
    bands[2, 1:, 0], bands[1, 1:, 1] = -coupling[:, 1, 0], -coupling[:, 1, 1]
    found: Array = solveh_banded(bands.reshape(4, 2 * n), force.ravel()).reshape(n, 2)
    return found
