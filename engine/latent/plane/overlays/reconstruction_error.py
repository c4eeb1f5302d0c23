"""The overlay of the reconstruction error: how badly the images that land at a place are drawn again."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial

import numpy as np
from msgspec.structs import replace

from engine.derived import PENDING, Pending
from engine.gaussian import Array
from engine.latent.model import Manifold
from engine.latent.plane.cell_grid import Grid
from engine.latent.plane.overlays.overlay import (
    OVERLAYS,
    Finding,
    Laying,
    Overlay,
    Smoothing,
    calibration,
    shaded,
    span_of,
    supported,
)
from engine.memo import once
from engine.part import Part

AT_ONCE = 250  # images decoded at once


@OVERLAYS.register(order=3)
class ReconstructionError(Part, Overlay, frozen=True, tag=True):
    """Reconstruction error: how badly the images that land there are drawn again."""

    quantity = "−ln p(x|z = μ) in nats, averaged"
    meaning = (
        "Each held-out image is encoded, decoded at the mean of its q and scored; bright is where images land that the "
        "decoder cannot draw. Where fewer than one image is near, nothing is shown."
    )

    smoothing: Smoothing = 0.1

    def lay(self, manifold: Manifold, grid: Grid, factors: tuple[int, ...]) -> Laying:
        losses = yield from losses_of(manifold)
        mean = manifold.embedding.mean
        field = partial(supported, mean, losses[:, None], width=self.smoothing)
        calibrated = once(manifold, ("span", self), lambda: span_of(field(*calibration())[0]))
        values = once(manifold, (self, grid), lambda: field(*grid.latents)[0])
        findings = (
            Finding("mean of all", float(losses.mean()), "nats"),
            Finding("worst image", float(losses.max()), "nats"),
        )
        yield replace(shaded(self, values, grid, calibrated), findings=findings)


def losses_of(manifold: Manifold) -> Generator[Pending, None, Array]:
    """−ln p(x|μ) (n,) in nats of the embedded images, each at the mean of its own q."""
    from engine.latent.posterior.scoring.latent_gradients import log_likelihoods

    mean = manifold.embedding.mean
    pixels = manifold.vae.card.recipe.data.test().pixels
    found = []
    for start in range(0, len(mean), AT_ONCE):
        part = slice(start, min(start + AT_ONCE, len(mean)))
        score = partial(log_likelihoods, manifold.vae, pixels[part] / np.float32(255), mean[part])
        found.append(-once(manifold, ("losses", start), score))
        yield PENDING
    return np.concatenate(found)
