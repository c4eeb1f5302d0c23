"""The architecture whose decoder maps a latent and a position in the image to the value of a pixel."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from engine.latent.vae.architectures.architecture import ARCHITECTURES, Architecture, Size
from engine.part import Part


@ARCHITECTURES.register(order=5)
class Coordinates(Part, Architecture, frozen=True, tag=True):
    """Coordinates: the decoder maps (x, y, z) to one pixel value, so it can be rendered at any resolution.

    Its inputs are Fourier features of the position; z shifts its layers. The encoder is an MLP.
    """

    encoder_widths: Annotated[
        tuple[Size, ...],
        Meta(min_length=1, max_length=8, title="Encoder's widths", description="Units in each layer of the encoder."),
    ] = (512, 256)
    code: Annotated[
        int, Meta(ge=1, le=1024, title="Code's width", description="Units in the two layers that process z alone.")
    ] = 256
    width: Annotated[
        int, Meta(ge=1, le=512, title="Width", description="Units in each layer that processes the pixels.")
    ] = 64
    layers: Annotated[
        int, Meta(ge=1, le=8, title="Layers", description="Number of layers that process each pixel.")
    ] = 3
    octaves: Annotated[
        int,
        Meta(
            ge=0,
            le=8,
            title="Fourier features of position (octaves)",
            description="Number of doubling frequencies: 4 for about 28 pixels, 6 for about 100 pixels.",
        ),
    ] = 4
