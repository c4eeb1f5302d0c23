"""The architecture of a decoder that draws one place of the picture at a time."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from engine.latent.vae.architectures.architecture import ARCHITECTURES, Architecture, Size
from engine.part import Part


@ARCHITECTURES.register(order=5)
class Coordinates(Part, Architecture, frozen=True, tag=True):
    """Coordinates: the decoder is asked for one place of the picture at a time, so it can draw at any resolution.

    It sees sin and cos of the place at `octaves` doubling frequencies, in small layers that z shifts; the encoder is
    an MLP.
    """

    encoder_widths: Annotated[
        tuple[Size, ...],
        Meta(min_length=1, max_length=8, title="Encoder's widths", description="Units in each layer of the encoder."),
    ] = (512, 256)
    code: Annotated[
        int, Meta(ge=1, le=1024, title="Code's width", description="Units in the two layers that z alone goes through.")
    ] = 256
    width: Annotated[
        int, Meta(ge=1, le=512, title="Width", description="Units in each layer that every pixel goes through.")
    ] = 64
    layers: Annotated[
        int, Meta(ge=1, le=8, title="Layers", description="How many layers every pixel goes through.")
    ] = 3
    octaves: Annotated[
        int,
        Meta(
            ge=0,
            le=8,
            title="Octaves of place",
            description="Doubling frequencies at which a place is seen: 4 are right for 28 pixels, 6 for 100.",
        ),
    ] = 4
