"""Diagnosis: what goes wrong in a training, recognised from its numbers and said in a sentence."""

from __future__ import annotations

import numpy as np

from engine.gaussian import Array
from engine.latent.vae.history import History
from engine.latent.vae.training.elbo import Health

COLLAPSED = 0.05  # nats of KL or of information on an axis, below which it says nothing
EARLY = 400  # steps in which a healthy training may leave an axis unused: up to 270 were seen
FALLEN = 3.0  # times as far below the best as the start was
RECENT = 20  # points of the curve whose median is the present ELBO, or a quarter of a shorter curve
FEWEST = 12  # points of a curve that is judged
NOISY = 6.0  # times the noise of a point: no smaller fall is one
DIVERGES = "The ELBO falls: the training diverges. Stop, and start again with a lower learning rate."
BLANK = (
    "All pixels of all images count as the same value: there is nothing to learn. "
    "Stretch the values of the images, or choose another threshold."
)


def diagnose(health: Health, history: History, step: int, steps: int) -> str:
    """What is wrong after a step of all steps, in a sentence, or ""."""
    if health.blank:
        return BLANK
    if falls(history.curve):
        return DIVERGES
    if step < min(EARLY, steps):
        return ""
    used = np.minimum(health.kl, health.information) >= COLLAPSED
    if not used.any():
        return _collapse(float(health.kl.sum()))
    if not used.all():
        dead = int(np.argmin(used))
        kl, name = float(health.kl[dead]), f"z{'₀₁'[dead]}"
        what = f"has collapsed onto the prior (KL {kl:.3f} nats)" if kl < COLLAPSED else "is the same for every image"
        return f"Axis {name} {what}: only the other one is used."
    return ""


def _collapse(kl: float) -> str:
    what, cure = "the prior", "Lower β, let the KL warm up, or lower the learning rate."
    if kl >= 2 * COLLAPSED:
        what, cure = "the same", "Start again with a lower learning rate."
    return f"Posterior collapse: q(z|x) is {what} for every image (KL {kl:.3f} nats): z says nothing. {cure}"


def falls(curve: Array) -> bool:
    """Whether a training ELBO, (n, 3) of step, reconstruction and KL, has fallen far below the best it has been.

    The noise of a point is estimated from the differences of neighbours by their median, which a fall leaves alone.
    """
    if len(curve) < FEWEST:
        return False
    elbo = curve[:, 1] - curve[:, 2]
    best, start = elbo.max(), elbo[0]
    now = float(np.median(elbo[-max(3, min(RECENT, len(elbo) // 4)) :]))
    noise = 1.4826 / np.sqrt(2) * float(np.median(np.abs(np.diff(elbo))))
    least = max(1.0, NOISY * noise)
    return bool(best - now > max(FALLEN * (best - start), least)) or bool(now < start - least)
