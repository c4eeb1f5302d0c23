"""Decoded latents: places on the plane with the images decoded there."""

from __future__ import annotations

from functools import lru_cache

import msgspec
import numpy as np

from engine.gaussian import Array
from engine.latent.charts import Chart
from engine.latent.document import Latent
from engine.latent.model import LoadedModel, Pixels8


class DecodedLatents(msgspec.Struct, frozen=True, eq=False):
    """Latents z (n, 2), their places on the plane as it is drawn (n, 2), and the decoded images as they are shown."""

    z: Array
    places: Array
    ink: Pixels8


def decode(document: Latent, z: Array) -> DecodedLatents:
    """Decode latents z (n, 2) with the model of the document."""
    return _decoded(document.loaded_model, document.chart, np.ascontiguousarray(z, float).tobytes())


@lru_cache(maxsize=8)
def _decoded(model: LoadedModel, chart: Chart, latents: bytes) -> DecodedLatents:
    """Cached because most edits change nothing about the latents: the same value is not drawn again."""
    z = np.frombuffer(latents).reshape(-1, 2)
    return DecodedLatents(z, chart.to_place(z), model.decode(z))
