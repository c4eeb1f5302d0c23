"""The posterior under Student's t noise over one or two weights, summed over a grid."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from itertools import product

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.gaussian import Array, Gaussian
from engine.plane import contour
from engine.regression.data.observations import Observations
from engine.regression.model.linear_model import LinearModel, inference
from engine.regression.model.noise import StudentTNoise
from engine.regression.model.projection import Cells, Line, resolved
from engine.regression.model.student_t_noise import LaplacePosterior, RobustPosterior
from engine.regression.model.student_t_prediction import GridPrediction, RobustPrediction

GRID_POINTS = 5000  # observations; with more of them Laplace's approximation is used in two dimensions too
COST = 4_000_000  # the largest product of cells and observations
NEGLIGIBLE = 32.0  # nats below the maximum at which a cell is negligible
FINEST = 0.05  # the smallest spacing, in standard deviations of Laplace's Gaussian
ENOUGH = 1e-7  # AGREE for predictions, which need fewer cells than outlines and draws
AGREE = 1e-5  # the largest relative difference of sums over every second line; the full sum is more accurate


class GridPosterior(RobustPosterior):
    """A posterior over at most two weights, summed over a grid; the only error is that of the spacing.

    The grid lies along the axes of Laplace's Gaussian, with u in its standard deviations, and grows until the mass
    outside is negligible. Its cells widen away from the centre: u = 8 sinh(v/8), with v evenly spaced.
    """

    method = "grid"

    @cached_property
    def _grid(self) -> tuple[Array, Array, Array]:
        """The nodes v (m,), ln p(t, w) dw at each cell (m,)ᵏ, and w at each cell (…, k)."""
        reach, spacing = 9.6, 0.2
        while True:
            v = _even(reach, max(spacing, self._coarsest(reach)))
            mass, w = self._masses(v)
            edge = max(mass.take(i, axis).max() for i, axis in product((0, -1), range(mass.ndim)))
            if edge >= mass.max() - NEGLIGIBLE and reach < 60:
                reach *= 1.5
            elif spacing > FINEST and self._coarsest(reach) < spacing and not _agrees(mass, 2, AGREE):
                spacing /= 2
            else:
                return v, mass, w

    def _coarsest(self, reach: float) -> float:
        """Return the spacing at which the grid has the largest cost allowed for this number of observations."""
        return min(0.5, 2 * reach * float(np.sqrt(max(self.count, 1) / COST)))

    def _masses(self, v: Array) -> tuple[Array, Array]:
        """Return ln p(t, w) dw (m,)ᵏ and w (…, k) of the cells at v (m,) on each axis."""
        k, spacing, log_volume = self.laplace.size, v[1] - v[0], np.linalg.slogdet(self.laplace.inverse_root)[1]
        w = self.laplace.mean + _grid_of(v, k) @ self.laplace.inverse_root.T
        mass, stretch = self.joint.log_density(w) + float(log_volume), np.log(np.cosh(v / 8)) + np.log(spacing)
        for axis in range(k):
            mass += stretch.reshape([-1 if i == axis else 1 for i in range(k)])
        return mass, w

    @cached_property
    def mode(self) -> Array:
        """The higher of two maxima: Laplace's, and the one reached from the cell with the most mass."""
        w = self._grid[2].reshape(-1, self.laplace.size)[int(np.argmax(self._grid[1]))]
        return max((self.laplace.mean, self.joint.climb(w)), key=lambda w: float(self.joint.log_density(w)))

    @cached_property
    def log_evidence(self) -> float:
        mass = self._grid[1]
        return float(mass.max() + np.log(np.sum(np.exp(mass - mass.max()))))

    @cached_property
    def _shares(self) -> Array:
        """The probability of each cell."""
        return np.asarray(np.exp(self._grid[1] - self.log_evidence))

    @cached_property
    def weights(self) -> Gaussian:
        """The Gaussian with the moments of p(w | t).

        The moments are summed in Laplace's coordinates u, in which the scale and the offset of a weight lose no digits.
        """
        u, shares = self._coordinates, self._shares.ravel()
        mean = shares @ u
        about = u - mean
        moments = Gaussian.from_moments(mean, (about * shares[:, None]).T @ about)
        root = moments.root @ self.laplace.root
        return Gaussian(root, root @ self.laplace.mean + moments.target).triangular()

    @cached_property
    def _coordinates(self) -> Array:
        """The coordinates u = R(w − mode) of each cell, (cells, k)."""
        return _grid_of(self._grid[0], self.laplace.size).reshape(-1, self.laplace.size)

    @cached_property
    def _cells(self) -> tuple[Array, Array, float]:
        """Coordinates u (c, k) and probabilities (c,) of the fewest cells that are sufficient, and their spacing along
        v.
        """
        v, mass, k, stride = self._grid[0], self._grid[1], self.laplace.size, 1
        while stride * (v[1] - v[0]) < 0.3 and _agrees(mass, 2 * stride, ENOUGH):
            stride *= 2
        every = tuple(slice(None, None, stride) for _ in range(k))
        u, shares = _grid_of(v, k)[every].reshape(-1, k), self._shares[every].ravel()
        occupied = shares > 1e-12 * shares.max()
        return u[occupied], shares[occupied] / shares[occupied].sum(), stride * float(v[1] - v[0])

    @cached_property
    def _sampled(self) -> LaplacePosterior:
        """The posterior by importance sampling, for p(t | x) at many values of x under narrow noise."""
        return LaplacePosterior(self.model, self.observations)

    def predict(self, x: ArrayLike) -> RobustPrediction:
        gaussian, x = super().predict(x), np.asarray(x, float)
        if not self.count:  # f is Gaussian
            return gaussian
        features = self.model.basis.features(x)
        centre, along = features @ self.laplace.mean, features @ self.laplace.inverse_root
        u, shares, spacing = self._cells
        widest = np.hypot(1, np.abs(u[shares > 1e-8 * shares.max()]).max() / 8)
        widths = spacing * widest * np.hypot.reduce(along, axis=1)
        narrow = np.array([not resolved(one, self.noise.df, self.noise.scale) for one in widths.tolist()], bool)
        cells, line = partial(self._cells_at, centre, along), partial(self._line_at, centre, along)
        within = partial(self._within, centre, along)
        variances = gaussian.epistemic_variance, gaussian.noise_variance

        def sampled(mask: NDArray[np.bool_]) -> RobustPrediction:
            return self._sampled.predict(x[mask])

        return GridPrediction(gaussian.mean, *variances, self.noise, cells, line, within, narrow, sampled)

    def prediction_error(self, x: ArrayLike) -> float:
        prediction, x = self.predict(x), np.asarray(x, float)
        if not isinstance(prediction, GridPrediction) or not prediction.is_sampled.any():
            return 0.0
        return self._sampled.prediction_error(x[prediction.is_sampled])

    def score_error(self, x: Array, t: Array) -> float:
        prediction = self.predict(x)
        if not isinstance(prediction, GridPrediction) or not prediction.is_sampled.any():
            return 0.0
        sampled = prediction.is_sampled
        return self._sampled.score_error(x[sampled], t[sampled]) * float(np.mean(sampled))

    def _cells_at(self, centre: Array, along: Array, i: int) -> Cells:
        """Return f = centre + along·u of the cells at x number `i`."""
        u, shares, _ = self._cells
        return Cells(centre[i] + u @ along[i], shares)

    def _within(self, centre: Array, along: Array, i: int, middle: float, half: Array) -> Array:
        """Return the probabilities (m,) that f at x number `i` is within middle ± half (m,).

        Each cell has a width, so that the cells adjoin.
        """
        u, shares, spacing = self._cells
        apart = np.maximum(spacing * np.sqrt((1 + (u / 8) ** 2) @ along[i] ** 2), 1e-300)
        away = np.abs(centre[i] + u @ along[i] - middle)
        return np.asarray(np.clip((half[:, None] - away) / apart + 0.5, 0, 1) @ shares)

    def _line_at(self, centre: Array, along: Array, i: int) -> Line:
        """Return p(f) at x number `i`, integrated along the lines of constant f: the grid is rotated towards f."""
        length = float(np.hypot.reduce(along[i]))
        direction = along[i] / length
        v = self._grid[0]
        across = _grid_of(v, len(direction))
        turn = np.array([direction, [-direction[1], direction[0]]]) if len(direction) == 2 else direction[None]
        w = self.laplace.mean + across @ turn @ self.laplace.inverse_root.T
        log_volume = float(np.linalg.slogdet(self.laplace.inverse_root)[1])
        log_p = self.joint.log_density(w) + log_volume - self.log_evidence
        if log_p.ndim == 2:
            peak = log_p.max(axis=1, keepdims=True)
            log_p = np.log(np.exp(log_p - peak) @ np.cosh(v / 8)) + np.log(v[1] - v[0]) + peak[:, 0]
        return Line(v, log_p - np.log(length), float(centre[i]), length)

    def sample(self, rng: np.random.Generator, n: int) -> Array:
        """Return `n` draws (n, k) by inverting the cumulative distribution, along the first axis and then the second.

        The draws are a continuous function of the posterior.
        """
        return self._inverted(rng.random((n, self.laplace.size)))

    def transport(self, normals: Array) -> Array:
        from scipy.special import ndtr  # imported here, because it delays the start

        return self._inverted(ndtr(normals[:, :-1]))

    def _inverted(self, chances: Array) -> Array:
        """Return the weights (n, k) at the cumulative probabilities `chances` (n, k), axis by axis."""
        v, shares = self._grid[0], self._shares
        sides = np.append(v, 2 * v[-1] - v[-2]) - (v[1] - v[0]) / 2
        lines = shares.reshape(len(v), -1).sum(axis=1)
        places = [np.interp(chances[:, 0], np.concatenate([[0.0], np.cumsum(lines)]) / lines.sum(), sides)]
        if shares.ndim == 2:
            row = np.clip(np.searchsorted(sides, places[0]) - 1, 0, len(v) - 1)
            heaps = np.column_stack([np.zeros(len(v)), np.cumsum(shares, axis=1)]) / np.maximum(lines, 1e-300)[:, None]
            steps = (
                np.arange(len(v))[:, None] + np.minimum(heaps, 1.0)
            ).ravel()  # one ascending function, 1 higher in each row
            places.append(np.interp(row + chances[:, 1], steps, np.tile(sides, len(v))))
        return np.asarray(self.laplace.mean + 8 * np.sinh(np.column_stack(places) / 8) @ self.laplace.inverse_root.T)

    def plane(self, pair: Sequence[int]) -> GridDensity:
        return GridDensity(self, tuple(pair))

    def outline(self, pair: Sequence[int]) -> Array:
        """Return the contour of the 95 % of highest density, as segments (n, 4) from (x, y) to (x, y)."""
        v, log_density, shares = self._grid[0], self.joint.log_density(self._grid[2]), self._shares
        order = np.argsort(-log_density, axis=None)
        last = int(np.searchsorted(np.cumsum(shares.ravel()[order]), 0.95))
        ends = contour(log_density, v, v, float(log_density.ravel()[order][last])).reshape(-1, 2, 2)
        w = self.laplace.mean + 8 * np.sinh(ends[..., ::-1] / 8) @ self.laplace.inverse_root.T
        return np.asarray(w[..., list(pair)].reshape(-1, 4))


