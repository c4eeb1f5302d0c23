"""The overlay of the reconstruction error: the mean negative log likelihood of the images encoded near each z."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from engine.derived import PENDING, Pending
from engine.gaussian import Array
from engine.latent.model import LoadedModel
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
from engine.latent.sliced_model import whole_of
from engine.memo import Resumable, remember
from engine.part import Part

if TYPE_CHECKING:
    from engine.latent.vae.networks.vae import VAE

AT_ONCE = 250  # images decoded at once


@OVERLAYS.register(order=3)
class ReconstructionError(Part, Overlay, frozen=True, tag=True):
    """Reconstruction error: the negative log likelihood of the images that are encoded nearby."""

    quantity = "−ln p(x|z = μ) in nats, averaged"
    meaning = (
        "Each test image is encoded, decoded at the mean of its q and scored; bright: images encoded there are "
        "reconstructed badly. Where fewer than one image is near, nothing is shown."
    )

    smoothing: Smoothing = 0.1

    def lay(self, model: LoadedModel, grid: Grid, factors: tuple[int, ...]) -> Laying:
        mean, whole = model.embedding.mean, whole_of(model)
        of_all, vae = whole.embedding.mean, whole.vae
        losses = yield from remember(whole, "losses", lambda: Resumable(losses_of(vae, of_all))).result()
        field = partial(supported, mean, losses[:, None], width=self.smoothing)
        calibrated = remember(model, ("span", self), lambda: span_of(field(*calibration())[0]))
        values = remember(model, (self, grid), lambda: field(*grid.latents)[0])
        findings = (
            Finding("mean of all", float(losses.mean()), "nats"),
            Finding("worst image", float(losses.max()), "nats"),
        )
        yield replace(shaded(self, values, grid, calibrated), findings=findings)


def losses_of(vae: VAE, mean: Array) -> Generator[Pending, None, Array]:
    """Return −ln p(x|μ) (n,) in nats of the first n test images, each at the `mean` (n, d) of its q."""
    from engine.latent.posterior.scoring.latent_gradients import log_likelihoods

    pixels = vae.card.test().pixels
    losses = []
    for start in range(0, len(mean), AT_ONCE):
        chunk = slice(start, min(start + AT_ONCE, len(mean)))
        losses.append(-log_likelihoods(vae, pixels[chunk] / np.float32(255), mean[chunk]))
        yield PENDING
    return np.concatenate(losses)
