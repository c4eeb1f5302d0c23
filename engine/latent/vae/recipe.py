"""Recipes: which network is trained on what, and how. Declared here without torch, carried out in `training`."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from engine.latent.datasets.data_set import DataSet
from engine.latent.datasets.mnist import Mnist
from engine.latent.vae.architectures.architecture import Architecture
from engine.latent.vae.architectures.residual_mlp import ResidualMlp
from engine.latent.vae.likelihoods import Bernoulli, Likelihood
from engine.part import Part


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
        float,
        Meta(
            ge=0,
            le=1,
            title="Fade",
            description="The fraction by which augmentation is reduced, linearly, by the last step.",
        ),
    ] = 0.0


class Recipe(Part, frozen=True, tag=True):
    """Recipe: all that decides the weights of a trained model."""

    data: Annotated[DataSet, Meta(title="Images", description="What it learns from.")] = Mnist()
    architecture: Annotated[Architecture, Meta(title="Networks", description="The encoder and the decoder.")] = (
        ResidualMlp()
    )
    likelihood: Annotated[Likelihood, Meta(title="Likelihood", description="What p(x|z) is of the pixels.")] = (
        Bernoulli()
    )
    epochs: Annotated[
        int, Meta(ge=1, le=100_000, title="Epochs", description="How often each training image is learnt from.")
    ] = 20
    batch: Annotated[
        int, Meta(ge=1, le=65_536, title="Batch", description="Images whose average gradient makes one step.")
    ] = 256
    learning_rate: Annotated[
        float,
        Meta(gt=0, le=1, title="Learning rate", description="Of AdamW, at its highest.", extra={"scale": "log"}),
    ] = 2e-3
    weight_decay: Annotated[
        float, Meta(ge=0, le=10, title="Weight decay", description="By how much matrices shrink, times the rate.")
    ] = 0.01
    averaging: Annotated[
        float, Meta(ge=0, lt=1, title="Averaging", description="Decay of the running average of the weights.")
    ] = 0.999
    input_dropout: Annotated[
        float, Meta(ge=0, lt=1, title="Input dropout", description="The share of pixels hidden from the encoder.")
    ] = 0.2
    jitter: Jitter = Jitter()
    precision: Annotated[
        Literal["bfloat16", "float32"], Meta(title="Precision", description="Of the products of matrices in training.")
    ] = "bfloat16"
    seed: Annotated[
        int, Meta(ge=0, le=2**31 - 1, title="Seed", description="Decides all random numbers: same seed, same weights.")
    ] = 0
    objective: Annotated[
        Literal["VAE", "AE"],
        Meta(title="Objective", description="VAE: the ELBO. AE: the reconstruction at the mean, without noise or KL."),
    ] = "VAE"
    beta: Annotated[
        float, Meta(ge=0, le=1000, title="β", description="Weight of the KL; 1 is the ELBO.", extra={"scale": "log"})
    ] = 1.0
    kl_warm_up: Annotated[
        float, Meta(ge=0, le=100_000, title="KL warm-up", description="Epochs in which β rises from 0.")
    ] = 0.0
    schedule: Annotated[
        Literal["cosine", "linear", "constant"],
        Meta(title="Schedule", description="How the learning rate falls, to 0 or not at all."),
    ] = "cosine"
    threads: Annotated[
        int,
        Meta(ge=1, le=256, title="Threads", description="1 repeats itself to the bit; more are faster on free cores."),
    ] = 1
    after: Annotated[
        int,
        Meta(ge=0, le=100_000, title="Resumes after", description="Epochs of the shorter training it continues; or 0."),
    ] = 0
    origin: Annotated[
        str,
        Meta(
            pattern="^[0-9a-f]{0,16}$",
            title="Opened from",
            description="The checksum of the file of a training that was made elsewhere; empty otherwise.",
        ),
    ] = ""

    @property
    def noise(self) -> float:
        """How much of the noise there is in z = μ + σ ⊙ ε: 1, or 0 for an autoencoder."""
        return float(self.objective == "VAE")

    def kl_weight(self, epochs: float) -> float:
        """The weight of the KL after so many epochs."""
        if self.objective == "AE":
            return 0.0
        return self.beta * (min(1.0, epochs / self.kl_warm_up) if self.kl_warm_up else 1.0)

    def fall(self, done: float) -> float:
        """The share of the learning rate that is left after so much of the training, from 0 to 1."""
        falls = {"cosine": 0.5 + 0.5 * math.cos(math.pi * done), "linear": 1 - done, "constant": 1.0}
        return falls[self.schedule]

    def autoencoder(self) -> Recipe:
        """The same without the noise on z and without the KL."""
        return replace(self, objective="AE")

    def continued(self) -> Recipe:
        """As many epochs again, from where this one ends."""
        return replace(self, epochs=2 * self.epochs, after=self.epochs)

    def begun(self) -> Recipe:
        """The one that this one goes on from, which has to have been trained before."""
        return replace(self, epochs=self.after, after=0)


Count = Annotated[int, Meta(ge=0, le=2**53)]
LARGEST_ELBO = 1e12  # nats
Line = Annotated[str, Meta(max_length=1000)]
Side = Annotated[int, Meta(ge=1, le=4096)]  # of an image, in pixels


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

    name: Line
    recipe: Recipe
    shape: Annotated[tuple[Side, ...], Meta(min_length=2, max_length=3)]  # of an image: (h, w) or (h, w, 3)
    epochs: Count
    test_elbo: Elbo
    test_images: Count
    licence: Line
    attribution: Line
    seconds: Annotated[float, Meta(ge=0, le=1e12)]
    made_with: Annotated[str, Meta(max_length=10_000)]
    test_samples: Count = 16  # draws of z for each test image
    test_seed: Count = 0  # what they were drawn with

    def __post_init__(self) -> None:
        if self.shape[2:] not in ((), (3,)):
            raise ValueError(f"no image has the shape {self.shape}")
        if not all(abs(nats) <= LARGEST_ELBO for nats in (self.test_elbo.reconstruction, self.test_elbo.kl)):
            raise ValueError("no model has such an ELBO")


EDITED = tuple(field.name for field in msgspec.structs.fields(Recipe) if field.name != "origin")  # by hand
