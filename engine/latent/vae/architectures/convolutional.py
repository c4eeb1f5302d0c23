"""The architecture of convolutional networks."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from engine.latent.vae.architectures.architecture import ARCHITECTURES, Architecture
from engine.part import Part


@ARCHITECTURES.register(order=4)
class Convolutional(Part, Architecture, frozen=True, tag=True):
    """Convolutional: layers of small filters, each of which halves the picture; the decoder doubles it again.

    What a filter has learnt in one place it knows in all others.
    """

    channels: Annotated[
        tuple[Annotated[int, Meta(ge=1, le=512)], ...],
        Meta(
            min_length=1,
            max_length=6,
            title="Channels",
            description="Filters in each layer; every layer halves the picture, so large pictures want more layers.",
        ),
    ] = (32, 64)
    width: Annotated[
        int,
        Meta(ge=1, le=4096, title="Width", description="Units in the fully connected layer between filters and z."),
    ] = 128
