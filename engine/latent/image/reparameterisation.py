"""Reparameterisation: samples z = μ + σ ⊙ ε, and two estimators of the gradient of the ELBO.

All estimates come from one pool of single-sample estimates, in groups of K that do not overlap. So another K needs no
new samples, and the scatter of the groups is unbiased. The score function has no baseline; the panel compares the
plain estimators.
"""

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
from engine.latent.model import Pixels8
from engine.memo import Recent, Resumable, remember
from engine.part import Part
from engine.plane import Viewport

if TYPE_CHECKING:
    from engine.latent.vae.networks.vae import VAE

POOL = 8192  # single-sample estimates, 0.5 MB
POOLS = 16  # pools in the cache of one model
AT_ONCE = 256  # single-sample estimates computed between two yields
FIRST = 512  # estimates in the first result; each further result has twice as many
REACH = 6.0  # the range of a dragged ε, from −REACH to REACH
Samples = Literal[1, 2, 5, 10, 20, 50, 100]
Parameter = Literal["∂/∂μ₀", "∂/∂μ₁", "∂/∂ln σ₀", "∂/∂ln σ₁"]
COUNTS: tuple[int, ...] = get_args(Samples)
PARAMETERS: tuple[str, ...] = get_args(Parameter)
Gradient = Callable[[Array], tuple[Array, Array]]  # z (n, 2) -> ln p(x|z) (n,) and its gradient (n, 2)


@SETTINGS.register
class ReparameterisationSettings(Part, Setting, frozen=True, tag=True):
    """Reparameterisation: the number of ε, their seed, and the estimator of the gradient."""

    points: Annotated[int, Meta(ge=1, le=100, title="Points", description="The number of ε.")] = 12
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1, title="Seed", description="Same seed, same ε.")] = 1
    moved: tuple[tuple[int, float, float], ...] = ()  # the position of each dragged ε, and its two components
    samples: Annotated[
        Samples, Meta(title="Samples K", description="The number of z that one estimate of the gradient averages.")
    ] = 10
    differences: Annotated[
        bool,
        Meta(
            title="Differences",
            description="Show each decoded image minus the image decoded at μ: brown is more ink, teal is less.",
        ),
    ] = False
    parameter: Annotated[
        Parameter, Meta(title="Gradient", description="The component of the gradient that is shown.")
    ] = "∂/∂μ₀"

    @property
    def epsilon(self) -> Array:
        """ε (n, 2) ~ N(0, I), with the dragged ones at their new positions."""
        drawn = np.random.default_rng(self.seed).standard_normal((self.points, 2))
        for i, across, up in self.moved:
            if i < self.points:
                drawn[i] = across, up
        return drawn

    def fresh(self) -> ReparameterisationSettings:
        """With new ε."""
        return replace(self, seed=(self.seed + 1) % 2**31, moved=())

    def move(self, i: int, epsilon: Array) -> ReparameterisationSettings:
        """With ε number `i` at another position, clipped to REACH."""
        across, up = (float(value) for value in np.clip(epsilon, -REACH, REACH))
        others = tuple(one for one in self.moved if one[0] != i)
        return replace(self, moved=(*others, (i, across, up)))

    def put_back(self, i: int) -> ReparameterisationSettings:
        """With ε number `i` as it was drawn. Raises ValueError if it was not dragged."""
        others = tuple(one for one in self.moved if one[0] != i)
        if others == self.moved:
            raise ValueError("This ε has not been moved. Drag it first.")
        return replace(self, moved=others)


def draw_new_epsilon(document: Latent) -> Latent:
    """With new ε."""
    return document.with_setting(document[ReparameterisationSettings].fresh())


class Estimates(msgspec.Struct, frozen=True, eq=False):
    """Estimates (n, 4) of the gradient of the ELBO in (μ₀, μ₁, ln σ₀, ln σ₁), in nats, each from one sample of z.

    `score` is ∇ ln q(z) · (ln p(x, z) − ln q(z)) (Williams 1992). `pathwise` is the derivative of ln p(x, z) − ln q(z)
    along z = μ + σ ⊙ ε (Kingma & Welling 2014, eq. 5). Both are unbiased.
    """

    score: Array
    pathwise: Array

    @property
    def exact(self) -> tuple[Array, Array]:
        """The most accurate gradient (4,), which is the mean of all of `pathwise`, and its standard errors (4,)."""
        n = len(self.pathwise)
        return self.pathwise.mean(axis=0), self.pathwise.std(axis=0, ddof=1) / np.sqrt(n)

    def averaged(self, samples: int) -> tuple[Array, Array]:
        """Return both estimates (repeats, 4) with K = `samples`, as many repeats as the pool allows."""
        return averaged(self.score, samples), averaged(self.pathwise, samples)

    def deviations(self, samples: int) -> tuple[Array, Array]:
        """Return the standard deviations (4,) of both estimates with K = `samples`."""
        score, pathwise = self.averaged(samples)
        return score.std(axis=0, ddof=1), pathwise.std(axis=0, ddof=1)


