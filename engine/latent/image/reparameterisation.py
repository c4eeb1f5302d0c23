"""Reparameterisation: z = μ + σ ⊙ ε drawn point by point, and the gradient of the ELBO estimated in two ways."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace

from engine.derived import PENDING, Pending, derived
from engine.document import SETTINGS, Setting
from engine.gaussian import LN_2PI, Array
from engine.latent.document import Latent
from engine.latent.gaussian_q import GaussianQ, gaussian_q
from engine.latent.image.encoding import encoded
from engine.latent.model import Ink
from engine.memo import Recent, Resumable, remember
from engine.part import Part
from engine.plane import Viewport

if TYPE_CHECKING:
    from engine.latent.vae.networks.vae import VAE

POOL = 8192  # single-sample estimates from which all others are averaged, 0.5 MB
POOLS = 16  # in memory, of one model
AT_ONCE = 256  # of them, between two looks at whether they are still wanted
FIRST = 512  # so many are shown first, and then twice as many each time
REACH = 6.0  # how far from 0 an ε may be dragged
Samples = Literal[1, 2, 5, 10, 20, 50, 100]
Parameter = Literal["∂/∂μ₀", "∂/∂μ₁", "∂/∂ln σ₀", "∂/∂ln σ₁"]
COUNTS: tuple[int, ...] = get_args(Samples)
PARAMETERS: tuple[str, ...] = get_args(Parameter)
Gradient = Callable[[Array], tuple[Array, Array]]  # z (n, 2) -> ln p(x|z) (n,) and its gradient (n, 2)


@SETTINGS.register
class ReparameterisationSettings(Part, Setting, frozen=True, tag=True):
    """Reparameterisation: the ε that are drawn, and how the gradient is estimated."""

    points: Annotated[int, Meta(ge=1, le=100, title="Points", description="The number of ε that are drawn.")] = 12
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1, title="Seed", description="Same seed, same ε.")] = 1
    moved: tuple[tuple[int, float, float], ...] = ()  # which ε was dragged, and where to
    samples: Annotated[
        Samples, Meta(title="Samples K", description="The number of z that one estimate of the gradient averages.")
    ] = 10
    parameter: Annotated[
        Parameter, Meta(title="Gradient", description="The component of the gradient that is shown.")
    ] = "∂/∂μ₀"

    @property
    def epsilon(self) -> Array:
        """ε (n, 2) ~ N(0, I), but for those that were dragged."""
        drawn = np.random.default_rng(self.seed).standard_normal((self.points, 2))
        for i, across, up in self.moved:
            if i < self.points:
                drawn[i] = across, up
        return drawn

    def fresh(self) -> ReparameterisationSettings:
        """With other ε."""
        return replace(self, seed=(self.seed + 1) % 2**31, moved=())

    def move(self, i: int, epsilon: Array) -> ReparameterisationSettings:
        """With ε number `i` elsewhere, within REACH."""
        across, up = (float(value) for value in np.clip(epsilon, -REACH, REACH))
        others = tuple(one for one in self.moved if one[0] != i)
        return replace(self, moved=(*others, (i, across, up)))

    def put_back(self, i: int) -> ReparameterisationSettings:
        """With ε number `i` where it was drawn. Raises ValueError if it is there."""
        others = tuple(one for one in self.moved if one[0] != i)
        if others == self.moved:
            raise ValueError("This ε is where it was drawn: drag it first.")
        return replace(self, moved=others)


def draw_new_epsilon(document: Latent) -> Latent:
    """With other ε."""
    return document.with_setting(document[ReparameterisationSettings].fresh())


class Estimates(msgspec.Struct, frozen=True, eq=False):
    """Gradients of the ELBO in (μ₀, μ₁, ln σ₀, ln σ₁), each from one sample of z, (n, 4), in nats.

    `score` is ∇ ln q(z) · (ln p(x, z) − ln q(z)), Williams 1992; `pathwise` is the derivative of
    ln p(x, z) − ln q(z) along z = μ + σ ⊙ ε, Kingma & Welling 2014, eq. 5. Both have the same mean.
    """

    score: Array
    pathwise: Array

    @property
    def exact(self) -> tuple[Array, Array]:
        """The gradient (4,) as exactly as it is known, the mean of all of `pathwise`, and its standard errors (4,)."""
        n = len(self.pathwise)
        return self.pathwise.mean(axis=0), self.pathwise.std(axis=0, ddof=1) / np.sqrt(n)

    def averaged(self, samples: int) -> tuple[Array, Array]:
        """Both estimates from so many samples each, as often as the pool allows, (repeats, 4)."""
        return averaged(self.score, samples), averaged(self.pathwise, samples)

    def deviations(self, samples: int) -> tuple[Array, Array]:
        """The standard deviations (4,) of both estimates from so many samples each."""
        score, pathwise = self.averaged(samples)
        return score.std(axis=0, ddof=1), pathwise.std(axis=0, ddof=1)


class Linked(msgspec.Struct, frozen=True, eq=False):
    """What the panel draws: q's mean and deviation (2,), the encoder's, ε and z (n, 2), decoded; the gradients.

    `image` is the name of the image that was encoded; `encoder` is None if there is none.
    """

    mean: Array
    deviation: Array
    encoder: GaussianQ | None
    image: str
    epsilon: Array
    z: Array
    ink: Ink
    estimates: Estimates | None = None


def sample(mean: Array, deviation: Array, epsilon: Array) -> Array:
    """z = μ + σ ⊙ ε (n, 2). Kingma & Welling 2014, section 2.4."""
    return np.asarray(mean + deviation * epsilon)


def estimates(deviation: Array, epsilon: Array, z: Array, values: Array, slopes: Array) -> Estimates:
    """The gradients from samples z (n, 2) made of ε, given ln p(x|z) (n,) and its gradient in z (n, 2)."""
    log_q = -0.5 * np.sum(epsilon**2, axis=1) - LN_2PI - np.sum(np.log(deviation))
    log_joint = values - 0.5 * np.sum(z**2, axis=1) - LN_2PI
    of_log_q = np.hstack([epsilon / deviation, epsilon**2 - 1])  # ∇ ln q(z) at fixed z
    along = slopes - z  # ∇_z ln p(x, z)
    # Along the path −ln q(z) = Σ ln σ + ½‖ε‖² + const, whose derivative is 1 in each ln σ.
    return Estimates(of_log_q * (log_joint - log_q)[:, None], np.hstack([along, along * deviation * epsilon + 1]))


def averaged(single: Array, samples: int) -> Array:
    """Means (n // samples, 4) over groups of so many of `single` (n, 4)."""
    whole = len(single) // samples
    return np.asarray(single[: whole * samples].reshape(whole, samples, -1).mean(axis=1))


@derived(Linked, last=True)
def reparameterisation(document: Latent, _: Viewport) -> Generator[Linked | Pending, None, None]:
    """ε and z at once, then ever more estimates of the gradient."""
    manifold, image = document.manifold, encoded(document)
    encoder = gaussian_q(image.mean, image.deviation) if image else None
    q = document.q or encoder or GaussianQ()
    epsilon = document[ReparameterisationSettings].epsilon
    z = sample(q.mean, q.deviation, epsilon)
    name = image.name if image else ""
    linked = Linked(q.mean, q.deviation, encoder, name, epsilon, z, manifold.decode(z))
    yield linked
    if image is not None:
        vae, x = manifold.vae, image.pixels / np.float32(255)
        pools: Recent[object, Resumable[Estimates]] = remember(manifold, "gradients", partial(Recent, POOLS))
        for found in pools.remember((document.input, q), lambda: Resumable(pooled(vae, x, q))).go():
            yield found if isinstance(found, Pending) else replace(linked, estimates=found)


def pooled(vae: VAE, x: Array, q: GaussianQ) -> Generator[Estimates | Pending, None, None]:
    """Twice as many estimates each time, FIRST to POOL."""
    from engine.latent.posterior.scoring.latent_gradients import log_likelihood_gradient

    gradient = partial(log_likelihood_gradient, vae, x)
    parts: list[Estimates] = []
    shown = FIRST
    for start in range(0, POOL, AT_ONCE):
        parts.append(_part(gradient, q, start))
        yield PENDING
        if start + AT_ONCE == shown:
            shown *= 2
            yield Estimates(*(np.concatenate([getattr(part, way) for part in parts]) for way in ("score", "pathwise")))


def _part(gradient: Gradient, q: GaussianQ, start: int) -> Estimates:
    epsilon = np.random.default_rng(start).standard_normal((AT_ONCE, 2))
    z = sample(q.mean, q.deviation, epsilon)
    return estimates(q.deviation, epsilon, z, *gradient(z))
