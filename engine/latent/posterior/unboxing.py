"""Unboxing: p(z), p(x|z), p(z|x), ln p(x), the ELBO and the gap of one image, for any observation, on a lattice."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.derived import PENDING, Pending, whole
from engine.gaussian import Array, Gaussian
from engine.latent.gaussian_q import kl_to_prior
from engine.latent.observations.full import Full
from engine.latent.observations.measurement import Measurement
from engine.latent.observations.observation import Measurements, Observation
from engine.latent.posterior.grid_density import (
    AT_ONCE,
    GridDensity,
    Integral,
    Score,
    WeightedCells,
    integrate_on_grid,
    prior,
    refine,
)
from engine.quadrature import normal_square

if TYPE_CHECKING:
    from engine.latent.posterior.scoring.lattice import Lattice
    from engine.latent.vae.networks.vae import VAE

NODES = 12  # of Gauss–Hermite quadrature on each axis
FEWER = 5  # on each axis of q, from which a lost mode is searched
TAIL = 6.5  # standard deviations beyond which nothing of q is left
WIDE = 4.0  # steps of the lattice from which on a q is summed over it
FEWEST, MOST = 20, 160  # places on an axis at which a narrower q is summed
WIDEST = 24.0  # how far out mass is followed


class Bound(msgspec.Struct, frozen=True, eq=False):
    """The ELBO of q = N(mean, diag(deviation²)): E_q[ln p(seen|z)], by quadrature, − KL(q‖p), in nats.

    The quadrature is off by `error` at most; the KL is exact.
    """

    mean: Array
    deviation: Array
    reconstruction: float
    kl: float
    error: float = 0.0

    @property
    def elbo(self) -> float:
        """A lower bound on ln p(seen)."""
        return self.reconstruction - self.kl


class Unboxing(msgspec.Struct, frozen=True, eq=False):
    """Everything about one image. Densities (size, size) are over `axis` (size,), rows z₁ from below, in nats.

    Prior and posterior are those before and after the latest measurement, of which the likelihood is. `log_evidence` is
    ln p(everything seen), known to within `error`; `log_evidence_terms` are what each measurement adds to it. `q` is
    that of the encoder for what was seen, or any other. `mass` says where the posterior is.
    """

    axis: Array
    log_prior: Array
    log_likelihood: Array
    log_posterior: Array
    log_evidence: float
    error: float
    log_evidence_terms: tuple[float, ...]
    mass: WeightedCells
    bound: Bound

    @property
    def elbo(self) -> float:
        """The ELBO of q, in nats."""
        return self.bound.elbo

    @property
    def gap(self) -> float:
        """ln p(x) − ELBO = KL(q(z) ‖ p(z|x)), in nats."""
        return self.log_evidence - self.elbo

    @property
    def q(self) -> Gaussian:
        """q(z)."""
        return Gaussian.from_moments(self.bound.mean, np.diag(self.bound.deviation**2))

    @property
    def reverse(self) -> float:
        """KL(p(z|x) ‖ q(z)), in nats: the other way round."""
        return self.mass_log_density - float(self.mass.shares @ self.q.log_density(self.mass.z))

    @property
    def mass_log_density(self) -> float:
        """E[ln p(z|x)] under p(z|x) itself, its negative entropy, in nats."""
        held = self.mass.shares > 0
        logs = np.log(self.mass.shares[held]) - 2 * np.log(self.mass.side[held])
        return float(self.mass.shares[held] @ logs)


def unbox(
    vae: VAE, image: NDArray[Any], observation: Observation | None = None, size: int = 301, extent: float = 6.0
) -> Unboxing:
    """Look at an image (h, w[, 3]) of values in [0, 1] by an observation, the whole of it if none is given.

    The densities are on size² latents over [−extent, extent]² (or wider, if the posterior lies at its edge). Takes
    seconds: the decoder is run at each. Raises ValueError if the observation cannot be made of this image.
    """
    from engine.latent.posterior.scoring.lattice import Lattice

    seen = (observation or Full()).measure(vae.scored(image))
    while True:
        lattice = Lattice(vae, size, extent)
        for _ in lattice.decode():
            pass
        grid = grid_posterior(lattice, seen.measurements)
        if not grid.touches_edge or extent >= WIDEST:
            return unboxed(vae, seen, grid, *(found[0] for found in vae.encode(seen.pictures[-1:])))
        extent *= 2


def grid_posterior(lattice: Lattice, measurements: Sequence[Measurement]) -> GridDensity:
    """Return the posterior of z after all measurements."""
    grid = prior(lattice.axis[:: lattice.stride])
    for measurement in measurements:
        grid = grid.update(lattice.log_likelihood(measurement))
    return grid


def unboxed(vae: VAE, seen: Measurements, grid: GridDensity, mean: Array, deviation: Array) -> Unboxing:
    """Return the complete Unboxing of a grid posterior, with the ELBO of q = N(mean, diag(deviation²))."""
    return whole(unboxing(vae, seen, grid, mean, deviation))


def unboxing(
    vae: VAE, seen: Measurements, grid: GridDensity, mean: Array, deviation: Array
) -> Generator[Unboxing | Pending, None, None]:
    """Yield increasingly accurate Unboxings, the first after about 10 ms."""
    from engine.latent.posterior.scoring.lattice import log_likelihoods

    score = partial(log_likelihoods, vae, seen.measurements[: len(grid.log_evidence_terms)])
    close, last = bound(score, mean, deviation), integrate_on_grid(grid)
    for integral in refine(grid, score, mean[None]):
        if not isinstance(integral, Pending):
            last = integral
        yield integral if isinstance(integral, Pending) else _made(grid, integral, close)
    for better in bounding(grid, score, mean, deviation):
        if not isinstance(better, Pending):
            close = better
        yield better if isinstance(better, Pending) else _made(grid, last, better)
    with_q = yield from with_mass_of_q(grid, score, close, last)
    if with_q is not last:
        yield _made(grid, with_q, close)


def with_mass_of_q(grid: GridDensity, score: Score, q: Bound, known: Integral) -> Generator[Pending, None, Integral]:
    """Return `known`, or an integral with the mode that it lacks: an ELBO above ln p(seen) proves that it lacks one."""
    if q.elbo - q.error <= known.log_evidence + known.error:
        return known
    starts = q.mean + q.deviation * normal_square(FEWER)[0]
    last = known
    for integral in refine(grid, score, starts, everywhere=True):
        if not isinstance(integral, Pending):
            last = integral
        yield PENDING
    return last if last.log_evidence > known.log_evidence else known


def _made(grid: GridDensity, weighed: Integral, close: Bound) -> Unboxing:
    before, off = grid.before or grid, weighed.log_evidence - grid.log_evidence
    terms = grid.log_evidence_terms
    terms = (*terms[:-1], terms[-1] + off) if terms else ()
    flat = np.zeros_like(grid.log_density) if grid.log_likelihood is None else grid.log_likelihood
    return Unboxing(
        grid.axis,
        before.log_density,
        flat,
        grid.log_density - off,
        weighed.log_evidence,
        weighed.error,
        terms,
        weighed.mass,
        close,
    )


def bound(score: Score, mean: Array, deviation: Array) -> Bound:
    """The ELBO of q = N(mean, diag(deviation²)), by Gauss–Hermite quadrature of `score`, ln p(seen|z), at once.

    Decoders have kinks, which it steps over: it may be off by hundredths of a nat, and for a wide q by far more.
    """
    places, shares = normal_square(NODES)
    fit = float(shares @ score(mean + deviation * places))
    rough = normal_square(NODES - 4)
    other = float(rough[1] @ score(mean + deviation * rough[0]))
    return Bound(mean, deviation, fit, kl_to_prior(mean, deviation), abs(fit - other))


def bounding(grid: GridDensity, score: Score, mean: Array, deviation: Array) -> Generator[Bound | Pending, None, None]:
    """The ELBO by sums over even steps, which bear kinks: over the lattice for a wide q, over its own places otherwise.

    The sums over every other place on each axis tell how far it is off. Yields PENDING where the job may be cancelled.
    """
    kl = kl_to_prior(mean, deviation)
    if np.all(deviation > WIDE * grid.step) and np.all(np.abs(mean) + TAIL * deviation < grid.axis[-1]):
        values = grid.log_density + grid.log_evidence - prior(grid.axis).log_density
        across, up = (_shares((grid.axis - mean[i]) / deviation[i]) for i in (0, 1))
        yield _bound(mean, deviation, values, across, up, kl)
        return
    steps = [np.linspace(-TAIL, TAIL, _count(deviation[i], grid.step)) for i in (0, 1)]
    places = np.stack(np.meshgrid(*steps), axis=-1).reshape(-1, 2)
    values = np.empty(len(places))
    for start in range(0, len(places), AT_ONCE):
        values[start : start + AT_ONCE] = score(mean + deviation * places[start : start + AT_ONCE])
        yield PENDING
    yield _bound(
        mean, deviation, values.reshape(len(steps[1]), len(steps[0])), _shares(steps[0]), _shares(steps[1]), kl
    )


def _bound(mean: Array, deviation: Array, values: Array, across: Array, up: Array, kl: float) -> Bound:
    """From values (rows, columns) and q's shares of columns and rows."""
    fit = float(up @ values @ across)
    parts = [float(_again(up[a::2]) @ values[a::2, b::2] @ _again(across[b::2])) for a in (0, 1) for b in (0, 1)]
    return Bound(mean, deviation, fit, kl, max(abs(part - fit) for part in parts))


def _shares(steps: Array) -> Array:
    """Of a standard normal, at even steps."""
    return _again(np.exp(-0.5 * steps**2))


def _again(shares: Array) -> Array:
    return np.asarray(shares / shares.sum())


def _count(deviation: float, step: float) -> int:
    """Places on one axis, an odd number: a third of the lattice's step apart, or enough for the Gaussian itself."""
    return int(np.clip(2 * np.ceil(TAIL * deviation * 3 / step), FEWEST, MOST)) // 2 * 2 + 1