class Linked(msgspec.Struct, frozen=True, eq=False):
    """The points ε (n, 2) with their z (n, 2) and decoded images, q's mean and deviation (2,), and the gradients.

    `image` is the name of the selected image, and `encoder` the encoder's q for it; None if no image is selected.
    `differences` (n, h, w) are the decoded images minus that at μ, averaged over the colours, from −1 to 1, if chosen.
    `sliced` says whether the plane is one of more than two latents, of which the others are fixed.
    """

    mean: Array
    deviation: Array
    encoder: GaussianQ | None
    image: str
    epsilon: Array
    z: Array
    ink: Pixels8
    estimates: Estimates | None = None
    differences: Array | None = None
    sliced: bool = False


def sample(mean: Array, deviation: Array, epsilon: Array) -> Array:
    """Return z = μ + σ ⊙ ε (n, 2) of ε (n, 2) (Kingma & Welling 2014, section 2.4)."""
    return np.asarray(mean + deviation * epsilon)


def estimates(deviation: Array, epsilon: Array, z: Array, values: Array, slopes: Array) -> Estimates:
    """Return single-sample estimates at z = μ + σ ⊙ ε (n, 2), given ln p(x|z) (n,) in nats and its gradient (n, 2)."""
    log_q = -0.5 * np.sum(epsilon**2, axis=1) - LN_2PI - np.sum(np.log(deviation))
    log_joint = values - 0.5 * np.sum(z**2, axis=1) - LN_2PI
    of_log_q = np.hstack([epsilon / deviation, epsilon**2 - 1])  # ∇ ln q(z) at fixed z
    of_joint = slopes - z  # ∇_z ln p(x, z)
    # Along the path, −ln q(z) = Σ ln σ + ½‖ε‖² + const has the derivative 1 in each ln σ.
    return Estimates(of_log_q * (log_joint - log_q)[:, None], np.hstack([of_joint, of_joint * deviation * epsilon + 1]))


def averaged(single: Array, samples: int) -> Array:
    """Return means (n // samples, 4) over consecutive groups of `single` estimates (n, 4)."""
    whole = len(single) // samples
    return np.asarray(single[: whole * samples].reshape(whole, samples, -1).mean(axis=1))


@derived(Linked, last=True)
def reparameterisation(document: Latent, _: Viewport) -> Generator[Linked | Pending, None, None]:
    """Yield ε and z first, then also more and more estimates of the gradient."""
    model, image = document.loaded_model, encoded(document)
    encoder = gaussian_q(image.mean, image.deviation) if image else None
    q = document.q or encoder or GaussianQ()
    epsilon = document[ReparameterisationSettings].epsilon
    z = sample(q.mean, q.deviation, epsilon)
    name = image.name if image else ""
    differences = _differences(model.vae, q, z) if document[ReparameterisationSettings].differences else None
    linked = Linked(q.mean, q.deviation, encoder, name, epsilon, z, model.decode(z), differences=differences)
    linked = replace(linked, sliced=document.is_sliced)
    yield linked
    if image is not None:
        vae, x = model.vae, image.pixels / np.float32(255)
        pools: Recent[object, Resumable[Estimates]] = remember(model, "gradients", partial(Recent, POOLS))
        for pool in pools.remember((document.input, q), lambda: Resumable(pooled(vae, x, q))).go():
            yield pool if isinstance(pool, Pending) else replace(linked, estimates=pool)


def _differences(vae: VAE, q: GaussianQ, z: Array) -> Array:
    """The images (n, h, w) decoded at z (n, 2) minus the image decoded at μ, averaged over the colours."""
    decoded = vae.decode(np.vstack([q.mean, z])).astype(float)
    differences = decoded[1:] - decoded[0]
    return np.asarray(differences if differences.ndim == 3 else differences.mean(axis=-1))


def pooled(vae: VAE, x: Array, q: GaussianQ) -> Generator[Estimates | Pending, None, None]:
    """Yield FIRST estimates for an image x (h, w[, 3]) in [0, 1], then twice as many each time, up to POOL."""
    from engine.latent.posterior.scoring.latent_gradients import log_likelihood_gradient

    gradient = partial(log_likelihood_gradient, vae, x)
    chunks: list[Estimates] = []
    shown = FIRST
    for start in range(0, POOL, AT_ONCE):
        chunks.append(_chunk(gradient, q, start))
        yield PENDING
        if start + AT_ONCE == shown:
            shown *= 2
            score, pathwise = ([getattr(chunk, name) for chunk in chunks] for name in ("score", "pathwise"))
            yield Estimates(np.concatenate(score), np.concatenate(pathwise))


def _chunk(gradient: Gradient, q: GaussianQ, start: int) -> Estimates:
    epsilon = np.random.default_rng(start).standard_normal((AT_ONCE, 2))
    z = sample(q.mean, q.deviation, epsilon)
    return estimates(q.deviation, epsilon, z, *gradient(z))
