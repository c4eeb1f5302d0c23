"""The overlay of the decoder's sensitivity: how much the picture changes when z moves."""

from __future__ import annotations

import time
from collections.abc import Generator
from functools import partial

import numpy as np
from msgspec.structs import replace

from engine.derived import PENDING, Pending
from engine.gaussian import Array
from engine.latent.charts import Chart
from engine.latent.model import Manifold
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
from engine.memo import once
from engine.part import Part
from engine.plane import Viewport

SHOWN_EVERY = 8  # blocks
BREATH = 0.001  # seconds left to the screen


@OVERLAYS.register(order=4)
class DecoderSensitivity(Part, Overlay, frozen=True, tag=True):
    """Decoder sensitivity: how much the picture changes when z moves."""

    quantity = "ln √det JᵀJ: area in the space of pictures per area of z"
    meaning = (
        "Bright: a small step in z changes the picture much, as on the borders between classes. Dark: the decoder "
        "draws nearly the same picture everywhere there. J is the derivative of the decoded picture."
    )

    def lay(self, manifold: Manifold, grid: Grid, factors: tuple[int, ...]) -> Laying:
        span = yield from self._calibrated(manifold)
        growth = Finding("area growth, brightest over darkest colour", float(np.exp(span[1] - span[0])), "times")
        values = np.full((grid.viewport.rows, grid.viewport.columns), np.nan)
        for done, (rows, columns, covered) in enumerate(grid.blocks, 1):
            values[rows, columns] = once(
                manifold, (self, grid.chart, covered), partial(_sensitivity_over, manifold, grid.chart, covered)
            )
            time.sleep(BREATH)
            yield replace(shaded(self, values, grid, span), findings=(growth,)) if done % SHOWN_EVERY == 0 else PENDING
        yield replace(shaded(self, values, grid, span), findings=(growth,))

    def _calibrated(self, manifold: Manifold) -> Generator[Pending, None, tuple[float, float]]:
        known = []
        for row in range(CALIBRATION):
            across, up = calibration()
            z = np.column_stack([across, np.full(CALIBRATION, up[row])])
            known.append(once(manifold, (self, row), partial(_sensitivity, manifold, z)))
            yield PENDING
        return span_of(np.concatenate(known))


def _sensitivity(manifold: Manifold, z: Array) -> Array:
    from engine.latent.posterior.scoring.latent_gradients import log_sensitivity

    return log_sensitivity(manifold.vae, z)


def _sensitivity_over(manifold: Manifold, chart: Chart, covered: Viewport) -> Array:
    """ln √det JᵀJ (rows, columns) over a block, NaN where the chart has no latent."""
    places = np.stack(np.meshgrid(covered.x, covered.y), axis=-1)
    found, held = np.full(places.shape[:2], np.nan), chart.holds(places)
    if held.any():
        found[held] = _sensitivity(manifold, chart.to_latent(places[held]))
    return found