def _even(reach: float, spacing: float) -> Array:
    """Return v (m,), evenly spaced around 0."""
    n = np.ceil(reach / spacing)
    return np.arange(-n, n + 1) * spacing


def _grid_of(v: Array, k: int) -> Array:
    """Return u (…, k) of all cells: u = 8 sinh(v/8) along each axis."""
    return np.stack(np.meshgrid(*[8 * np.sinh(v / 8)] * k, indexing="ij"), axis=-1)


def _agrees(log_mass: Array, stride: int, most: float) -> bool:
    """Return whether the sums over every `stride`-th line, from each start, differ by at most `most` of their mean.

    The error of the trapezoid rule is about the square of its error at twice the spacing.
    """
    mass = np.exp(log_mass - log_mass.max())
    corners = product((0, stride // 2), repeat=mass.ndim)
    sums = [mass[tuple(slice(start, None, stride) for start in corner)].sum() for corner in corners]
    return bool(max(sums) - min(sums) <= most * np.mean(sums))


class GridDensity(msgspec.Struct, frozen=True, eq=False):
    """The density p(w | t) over two weights, in the order of `pair`."""

    posterior: GridPosterior
    pair: tuple[int, ...]

    def log_density(self, w: ArrayLike) -> Array:
        """Return ln p at w (…, 2) -> (…), in nats."""
        weights = np.asarray(w, float)[..., list(self.pair)]
        return self.posterior.joint.log_density(weights) - self.posterior.log_evidence

    def gradient(self, w: ArrayLike) -> Array:
        """Return ∇ ln p at w (…, 2) -> (…, 2)."""
        return self.posterior.joint.gradient(np.asarray(w, float)[..., list(self.pair)])[..., list(self.pair)]

    def laplace(self) -> Gaussian:
        """Return the Laplace approximation of this density."""
        return self.posterior.laplace.marginal(list(self.pair)).triangular()

    def log_kernel_over(self, x: Array, y: Array, work: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        across, up = np.broadcast_arrays(x[None, :], y[:, None])
        return self.log_density(np.stack([across, up], axis=-1)).astype(np.float32)


@inference(StudentTNoise)
def approximated(model: LinearModel, observations: Observations) -> RobustPosterior:
    """Return the posterior: on a grid for one or two weights, else by Laplace's approximation.

    Laplace's approximation is also used if the observations are too many for a grid.
    """
    if is_on_a_grid(model, len(observations)):
        return GridPosterior(model, observations)
    return LaplacePosterior(model, observations)


def is_on_a_grid(model: LinearModel, n: int) -> bool:
    """Return whether the posterior of n observations under Student's t noise is summed over a grid."""
    return model.basis.size <= 2 and n <= GRID_POINTS


def is_by_laplace(model: LinearModel, n: int) -> bool:
    """Return whether lines are drawn from Laplace's approximation of the posterior of n observations."""
    return isinstance(model.noise, StudentTNoise) and n > 0 and not is_on_a_grid(model, n)
