"""Decoded latents: latents, their positions in the chart, and the images decoded from them."""

from __future__ import annotations

from functools import lru_cache

import msgspec
import numpy as np

from engine.gaussian import Array
from engine.latent.charts import Chart
from engine.latent.document import Latent
from engine.latent.model import LoadedModel, Pixels8
from engine.latent.sliced_model import SlicedModel


class DecodedLatents(msgspec.Struct, frozen=True, eq=False):
    """Latents z (n, d), their positions (n, 2) in the chart, and the decoded images (n, h, w[, 3])."""

    z: Array
    places: Array
    ink: Pixels8


def decode(document: Latent, z: Array) -> DecodedLatents:
    """Decode latents z: (n, 2) on the plane of the document, or (n, d) of a model with more than two latents.

    The positions of the latter are the nearest points on the plane.
    """
    return _decoded(document.loaded_model, document.chart, np.ascontiguousarray(z, float).tobytes(), z.shape[1])


@lru_cache(maxsize=8)
def _decoded(model: LoadedModel, chart: Chart, latents: bytes, dimensions: int) -> DecodedLatents:
    """Cached because most edits do not change the latents, and an identical value is not drawn again."""
    z = np.frombuffer(latents).reshape(-1, dimensions)
    if isinstance(model, SlicedModel) and dimensions > 2:
        return DecodedLatents(z, chart.to_place(model.plane.coordinates(z)), model.whole.decode(z))
    return DecodedLatents(z, chart.to_place(z), model.decode(z))
