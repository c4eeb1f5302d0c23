"""Decoded latents: places on the plane with the images that the decoder draws there."""

from __future__ import annotations

import msgspec

from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.model import Ink


class DecodedLatents(msgspec.Struct, frozen=True, eq=False):
    """Latents z (n, 2), their places on the plane as it is drawn (n, 2), and the decoded images as they are shown."""

    z: Array
    places: Array
    ink: Ink


def decode(document: Latent, z: Array) -> DecodedLatents:
    """Decode latents z (n, 2) with the model of the document."""
    return DecodedLatents(z, document.chart.to_place(z), document.manifold.decode(z))
