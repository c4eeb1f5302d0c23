"""Unboxing: p(z), p(x|z), p(z|x), ln p(x), the ELBO and the gap of one image, for any observation, on a lattice."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.gaussian import Array, Gaussian
from engine.latent.beliefs import Belief, Mass, prior, weigh
from engine.latent.encoded_image import kl_to_prior
from engine.latent.observations import Full, Observation, Seen
from engine.latent.sights import Sight
from engine.quadrature import normal_square

if TYPE_CHECKING:
    from engine.latent.vae.lattice import Lattice
    from engine.latent.vae.model import VAE

NODES = 12  # of Gauss–Hermite quadrature on each axis
WIDEST = 24.0  # how far out mass is followed


class Bound(msgspec.Struct, frozen=True, eq=False):
    """The ELBO of q = N(mean, diag(deviation²)): E_q[ln p(seen|z)], by quadrature, − KL(q‖p), in nats."""

    mean: Array
    deviation: Array
    reconstruction: float
    kl: float

    @property
    def elbo(self) -> float:
        """A lower bound on ln p(seen)."""
        return self.reconstruction - self.kl


class Unboxing(msgspec.Struct, frozen=True, eq=False):
    """Everything about one image. Densities (size, size) are over `axis` (size,), rows z₁ from below, in nats.

    Prior and posterior are those before and after the latest sight, of which the likelihood is. `log_evidence` is
    ln p(everything seen), known to within `error`; `gains` are what each sight adds to it. `q` is the encoder's of what
    was seen, or any other. `mass` says where the posterior is.
    """

    axis: Array
    log_prior: Array
    log_likelihood: Array
    log_posterior: Array
    log_evidence: float
    error: float
    gains: tuple[float, ...]
    mass: Mass
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
    from engine.latent.vae.lattice import Lattice

    seen = (observation or Full()).see(vae.scored(image))
    while True:
        lattice = Lattice(vae, size, extent)
        for _ in lattice.decode():
            pass
        belief = believed(lattice, seen.sights)
        if not belief.leaves or extent >= WIDEST:
            return unboxed(vae, seen, belief, *(found[0] for found in vae.encode(seen.pictures[-1:])))
        extent *= 2


def believed(lattice: Lattice, sights: Sequence[Sight]) -> Belief:
    """What is believed of z after all sights."""
    belief = prior(lattice.axis[:: lattice.stride])
    for sight in sights:
        belief = belief.update(lattice.log_likelihood(sight))
    return belief


def unboxed(vae: VAE, seen: Seen, belief: Belief, mean: Array, deviation: Array) -> Unboxing:
    """All about a belief that came of what was seen, and how near q = N(mean, diag(deviation²)) comes to it."""
    from engine.latent.vae.lattice import log_likelihoods

    sights = seen.sights[: len(belief.gains)]
    score = partial(log_likelihoods, vae, sights)
    mass, log_evidence, error = weigh(belief, score)
    gains = belief.gains
    if gains:
        gains = (*gains[:-1], gains[-1] + log_evidence - belief.log_evidence)
    before = belief.before or belief
    flat = np.zeros_like(belief.log_density) if belief.log_likelihood is None else belief.log_likelihood
    found = bound(score, mean, deviation)
    return Unboxing(
        belief.axis,
        before.log_density,
        flat,
        belief.log_density + belief.log_evidence - log_evidence,
        log_evidence,
        error,
        gains,
        mass,
        found,
    )


def bound(score: Any, mean: Array, deviation: Array) -> Bound:
    """The ELBO of q = N(mean, diag(deviation²)), by Gauss–Hermite quadrature of `score`, ln p(seen|z)."""
    places, shares = normal_square(NODES)
    fit = float(shares @ score(mean + deviation * places))
    return Bound(mean, deviation, fit, kl_to_prior(mean, deviation))
