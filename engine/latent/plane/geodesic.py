"""Geodesics: shortest paths in the latent plane under the metric that the decoder induces.

The length of a small step dz is the change ‖J dz‖ of the decoded image, so that the metric is G(z) = JᵀJ (Arvanitidis,
Hansen & Hauberg 2018; Shao, Kumar & Fletcher 2018). The energy of a path has many local minima. Dijkstra's algorithm
on a grid finds a path near the best one, and Gauss–Newton steps minimise its energy. One leg takes 0.5 to 2 seconds.
See docs/decisions/029.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator

import numpy as np
from numpy.typing import NDArray

from engine.derived import PENDING, Pending
from engine.gaussian import Array

Decode = Callable[[Array], Array]  # latents z (n, 2) -> decoded images (n, pixels), from 0 to 1

PIECES = 128  # segments of a path
FINE = 4  # parts of each segment when its length is measured
SIDE = 65  # nodes of the grid on a side
MARGIN = 0.5  # the margin of the grid around both ends, relative to 1 + their distance
CHUNK = 512  # latents decoded between two yields
ROUNDS = 40  # Gauss–Newton steps, at most
ENOUGH = 2e-5  # the relative decrease of the energy at which the descent ends
SOFTEST, HARDEST = 1e-6, 1e6  # the range of the damping, relative to the mean trace of the metric
STRIDES = ((0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (2, 1), (1, -2), (2, -1))  # edges of the grid, in (up, across)
DELTA = 2e-3  # the step in z of central differences

Indices = NDArray[np.integer]
Unfolding = Generator[Pending, None, Array]


def straight(start: Array, end: Array, pieces: int = PIECES) -> Array:
    """Return the straight path (pieces + 1, 2) between two latents (2,)."""
    fraction = np.linspace(0, 1, pieces + 1)[:, None]
    return (1 - fraction) * start + fraction * end


def spherical(start: Array, end: Array, pieces: int = PIECES) -> Array:
    """Return the path (pieces + 1, 2) whose angle about the origin, and whose radius, change at constant rates.

    For equal radii this is slerp (Shoemake 1985). The radii stay probable under the prior, while a straight path passes
    near the origin. A path from or to the origin itself is straight.
    """
    radii = np.hypot(*start), np.hypot(*end)
    if min(radii) == 0:
        return straight(start, end, pieces)
    first, last = np.arctan2(start[1], start[0]), np.arctan2(end[1], end[0])
    turn = (last - first + np.pi) % (2 * np.pi) - np.pi
    fraction = np.linspace(0, 1, pieces + 1)
    radius, angle = radii[0] + fraction * (radii[1] - radii[0]), first + fraction * turn
    path = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    path[0], path[-1] = start, end
    return path


def measured(vertices: Array) -> Array:
    """Return the distance (n,) along a polyline to each vertex: decoded images (n, pixels), or latents (n, 2)."""
    return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(vertices, axis=0), axis=1))])


def jacobian(decode: Decode, z: Array) -> Array:
    """Return the Jacobian J (n, pixels, 2) of the decoder at latents z (n, 2), by central differences.

    It only decides the direction of a step. For that it is as good as an exact Jacobian, and faster.
    """
    steps = DELTA * np.eye(2)
    ahead, behind = ([decode(z + way * step) for step in steps] for way in (1, -1))
    return np.stack([(a - b) / (2 * DELTA) for a, b in zip(ahead, behind, strict=True)], axis=-1)


def shortest(decode: Decode, start: Array, end: Array) -> Unfolding:
    """Return the shortest path found (PIECES + 1, 2) between two latents (2,), in steps of equal length.

    The descent starts from the best of the straight path, the spherical path and a path over a grid. It minimises the
    energy Σ‖f(zᵢ₊₁) − f(zᵢ)‖², which equals Σ Δzᵀ G Δz for small steps. The result is never longer than its starts.
    """
    paths = [straight(start, end), spherical(start, end)]
    if np.array_equal(start, end):
        return paths[0]
    over = yield from _over_grid(decode, start, end)
    paths.append(_evened(decode, over))
    relaxed = yield from _relaxed(decode, _evened(decode, _best(decode, paths)))
    return _best(decode, [*paths, relaxed])


def divided(path: Array, parts: int = FINE) -> Array:
    """Divide each segment of a path (m, 2) into `parts` equal parts, ((m − 1) · parts + 1, 2)."""
    return resampled(path, np.arange(len(path), dtype=float), (len(path) - 1) * parts + 1)


def _best(decode: Decode, paths: list[Array]) -> Array:
    lengths = [measured(decode(divided(path)))[-1] for path in paths]
    return paths[int(np.argmin(lengths))]


def _evened(decode: Decode, path: Array) -> Array:
    """The path with PIECES steps that change the decoded image equally."""
    fine = resampled(path, measured(path), FINE * PIECES + 1)
    return resampled(fine, measured(decode(fine)), PIECES + 1)


def resampled(path: Array, along: Array, n: int) -> Array:
    """Return n positions (n, 2) on a path (m, 2), equally spaced in `along` (m,), the distances to its vertices."""
    at = np.linspace(0, along[-1], n)
    return np.column_stack([np.interp(at, along, path[:, axis]) for axis in (0, 1)])


def _over_grid(decode: Decode, start: Array, end: Array) -> Unfolding:
    """The shortest path over the nodes of a grid around both ends, by Dijkstra's algorithm (1959)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    nodes, images = yield from _decoded_grid(decode, start, end)
    edges = list(_edges())
    near, far = (np.concatenate([edge[i] for edge in edges]) for i in (0, 1))
    weights = []
    for one, other in edges:
        weights.append(np.linalg.norm(images[one] - images[other], axis=1))
        yield PENDING
    lengths = np.maximum(np.concatenate(weights), 1e-9)  # a sparse entry of 0 would mean that there is no edge
    graph = coo_array((lengths, (near, far)), shape=(len(nodes), len(nodes)))
    ends = [int(np.argmin(np.sum((nodes - place) ** 2, axis=1))) for place in (start, end)]
    _, before = dijkstra(graph.tocsr(), directed=False, indices=ends[0], return_predecessors=True)
    return np.stack([start, *_traced(nodes, before, ends[1]), end])


