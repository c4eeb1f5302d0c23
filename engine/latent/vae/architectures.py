"""Architectures: the forms that a pair of networks can have. Declared here without torch, built in `model`."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from engine.part import Family, Part

Size = Annotated[int, Meta(ge=1, le=4096)]
Activation = Literal["ReLU", "GELU", "tanh"]


class Architecture:
    """The form of a pair of networks, for pictures of any shape. Abstract: `model` builds the final ones."""

    __slots__ = ()


ARCHITECTURES = Family(Architecture, home="engine.latent.vae.architectures")


@ARCHITECTURES.register
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


@ARCHITECTURES.register
class Mlp(Part, Architecture, frozen=True, tag=True):
    """MLP: plain fully connected layers, the decoder's the encoder's in reverse.

    One layer of 400 with ReLU is the network of PyTorch's VAE example.
    """

    widths: Annotated[
        tuple[Size, ...],
        Meta(
            min_length=1,
            max_length=8,
            title="Widths",
            description="Units in each layer of the encoder; the decoder has them in reverse.",
        ),
    ] = (400,)
    activation: Annotated[Activation, Meta(title="Activation", description="What follows each layer.")] = "ReLU"


@ARCHITECTURES.register
class Affine(Part, Architecture, frozen=True, tag=True):
    """Linear: a single linear layer each way, without activation.

    With the likelihood “Gaussian, linear mean” the decoder is that of probabilistic PCA.
    """


@ARCHITECTURES.register
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


@ARCHITECTURES.register
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
