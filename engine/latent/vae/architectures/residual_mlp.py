"""The architecture of fully connected networks with residual blocks."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from engine.latent.vae.architectures.architecture import ARCHITECTURES, Architecture
from engine.part import Part


@ARCHITECTURES.register(order=1)
class ResidualMlp(Part, Architecture, frozen=True, tag=True):
    """Residual MLP: fully connected, with layer-normalised residual blocks, GELU and a 2-D latent.

    The decoder sees z together with sin and cos of z at `octaves` doubling frequencies, so that it can draw fine
    differences between neighbouring latents.
    """

    encoder_width: Annotated[
        int, Meta(ge=1, le=4096, title="Encoder's width", description="Units in each of the encoder's layers.")
    ] = 512
    encoder_blocks: Annotated[
        int,
        Meta(
            ge=0, le=16, title="Encoder's blocks", description="Pairs of layers whose output is added to their input."
        ),
    ] = 1
    bottleneck: Annotated[
        int, Meta(ge=1, le=4096, title="Bottleneck", description="Units in the encoder's last layer before q(z|x).")
    ] = 256
    decoder_width: Annotated[
        int, Meta(ge=1, le=4096, title="Decoder's width", description="Units in each of the decoder's layers.")
    ] = 512
    decoder_blocks: Annotated[
        int,
        Meta(
            ge=0, le=16, title="Decoder's blocks", description="Pairs of layers whose output is added to their input."
        ),
    ] = 2
    octaves: Annotated[
        int,
        Meta(
            ge=0,
            le=10,
            title="Octaves of z",
            description="Doubling frequencies at which the decoder sees z: more of them, finer differences.",
        ),
    ] = 4
