"""The architecture of fully connected networks with residual blocks."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from engine.latent.vae.architectures.architecture import ARCHITECTURES, Architecture
from engine.part import Part


@ARCHITECTURES.register(order=1)
class ResidualMlp(Part, Architecture, frozen=True, tag=True):
    """Residual MLP: fully connected, with layer-normalised residual blocks and GELU.

    The input of the decoder is z with sin and cos of z at several doubling frequencies (Fourier features).
    They let it decode fine differences between neighbouring latents.
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
            title="Fourier features of z (octaves)",
            description="Number of doubling frequencies; more octaves allow finer differences between latents.",
        ),
    ] = 4
