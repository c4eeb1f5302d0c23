"""The diagnosis of a training: posterior collapse, divergence and uniform images, each described in a sentence."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.gaussian import Array
from engine.latent.vae.history import History
from engine.latent.vae.recipe import UNUSED
from engine.latent.vae.training.elbo import Health
from engine.plane import subscript

EARLY = 400  # steps during which a good training may leave an axis unused; up to 270 were observed
FALLEN = 3.0  # a fall from the best ELBO counts if it is this many times the rise from the start to the best
RECENT = 20  # points of the curve whose median is the present ELBO; for a shorter curve, a quarter of its points
FEWEST = 12  # points of the shortest curve that is judged
JUDGED = 5  # steps between two checks whether a training diverges, because the fall may last for 10 steps only
NOISY = 6.0  # a fall counts only if it is larger than this many standard deviations of a point
DIVERGES = "The training diverges: the ELBO falls. Stop, and start again with a lower learning rate."
BLANK = (
    "All pixels of all images have the same value, so the model cannot learn. "
    "Choose “Stretch” for the images, or another threshold."
)


def diagnose(health: Health, history: History, step: int, steps: int) -> str:
    """Return a sentence about a problem of the training after `step` of `steps`, or ""."""
    if health.blank:
        return BLANK
    if falls(history.curve):
        return DIVERGES
    if step < min(EARLY, steps):
        return ""
    used = np.minimum(health.kl, health.information) >= UNUSED
    if not used.any():
        return _collapse(float(health.kl.sum()))
    if len(used) > 2:
        return _unused(np.flatnonzero(~used), len(used))
    if not used.all():
        unused = int(np.argmin(used))
        kl, name = float(health.kl[unused]), f"z{'₀₁'[unused]}"
        what = f"has collapsed to the prior (KL {kl:.3f} nats)" if kl < UNUSED else "is equal for every image"
        return f"Axis {name} {what}. The model uses only the other axis."
    return ""


def _unused(unused: NDArray[np.intp], latents: int) -> str:
    """Name the unused axes of more than two; a VAE leaves axes unused that are not worth their KL."""
    if not len(unused):
        return ""
    names = ", ".join(f"z{subscript(int(k))}" for k in unused)
    return f"Unused latents: {names}. The model uses {latents - len(unused)} of its {latents} latents."


def _collapse(kl: float) -> str:
    what, remedy = "the prior", "Lower β, use KL warm-up, or lower the learning rate."
    if kl >= 2 * UNUSED:
        what, remedy = "equal", "Start again with a lower learning rate."
    return (
        f"Posterior collapse: q(z|x) is {what} for every image (KL {kl:.3f} nats). z carries no information. {remedy}"
    )


def falls(curve: Array) -> bool:
    """Whether the training ELBO of a curve (n, 3), with step, reconstruction and KL, has fallen far below its maximum.

    The noise of a point is estimated by the median absolute difference of neighbours, which a fall hardly changes.
    """
    if len(curve) < FEWEST:
        return False
    elbo = curve[:, 1] - curve[:, 2]
    best, start = elbo.max(), elbo[0]
    now = float(np.median(elbo[-max(3, min(RECENT, len(elbo) // 4)) :]))
    noise = 1.4826 / np.sqrt(2) * float(np.median(np.abs(np.diff(elbo))))
    least = max(1.0, NOISY * noise)
    return bool(best - now > max(FALLEN * (best - start), least)) or bool(now < start - least)
