"""Architectures: the forms that a pair of networks can have. Declared here without torch, built in `model`."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from engine.part import Family, Part

Width = Annotated[int, Meta(ge=1, le=4096)]
Blocks = Annotated[int, Meta(ge=0, le=16)]


class Architecture:
    """The form of a pair of networks, for pictures of any shape. Abstract: `model` builds the final ones."""

    __slots__ = ()


ARCHITECTURES = Family(Architecture)


@ARCHITECTURES.register
class ResidualMlp(Part, Architecture, frozen=True, tag=True):
    """Residual MLP: fully connected, with layer-normalised residual blocks, GELU and a 2-D latent.

    The decoder sees z together with sin and cos of z at `octaves` doubling frequencies, so that it can draw fine
    differences between neighbouring latents.
    """

    encoder_width: Width = 512
    encoder_blocks: Blocks = 1
    bottleneck: Width = 256
    decoder_width: Width = 512
    decoder_blocks: Blocks = 2
    octaves: Annotated[int, Meta(ge=0, le=10)] = 4
