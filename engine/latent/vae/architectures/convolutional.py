"""The architecture of convolutional networks."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from engine.latent.vae.architectures.architecture import ARCHITECTURES, Architecture
from engine.part import Part


@ARCHITECTURES.register(order=4)
class Convolutional(Part, Architecture, frozen=True, tag=True):
    """Convolutional: each layer of small filters halves the image; each layer of the decoder doubles it.

    A filter has the same weights at every position of the image.
    """

    channels: Annotated[
        tuple[Annotated[int, Meta(ge=1, le=512)], ...],
        Meta(
            min_length=1,
            max_length=6,
            title="Channels",
            description="Filters in each layer; each layer halves the image, so large images need more layers.",
        ),
    ] = (32, 64)
    width: Annotated[
        int,
        Meta(ge=1, le=4096, title="Width", description="Units in the fully connected layer between the filters and z."),
    ] = 128
