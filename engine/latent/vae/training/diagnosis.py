"""Diagnosis: what goes wrong in a training, recognised from its numbers and said in a sentence."""

from __future__ import annotations

import numpy as np

from engine.gaussian import Array
from engine.latent.vae.history import History

COLLAPSED = 0.05  # nats of KL on an axis, below which it says nothing
EARLY = 400  # steps in which a healthy training may leave an axis unused: up to 270 were seen
FALLEN = 3.0  # times as far below the best as the start was
RECENT = 20  # points of the curve


def diagnose(kl: Array, history: History, step: int, steps: int) -> str:
    """What is wrong after a step of all steps, or "": `kl` (2,) is the average KL of each axis in nats, held out."""
    if falls(history.curve):
        return "The ELBO falls: the training diverges. Stop, and start again with a lower learning rate."
    if step < min(EARLY, steps):
        return ""
    if np.all(kl < COLLAPSED):
        return (
            f"Posterior collapse: q(z|x) is the prior for every image (KL {kl.sum():.3f} nats): z says nothing. "
            "Lower β, let the KL warm up, or lower the learning rate."
        )
    if np.any(kl < COLLAPSED):
        dead = int(np.argmin(kl))
        return f"Axis z{'₀₁'[dead]} has collapsed onto the prior (KL {kl[dead]:.3f} nats): only the other one is used."
    return ""


def falls(curve: Array) -> bool:
    """Whether a training ELBO, (n, 3) of step, reconstruction and KL, has fallen far below the best it has been."""
    if len(curve) < 2 * RECENT:
        return False
    elbo = curve[:, 1] - curve[:, 2]
    best, start, now = elbo.max(), elbo[0], float(np.median(elbo[-RECENT:]))
    return bool(best - now > max(FALLEN * (best - start), 1.0)) or bool(now < start - 1 and best - now > best - start)
