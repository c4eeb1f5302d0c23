"""The architecture of networks with one narrow layer."""

from typing import Annotated

from msgspec import Meta

from engine.latent.vae.architectures.architecture import ARCHITECTURES, Architecture
from engine.part import Part


@ARCHITECTURES.register
class Slender(Part, Architecture, frozen=True, tag=True):
    """Slender: one narrow layer each way."""

    width: Annotated[int, Meta(ge=1, le=64, title="Width", description="Units in the layer.")] = 5
