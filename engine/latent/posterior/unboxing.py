"""Unboxing: p(z), p(x|z), p(z|x), ln p(x), the ELBO and the gap of one image, for any observation, on a lattice.

If the user sets no q, it is the encoder's q for the observed image, in which unobserved pixels are 0. The encoder was
not trained on such images, so a large gap is expected. ELBOs are sums over an even grid, and Gauss–Hermite quadrature
gives only their first value. See docs/decisions/022 and 023.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from msgspec.structs import replace
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
)
from engine.latent.posterior.refinement import refine
from engine.quadrature import normal_square

if TYPE_CHECKING:
    from engine.latent.posterior.scoring.lattice import Lattice
    from engine.latent.vae.networks.vae import VAE

NODES = 12  # Gauss–Hermite nodes on each axis
FEWER = 5  # Gauss–Hermite nodes of q on each axis, from which the search for a lost mode starts
TAIL = 6.5  # standard deviations at which q is cut off
WIDE = 4.0  # lattice steps: a q with larger deviations is summed over the lattice itself
FEWEST, MOST = 20, 160  # nodes on each axis of the sum over a narrower q
WIDEST = 24.0  # half the side of the largest lattice


class Bound(msgspec.Struct, frozen=True, eq=False):
    """The ELBO of q = N(mean, diag(deviation²)): reconstruction E_q[ln p(y|z)] minus KL(q‖p), in nats.

    `error` bounds the error of the reconstruction, which is a quadrature; the KL is exact. See Kingma & Welling 2014,
    eq. 3.
    """

    mean: Array
    deviation: Array
    reconstruction: float
    kl: float
    error: float = 0.0

    @property
    def elbo(self) -> float:
        """The lower bound on ln p(y), in nats."""
        return self.reconstruction - self.kl


class Unboxing(msgspec.Struct, frozen=True, eq=False):
    """The terms of Bayes' rule for one image. Log densities (size, size) are over `axis` (size,), rows z₁ from below.

    The likelihood is that of the latest measurement; prior and posterior are the densities before and after it.
    `log_evidence` is ln p(all measurements) in nats, with its `error`, and the sum of `log_evidence_terms`, one for
    each measurement. `mass` is the posterior as cells. `bound` is the ELBO of q.
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
        """ln p(y) − ELBO = KL(q(z) ‖ p(z|y)), in nats.

        A divergence is not negative. A difference below 0 is within the errors of its terms, and 0 is returned.
        """
        return max(self.log_evidence - self.elbo, 0.0)

    @property
    def q(self) -> Gaussian:
        """q(z), as a Gaussian."""
        return Gaussian.from_moments(self.bound.mean, np.diag(self.bound.deviation**2))

    @property
    def reverse(self) -> float:
        """The reverse divergence KL(p(z|y) ‖ q(z)), in nats."""
        return self.mass_log_density - float(self.mass.shares @ self.q.log_density(self.mass.z))

    @property
    def mass_log_density(self) -> float:
        """E[ln p(z|y)] under the posterior itself, which is its negative entropy, in nats."""
        held = self.mass.shares > 0
        logs = np.log(self.mass.shares[held]) - 2 * np.log(self.mass.side[held])
        return float(self.mass.shares[held] @ logs)


def unbox(
    vae: VAE, image: NDArray[Any], observation: Observation | None = None, size: int = 301, extent: float = 6.0
) -> Unboxing:
    """Return the exact posterior of one image (h, w[, 3]), pixels in [0, 1], given an observation (default: Full()).

    The densities are on size² latents over [−extent, extent]², or wider if the posterior touches the edge. This takes
    seconds, because the decoder is evaluated at each of them. All results are in nats. Raises ValueError if the
    observation cannot be applied to the image, or if the model has more than two latents.
    """
    from engine.latent.posterior.scoring.lattice import Lattice

    if vae.latents > 2:
        raise ValueError(
            f"A grid over {vae.latents} latents has {size}^{vae.latents} nodes. Take a plane of the model: "
            "engine.latent.vae.networks.sliced.sliced."
        )
    seen = (observation or Full()).measure(vae.scored(image))
    while True:
        lattice = Lattice(vae, size, extent)
        for _ in lattice.decode():
            pass
        grid = grid_posterior(lattice, seen.measurements)
        if not grid.touches_edge or extent >= WIDEST:
            return unboxed(vae, seen, grid, *(each[0] for each in vae.encode(seen.pictures[-1:])))
        extent *= 2


def grid_posterior(lattice: Lattice, measurements: Sequence[Measurement]) -> GridDensity:
    """Return the posterior after all measurements, on the decoded nodes of a lattice."""
    grid = prior(lattice.axis[:: lattice.stride])
    for measurement in measurements:
        grid = grid.update(lattice.log_likelihood(measurement))
    return grid


def unboxed(vae: VAE, seen: Measurements, grid: GridDensity, mean: Array, deviation: Array) -> Unboxing:
    """Return the complete Unboxing of a grid posterior, with the ELBO of q = N(mean, diag(deviation²))."""
    from engine.latent.posterior.scoring.at_latents import log_likelihoods

    score = partial(log_likelihoods, vae, seen.measurements[: len(grid.log_evidence_terms)])
    return whole(unboxing(score, grid, bound(score, mean, deviation)))


