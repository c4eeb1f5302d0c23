"""The overlay of factor contours: where the pictures have how much of what they were made from."""

from __future__ import annotations

from functools import partial

import numpy as np
from msgspec.structs import replace

from engine.derived import PENDING
from engine.latent.model import Manifold
from engine.latent.plane.cell_grid import Grid
from engine.latent.plane.kernel_regression import correlations
from engine.latent.plane.overlays.overlay import OVERLAYS, Contour, Laid, Laying, Overlay, Smoothing, supported
from engine.memo import remember
from engine.part import Part
from engine.plane import contour
from engine.ticks import ticks

LEVELS = 6  # contours of one factor, about


@OVERLAYS.register(order=5)
class FactorContours(Part, Overlay, frozen=True, tag=True):
    """Factor contours: lines of equal amounts of the factors from which the images were generated."""

    meaning = (
        "Each contour joins the latents at which images have the same smoothed amount of a factor; parallel lines at "
        "equal distances mean that one direction of the plane learnt that factor."
    )

    smoothing: Smoothing = 0.25

    def lay(self, manifold: Manifold, grid: Grid, factors: tuple[int, ...]) -> Laying:
        embedding = manifold.embedding
        if not embedding.factor_names:
            yield Laid(self, unavailable="These images have no known factors: choose a model of generated faces.")
            return
        yield PENDING
        found = remember(
            manifold,
            "correlations",
            lambda: correlations(embedding.mean, embedding.factors, embedding.factor_names),
        )
        chosen = [factor for factor in factors if factor < len(embedding.factor_names)]
        laid = Laid(self, viewport=grid.viewport, correlations=found)
        for factor in chosen:
            made = remember(manifold, (self, grid, factor), partial(self._contours, manifold, grid, factor))
            laid = replace(laid, contours=laid.contours + made)
            yield PENDING
        yield laid

    def _contours(self, manifold: Manifold, grid: Grid, factor: int) -> tuple[Contour, ...]:
        """Round levels of one factor between its least and its greatest value; none if it does not vary."""
        amounts = manifold.embedding.factors[:, factor]
        (values,) = supported(manifold.embedding.mean, amounts[:, None], *grid.latents, width=self.smoothing)
        least, greatest = float(amounts.min()), float(amounts.max())
        levels = ticks(least, greatest, LEVELS) if greatest > least else []
        near = grid.chart.to_place([np.cos(2.4 * factor), np.sin(2.4 * factor)])
        found = []
        for level in levels:
            segments = contour(values, grid.viewport.x, grid.viewport.y, level)
            segments = segments[np.isfinite(segments).all(axis=1)]
            if len(segments):
                nearest = segments[np.argmin(np.hypot(*(segments[:, :2] - near).T))]
                found.append(Contour(factor, level, segments, (float(nearest[0]), float(nearest[1]))))
        return tuple(found)
