"""The overlay of factor contours: lines of equal amounts of the factors from which the images were generated."""

from __future__ import annotations

from functools import partial

import numpy as np
from msgspec.structs import replace

from engine.derived import PENDING
from engine.latent.model import LoadedModel
from engine.latent.plane.cell_grid import Grid
from engine.latent.plane.kernel_regression import correlations
from engine.latent.plane.overlays.overlay import OVERLAYS, Contour, Laid, Laying, Overlay, Smoothing, supported
from engine.memo import remember
from engine.part import Part
from engine.plane import contour
from engine.ticks import ticks

LEVELS = 6  # the approximate number of contours of one factor


@OVERLAYS.register(order=5)
class FactorContours(Part, Overlay, frozen=True, tag=True):
    """Factor contours: lines of equal amounts of the factors from which the images were generated."""

    meaning = (
        "Each contour joins the latents at which images have the same smoothed amount of a factor; parallel lines at "
        "equal distances mean that one direction of the plane learnt that factor."
    )

    smoothing: Smoothing = 0.25

    def lay(self, model: LoadedModel, grid: Grid, factors: tuple[int, ...]) -> Laying:
        embedding = model.embedding
        if not embedding.factor_names:
            yield Laid(
                self,
                unavailable="The generating factors of these images are unknown. Open a model of the generated faces.",
            )
            return
        yield PENDING
        relation = remember(
            model,
            "correlations",
            lambda: correlations(embedding.mean, embedding.factors, embedding.factor_names),
        )
        chosen = [factor for factor in factors if factor < len(embedding.factor_names)]
        laid = Laid(self, viewport=grid.viewport, correlations=relation)
        for factor in chosen:
            contours = remember(model, (self, grid, factor), partial(self._contours, model, grid, factor))
            laid = replace(laid, contours=laid.contours + contours)
            yield PENDING
        yield laid

    def _contours(self, model: LoadedModel, grid: Grid, factor: int) -> tuple[Contour, ...]:
        """The contours of one factor at round levels within its range; none if the factor does not vary."""
        amounts = model.embedding.factors[:, factor]
        (values,) = supported(model.embedding.mean, amounts[:, None], *grid.latents, width=self.smoothing)
        least, greatest = float(amounts.min()), float(amounts.max())
        levels = ticks(least, greatest, LEVELS) if greatest > least else []
        near = grid.chart.to_place([np.cos(2.4 * factor), np.sin(2.4 * factor)])
        contours = []
        for level in levels:
            segments = contour(values, grid.viewport.x, grid.viewport.y, level)
            segments = segments[np.isfinite(segments).all(axis=1)]
            if len(segments):
                nearest = segments[np.argmin(np.hypot(*(segments[:, :2] - near).T))]
                contours.append(Contour(factor, level, segments, (float(nearest[0]), float(nearest[1]))))
        return tuple(contours)
