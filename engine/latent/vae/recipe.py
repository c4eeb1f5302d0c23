"""Recipes: which network is trained on what, and how. Declared here without torch, carried out in `training`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from engine.latent.images import DataSet, Mnist
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


class Likelihood:
    """p(x | z) of pixels given the decoder's output. Abstract."""

    __slots__ = ()


LIKELIHOODS = Family(Likelihood)


@LIKELIHOODS.register
class Bernoulli(Part, Likelihood, frozen=True, tag=True):
    """Bernoulli: each pixel is ink (above `threshold`) or paper, with the decoder's probability."""

    threshold: Annotated[
        float, Meta(ge=0, le=255, title="Threshold", description="Grey values above this count as ink.")
    ] = 127.5

    def __str__(self) -> str:
        return f"Bernoulli on pixels thresholded at > {self.threshold:g}"


class Jitter(Part, frozen=True, tag=True):
    """Jitter: small random changes of each training image, each uniform between −value and +value.

    A strong jitter keeps the encoder from learning the training images by heart but blurs what the decoder draws;
    fading it out as training goes on gives the best of both.
    """

    shift: Annotated[float, Meta(ge=0, le=14, title="Shift", description="In pixels.")] = 0.0
    turn: Annotated[float, Meta(ge=0, le=180, title="Turn", description="In degrees.")] = 0.0
    scale: Annotated[float, Meta(ge=0, le=0.9, title="Scale", description="As a fraction of the size.")] = 0.0
    shear: Annotated[float, Meta(ge=0, le=1, title="Shear", description="Pixels sideways per pixel up.")] = 0.0
    threshold: Annotated[float, Meta(ge=0, le=127, title="Threshold", description="In grey values.")] = 0.0
    fade: Annotated[
        float, Meta(ge=0, le=1, title="Fade", description="The part of all this gone by the last step, falling evenly.")
    ] = 0.0


class Recipe(Part, frozen=True, tag=True):
    """Recipe: all that decides the weights of a trained model."""

    data: DataSet = Mnist()
    architecture: Architecture = ResidualMlp()
    likelihood: Likelihood = Bernoulli()
    epochs: Annotated[int, Meta(ge=1, le=100_000, title="Epochs")] = 20
    batch: Annotated[int, Meta(ge=1, le=65_536, title="Batch")] = 256
    learning_rate: Annotated[float, Meta(gt=0, le=1, title="Learning rate")] = 2e-3
    weight_decay: Annotated[float, Meta(ge=0, le=10, title="Weight decay")] = 0.01
    averaging: Annotated[
        float, Meta(ge=0, lt=1, title="Averaging", description="Decay of the running average of the weights.")
    ] = 0.999
    input_dropout: Annotated[float, Meta(ge=0, lt=1, title="Input dropout")] = 0.2
    jitter: Jitter = Jitter()
    precision: Literal["bfloat16", "float32"] = "bfloat16"
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1, title="Seed")] = 0


class Elbo(msgspec.Struct, frozen=True):
    """ELBO = reconstruction − KL, in nats per image, averaged over a set."""

    reconstruction: float
    kl: float

    @property
    def total(self) -> float:
        """A lower bound on the average ln p(x)."""
        return self.reconstruction - self.kl


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a checkpoint says of itself: how it was made and what was measured on the file as it is."""

    name: str
    recipe: Recipe
    shape: tuple[int, ...]  # of an image: (h, w) or (h, w, 3)
    epochs: int
    test_elbo: Elbo
    test_images: int
    licence: str
    attribution: str
    seconds: float
    made_with: str
    test_samples: int = 16  # draws of z for each test image
    test_seed: int = 0  # what they were drawn with