def _decoded_grid(decode: Decode, start: Array, end: Array) -> Generator[Pending, None, tuple[Array, Array]]:
    """The nodes (SIDE², 2) of the grid, row by row from below, and their decoded images (SIDE², pixels)."""
    margin = MARGIN * (1 + np.hypot(*(end - start)))
    low, high = np.minimum(start, end) - margin, np.maximum(start, end) + margin
    x, y = np.meshgrid(*(np.linspace(low[axis], high[axis], SIDE) for axis in (0, 1)))
    nodes = np.column_stack([x.ravel(), y.ravel()])
    images = []
    for chunk in np.array_split(nodes, -(-len(nodes) // CHUNK)):
        images.append(decode(chunk))
        yield PENDING
    return nodes, np.concatenate(images)


def _edges() -> Iterator[tuple[Indices, Indices]]:
    """The pairs of nodes that an edge joins, for each direction of STRIDES."""
    number = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    for up, across in STRIDES:
        below, above = number[: SIDE - up], number[up:]
        if across >= 0:
            yield below[:, : SIDE - across].ravel(), above[:, across:].ravel()
        else:
            yield below[:, -across:].ravel(), above[:, :across].ravel()


def _traced(nodes: Array, before: Indices, last: int) -> list[Array]:
    """The inner nodes of the path that ends at node `last`, from the predecessor `before` of each node."""
    path = []
    while (last := int(before[last])) >= 0:
        path.append(nodes[last])
    return path[-2::-1]


def _relaxed(decode: Decode, path: Array) -> Unfolding:
    """Minimise the energy with fixed ends, by Gauss–Newton steps with damping (Levenberg 1944; Marquardt 1963)."""
    images = decode(path)
    energy, damping = _energy(images), 1e-3
    for _ in range(ROUNDS):
        slopes = jacobian(decode, path[1:-1])
        yield PENDING
        metric, coupling, force = _normal_equations(images, slopes)
        gain = 0.0
        while damping < HARDEST and gain <= 0:
            moved = path.copy()
            moved[1:-1] -= _solved(metric, coupling, force, damping)
            moved_images = decode(moved)
            gain = energy - _energy(moved_images)
            damping *= 10.0 if gain <= 0 else 0.2
        if gain <= 0:
            break
        path, images, energy, damping = moved, moved_images, energy - gain, max(damping, SOFTEST)
        if gain < ENOUGH * energy:
            break
    return path


def _energy(images: Array) -> float:
    return float(np.sum(np.diff(images, axis=0) ** 2))


def _normal_equations(images: Array, slopes: Array) -> tuple[Array, Array, Array]:
    """The metric G (n, 2, 2) at inner vertices, the coupling of neighbours (n − 1, 2, 2), half the gradient (n, 2)."""
    metric = np.einsum("npi,npj->nij", slopes, slopes)
    coupling = np.einsum("npi,npj->nij", slopes[:-1], slopes[1:])
    curvature = 2 * images[1:-1] - images[:-2] - images[2:]
    return metric, coupling, np.einsum("npi,np->ni", slopes, curvature)


def _solved(metric: Array, coupling: Array, force: Array, damping: float) -> Array:
    """The solution δ (n, 2) of the banded system (2G + damping) δᵢ − C δᵢ₊₁ − Cᵀ δᵢ₋₁ = force."""
    from scipy.linalg import solveh_banded

    n = len(metric)
    bands = np.zeros((4, n, 2))  # bands[3 − k, i, j]: the entry k above the diagonal, in column 2i + j
    diagonal = 2 * metric + damping * (np.trace(metric, axis1=1, axis2=2).mean() + 1e-12) * np.eye(2)
    bands[3, :, 0], bands[3, :, 1], bands[2, :, 1] = diagonal[:, 0, 0], diagonal[:, 1, 1], diagonal[:, 0, 1]
    bands[1, 1:, 0], bands[0, 1:, 1] = -coupling[:, 0, 0], -coupling[:, 0, 1]
    bands[2, 1:, 0], bands[1, 1:, 1] = -coupling[:, 1, 0], -coupling[:, 1, 1]
    step: Array = solveh_banded(bands.reshape(4, 2 * n), force.ravel()).reshape(n, 2)
    return step
