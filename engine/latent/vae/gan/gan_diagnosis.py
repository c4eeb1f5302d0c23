"""The diagnosis of a GAN: collapse, divergence and a lost direction of the plane, each described in a sentence."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.gaussian import Array

Decode = Callable[[Array], NDArray[np.float32]]  # latents (n, 2) -> images (n, h, w[, 3])
PLACES = 400  # latents from the prior at which G is examined
STEP = 2e-3  # half the width of the differences in z
SMALL = 0.05  # a singular value below this fraction of the typical one counts as lost
MOST_LOST = 0.5  # of the prior mass, with a lost direction
COLLAPSED = 0.25  # the spread of the generated images, as a fraction of that of the real ones
EARLY = 500  # steps during which the gap may be large
LARGEST_GAP = 5.0  # of the mean logits; D is then right in all but one of 150 pairs


class Spread(msgspec.Struct, frozen=True):
    """How G uses the plane.

    `spread` is √(E‖G(z) − E G(z)‖²), divided by that of the real images. `lost` is the fraction of the prior mass where
    the smaller singular value of ∂G/∂z is below SMALL times its typical value.
    """

    spread: float
    lost: float


def singular_values(decode: Decode, z: Array) -> Array:
    """Return the singular values (n, 2) of the derivative of decoded images at latents z (n, 2), the larger one first.

    The derivative is a central difference: images of `decode` have single precision, and vary over some 0.1 in z.
    """
    steps = STEP * np.eye(2)
    sides = [decode(z + step).astype(float) - decode(z - step) for step in steps]
    jacobian = np.stack(sides, axis=-1).reshape(len(z), -1, 2) / (2 * STEP)
    return np.asarray(np.linalg.svd(jacobian, compute_uv=False), float)


def spread_of(decode: Decode, real: NDArray[np.floating]) -> Spread:
    """Measure how a generator uses the plane, against real images (n, h, w[, 3]) in [0, 1].

    A linear generator with two equal singular values s has the spread s√2, so that the typical value is the spread of
    the real images divided by √2.
    """
    z = prior_draws()
    images, x = (values.reshape(len(values), -1) for values in (decode(z), real))
    own, given = (float(np.sqrt(values.var(0).sum())) for values in (images, x))
    lost = float((singular_values(decode, z)[:, 1] < SMALL * given / np.sqrt(2)).mean())
    return Spread(own / given if given else 1.0, lost)


def prior_draws() -> Array:
    """Return the latents (PLACES, 2), drawn from N(0, I) with a fixed seed, at which G is examined."""
    return np.random.default_rng(0).standard_normal((PLACES, 2))


def diagnose(found: Spread, gap: float, step: int) -> str:
    """Return a sentence about a problem of the GAN after a step, or "". `gap` is the recent mean gap of D's logits."""
    if step < EARLY:
        return ""
    if found.spread < COLLAPSED:
        return (
            "Collapse: G draws nearly the same image everywhere. "
            f"Its spread is {100 * found.spread:.0f} % of that of test images. "
            "Begin with the VAE's decoder, or raise γ."
        )
    if abs(gap) > LARGEST_GAP:
        return (
            f"The GAN diverges: the gap of D's mean logits is {gap:.1f}, so that G can no longer learn. "
            "Stop, and start again with a higher γ or a lower rate of D."
        )
    if found.lost > MOST_LOST:
        return (
            f"A direction of the plane is lost: in {100 * found.lost:.0f} % of the prior, G uses only the other. "
            "Begin with the VAE's decoder."
        )
    return ""