def unboxing(score: Score, grid: GridDensity, estimate: Bound) -> Generator[Unboxing | Pending, None, None]:
    """Yield Unboxings of a grid posterior with increasing accuracy, the first with the `estimate` of q's bound.

    `score` gives ln p(all measurements | z).
    """
    mean, deviation, last = estimate.mean, estimate.deviation, integrate_on_grid(grid)
    for integral in refine(grid, score, mean[None]):
        if not isinstance(integral, Pending):
            last = integral
        yield integral if isinstance(integral, Pending) else sound(grid, integral, estimate)
    for better in bounding(grid, score, mean, deviation):
        if not isinstance(better, Pending):
            estimate = better
        yield better if isinstance(better, Pending) else sound(grid, last, better)
    with_q = yield from with_mass_of_q(grid, score, estimate, last)
    if with_q is not last or lacks_mass(estimate, last):
        yield _unboxing(grid, with_q, estimate)


def lacks_mass(q: Bound, integral: Integral) -> bool:
    """Whether the ELBO of q proves that the integral lacks a mode, because it is above ln p(all measurements)."""
    return q.elbo - q.error > integral.log_evidence + integral.error


def with_mass_of_q(grid: GridDensity, score: Score, q: Bound, integral: Integral) -> Generator[Pending, None, Integral]:
    """Return an integral that includes the mode at q; if none is lost, the given integral."""
    if not lacks_mass(q, integral):
        return integral
    starts = q.mean + q.deviation * normal_square(FEWER)[0]
    last = integral
    for refined in refine(grid, score, starts, everywhere=True):
        if not isinstance(refined, Pending):
            last = refined
        yield PENDING
    return last if last.log_evidence > integral.log_evidence else integral


def with_integral(unboxing: Unboxing, integral: Integral) -> Unboxing:
    """Return an Unboxing with the mass, the evidence and the error of another integral."""
    off = integral.log_evidence - unboxing.log_evidence
    terms = unboxing.log_evidence_terms
    return replace(
        unboxing,
        log_posterior=unboxing.log_posterior - off,
        log_evidence=integral.log_evidence,
        error=integral.error,
        log_evidence_terms=(*terms[:-1], terms[-1] + off) if terms else (),
        mass=integral.mass,
    )


def sound(grid: GridDensity, integral: Integral, bound: Bound) -> Unboxing | Pending:
    """Return the Unboxing; PENDING as long as the integral lacks a mode, because the gap would be negative."""
    return PENDING if lacks_mass(bound, integral) else _unboxing(grid, integral, bound)


def _unboxing(grid: GridDensity, integral: Integral, bound: Bound) -> Unboxing:
    """The Unboxing whose densities and evidence terms are corrected by the refined integral."""
    before, off = grid.before or grid, integral.log_evidence - grid.log_evidence
    terms = grid.log_evidence_terms
    terms = (*terms[:-1], terms[-1] + off) if terms else ()
    flat = np.zeros_like(grid.log_density) if grid.log_likelihood is None else grid.log_likelihood
    return Unboxing(
        grid.axis,
        before.log_density,
        flat,
        grid.log_density - off,
        integral.log_evidence,
        integral.error,
        terms,
        integral.mass,
        bound,
    )


def bound(score: Score, mean: Array, deviation: Array) -> Bound:
    """Estimate the ELBO of q = N(mean, diag(deviation²)) by Gauss–Hermite quadrature of `score`, ln p(y|z).

    The quadrature does not resolve the kinks of a decoder: it may err by hundredths of a nat, for a wide q by more.
    """
    (places, shares), (rough, rough_shares) = normal_square(NODES), normal_square(NODES - 4)
    values = score(mean + deviation * np.concatenate([places, rough]))
    fit, other = float(shares @ values[: len(shares)]), float(rough_shares @ values[len(shares) :])
    return Bound(mean, deviation, fit, kl_to_prior(mean, deviation), abs(fit - other))


def bounding(grid: GridDensity, score: Score, mean: Array, deviation: Array) -> Generator[Bound | Pending, None, None]:
    """Yield the ELBO of q by a sum over an even grid, and PENDING before.

    A wide q is summed over the lattice, a narrower one over nodes of its own. The sums over the four sub-grids give the
    error. Kinks of the decoder do less harm to such sums than to a quadrature.
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
    """The bound from values (rows, columns) of ln p(y|z) and q's masses of columns and rows."""
    fit = float(up @ values @ across)
    quarters = [
        float(_normalised(up[a::2]) @ values[a::2, b::2] @ _normalised(across[b::2])) for a in (0, 1) for b in (0, 1)
    ]
    return Bound(mean, deviation, fit, kl, max(abs(quarter - fit) for quarter in quarters))


def _shares(steps: Array) -> Array:
    """The masses of a standard Gaussian at even steps."""
    return _normalised(np.exp(-0.5 * steps**2))


def _normalised(shares: Array) -> Array:
    return np.asarray(shares / shares.sum())


def _count(deviation: float, step: float) -> int:
    """The number of nodes on one axis, which is odd: a third of a lattice step apart, within FEWEST and MOST."""
    return int(np.clip(2 * np.ceil(TAIL * deviation * 3 / step), FEWEST, MOST)) // 2 * 2 + 1
