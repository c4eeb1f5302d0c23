"""The overlay of the decoder's sensitivity: the change of the decoded image for a step in z.

√det JᵀJ is the magnification factor of the decoder (Bishop, Svensén & Williams 1997). See `vae/networks/jacobian.py`.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from engine.derived import PENDING, Pending
from engine.gaussian import Array
from engine.latent.charts import Chart
from engine.latent.model import LoadedModel
from engine.latent.plane.cell_grid import Grid
from engine.latent.plane.overlays.overlay import (
    CALIBRATION,
    OVERLAYS,
    Finding,
    Laying,
    Overlay,
    calibration,
    shaded,
    span_of,
)
from engine.memo import Resumable, remember
from engine.part import Part
from engine.plane import Viewport

if TYPE_CHECKING:
    from engine.latent.vae.networks.vae import VAE

SHOWN_EVERY = 8  # blocks between two intermediate results


@OVERLAYS.register(order=4)
class DecoderSensitivity(Part, Overlay, frozen=True, tag=True):
    """Decoder sensitivity: the area of images for each area of z, ln √det JᵀJ."""

    quantity = "ln √det JᵀJ: area in the space of images per area of z"
    meaning = (
        "Bright: a small step in z changes the decoded image much, as on the borders between classes. Dark: nearly the "
        "same image is decoded everywhere. J is the derivative of the decoded image with respect to z."
    )

    def lay(self, model: LoadedModel, grid: Grid, factors: tuple[int, ...]) -> Laying:
        vae = model.vae
        span = yield from remember(model, "span of sensitivity", lambda: Resumable(_span(vae))).result()
        growth = Finding("area growth, brightest over darkest colour", float(np.exp(span[1] - span[0])), "times")
        values = np.full((grid.viewport.rows, grid.viewport.columns), np.nan)
        for done, (rows, columns, covered) in enumerate(grid.blocks, 1):
            values[rows, columns] = remember(
                model, (self, grid.chart, covered), partial(_sensitivity_over, vae, grid.chart, covered)
            )
            yield replace(shaded(self, values, grid, span), findings=(growth,)) if done % SHOWN_EVERY == 0 else PENDING
        yield replace(shaded(self, values, grid, span), findings=(growth,))


def _span(vae: VAE) -> Generator[Pending, None, tuple[float, float]]:
    """The range of the colours, from the sensitivities at equal steps of prior probability."""
    across, up = calibration()
    rows = []
    for height in up:
        rows.append(_sensitivity(vae, np.column_stack([across, np.full(CALIBRATION, height)])))
        yield PENDING
    return span_of(np.concatenate(rows))


def _sensitivity(vae: VAE, z: Array) -> Array:
    from engine.latent.posterior.scoring.latent_gradients import log_sensitivity

    return log_sensitivity(vae, z)


def _sensitivity_over(vae: VAE, chart: Chart, covered: Viewport) -> Array:
    """ln √det JᵀJ (rows, columns) over a block; NaN where the chart has no latent."""
    places = np.stack(np.meshgrid(covered.x, covered.y), axis=-1)
    values, held = np.full(places.shape[:2], np.nan), chart.holds(places)
    if held.any():
        values[held] = _sensitivity(vae, chart.to_latent(places[held]))
    return values
