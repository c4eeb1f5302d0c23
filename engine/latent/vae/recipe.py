"""Recipes: all settings of a training, and the card of a trained model; declared without torch.

The package `training` carries out a recipe.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from engine.latent.datasets.data_set import DataSet, Images
from engine.latent.datasets.mnist import Mnist
from engine.latent.vae.architectures.architecture import Architecture
from engine.latent.vae.architectures.residual_mlp import ResidualMlp
from engine.latent.vae.gan_recipe import GanRecipe
from engine.latent.vae.likelihoods import Bernoulli, Likelihood
from engine.latent.vae.mistakes import Name
from engine.part import Part

UNUSED = 0.05  # nats; a latent is unused if its KL is below this, as the panel Latents and the training say


TEACHING = {  # settings of a training of the encoder alone: the plain ELBO of whole images, for a short time
    "epochs": 5,
    "learning_rate": 3e-4,
    "averaging": 0.99,
    "input_dropout": 0.0,
    "beta": 1.0,
    "kl_warm_up": 0.0,
    "kl_start": 0.0,
    "mistake": "none",
    "second_axis": 0.0,
    "rotation": 0.0,
    "mirror": False,
}


class Jitter(Part, frozen=True, tag=True):
    """Augmentation: small random changes of each training image, each uniform between −value and +value.

    Strong augmentation prevents overfitting of the encoder but blurs the decoded images. Augmentation decay reduces
    it during training, which combines both advantages.
    """

    shift: Annotated[float, Meta(ge=0, le=14, title="Shift", description="Largest shift, in pixels.")] = 0.0
    turn: Annotated[float, Meta(ge=0, le=180, title="Rotation", description="Largest angle, in degrees.")] = 0.0
    scale: Annotated[
        float, Meta(ge=0, le=0.9, title="Scale", description="Largest change, as a fraction of the size.")
    ] = 0.0
    shear: Annotated[
        float, Meta(ge=0, le=1, title="Shear", description="Horizontal shift in pixels per pixel of height.")
    ] = 0.0
    threshold: Annotated[
        float, Meta(ge=0, le=127, title="Threshold", description="Largest change, in grey values.")
    ] = 0.0
    fade: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            title="Augmentation decay",
            description="The fraction by which augmentation is reduced, linearly, by the last step.",
        ),
    ] = 0.0


class Recipe(Part, frozen=True, tag=True):
    """Recipe: all settings that decide the weights of a trained model."""

    data: Annotated[DataSet, Meta(title="Images", description="The data set of training and test images.")] = Mnist()
    architecture: Annotated[Architecture, Meta(title="Networks", description="The encoder and the decoder.")] = (
        ResidualMlp()
    )
    likelihood: Annotated[Likelihood, Meta(title="Likelihood", description="The density p(x|z) of the pixels.")] = (
        Bernoulli()
    )
    latents: Annotated[
        int,
        Meta(ge=2, le=32, title="Latents", description="The dimension d of z; the plane shows two of more latents."),
    ] = 2
    epochs: Annotated[int, Meta(ge=1, le=100_000, title="Epochs", description="Passes over the training images.")] = 20
    batch: Annotated[
        int, Meta(ge=1, le=65_536, title="Batch", description="Number of images in each training step.")
    ] = 256
    learning_rate: Annotated[
        float,
        Meta(gt=0, le=1, title="Learning rate", description="Peak learning rate of AdamW.", extra={"scale": "log"}),
    ] = 2e-3
    weight_decay: Annotated[
        float, Meta(ge=0, le=10, title="Weight decay", description="Weight-decay coefficient of AdamW.")
    ] = 0.01
    averaging: Annotated[
        float,
        Meta(ge=0, lt=1, title="EMA decay", description="Decay of the exponential moving average of the weights."),
    ] = 0.999
    input_dropout: Annotated[
        float,
        Meta(ge=0, lt=1, title="Input dropout", description="The fraction of pixels set to 0 in the encoder's input."),
    ] = 0.2
    jitter: Jitter = Jitter()
    precision: Annotated[
        Literal["bfloat16", "float32"], Meta(title="Precision", description="Number format of matrix products.")
    ] = "bfloat16"
    seed: Annotated[
        int, Meta(ge=0, le=2**31 - 1, title="Seed", description="Random seed; same seed, same weights.")
    ] = 0
    objective: Annotated[
        Literal["VAE", "AE", "GAN", "exact evidence", "encoder"],
        Meta(
            title="Objective",
            description="VAE: the ELBO. AE: an autoencoder, without noise on z and without KL. "
            "Exact evidence: ln p(x), summed on a grid of z, without a bound; β has no meaning.",
            extra={"offered": ("VAE", "AE", "exact evidence")},  # the others are trained beside a model, from its panel
        ),
    ] = "VAE"
    grid: Annotated[
        int,
        Meta(
            ge=4,
            le=128,
            title="Grid",
            description="Nodes on each axis of z at the end of the training, for the objective “exact evidence”.",
        ),
    ] = 48
    given_class: Annotated[
        bool,
        Meta(
            title="Given the class",
            description="Encoder and decoder also receive the class y of each image: p(x|z, y).",
        ),
    ] = False
    gan: GanRecipe = GanRecipe()  # counts for the objective GAN only
    beta: Annotated[
        float, Meta(ge=0, le=1000, title="β", description="Weight of the KL; 1 gives the ELBO.", extra={"scale": "log"})
    ] = 1.0
    kl_warm_up: Annotated[
        float,
        Meta(
            ge=0, le=100_000, title="KL warm-up", description="Epochs in which β changes linearly from its start to β."
        ),
    ] = 0.0
    kl_start: Annotated[
        float,
        Meta(ge=0, le=1000, title="β at the start", description="β at the start of the KL warm-up; 0, or above β."),
    ] = 0.0
    mistake: Annotated[
        Name, Meta(title="Mistake", description="A common mistake in the loss, made on purpose; none gives the ELBO.")
    ] = "none"
    second_axis: Annotated[
        float,
        Meta(ge=0, le=100_000, title="Second axis", description="Epochs with one axis; the others open in as many."),
    ] = 0.0
    schedule: Annotated[
        Literal["cosine", "linear", "constant"],
        Meta(title="Schedule", description="Decrease of the learning rate to 0, or a constant rate."),
    ] = "cosine"
    rotation: Annotated[
        float,
        Meta(ge=-180, le=180, title="Plane rotation", description="Degrees by which the trained plane is rotated."),
    ] = 0.0
    mirror: Annotated[
        bool, Meta(title="Mirror", description="Reflect the first axis of the trained plane; the ELBO stays.")
    ] = False
    teacher: Annotated[
        str,
        Meta(
            pattern=r"^([\w.-]{1,100}|[0-9a-f]{16}/[0-9]{1,13})?$",
            title="Decoder of",
            description="The model whose decoder is kept while its encoder is trained further; otherwise empty.",
        ),
    ] = ""
    threads: Annotated[
        int,
        Meta(ge=1, le=256, title="Threads", description="CPU threads; 1 thread gives bit-identical results."),
    ] = 1
    after: Annotated[
        int,
        Meta(ge=0, le=100_000, title="Continued from epoch", description="Epochs of the earlier training; 0: new."),
    ] = 0
    origin: Annotated[
        str,
        Meta(
            pattern="^[0-9a-f]{0,16}$",
            title="Opened from",
            description="Checksum of the file of a training from elsewhere; otherwise empty.",
        ),
    ] = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.latents > 2 and (self.rotation or self.mirror):
            raise ValueError("Only two latents can be rotated or mirrored")
        if self.latents > 2 and self.given_class:
            raise ValueError("Networks that are given the class have two latents")
        if self.is_exact and (self.latents > 2 or self.given_class):
            raise ValueError("The exact evidence is a sum on a grid: it needs two latents, without the class")

    @property
    def noise(self) -> float:
        """The factor of the noise ε in z = μ + σ ⊙ ε: 1 for a q with a spread, 0 for an autoencoder."""
        return float(self.objective != "AE")

    @property
    def is_exact(self) -> bool:
        """Whether the decoder is trained on the exact evidence ln p(x), without an encoder and without a bound."""
        return self.objective == "exact evidence"

    @property
    def images_per_step(self) -> int:
        """The number of training images in each step."""
        return self.gan.batch * self.gan.discriminator_steps if self.objective == "GAN" else self.batch

    def kl_weight(self, epochs: float) -> float:
        """Return the weight of the KL term after a number of epochs."""
        if self.objective == "AE":
            return 0.0
        if self.is_exact:
            return 1.0
        warmed = min(1.0, epochs / self.kl_warm_up) if self.kl_warm_up else 1.0
        return self.kl_start + (self.beta - self.kl_start) * warmed

    def opening(self, epochs: float) -> tuple[float, float]:
        """Return factors, from 0 to 1, of μ and of σ and KL on all axes but the first after a number of epochs.

        The other axes are closed at first, so that the first one learns one factor completely. Then they open without
        noise, which is added linearly. See nested dropout (Rippel et al. 2014), which also orders the latents.
        """
        if epochs >= 2 * self.second_axis:
            return 1.0, 1.0
        return float(epochs >= self.second_axis), max(0.0, epochs / self.second_axis - 1)

    def nodes(self, epochs: float) -> int:
        """Return the nodes on each axis of the grid of the exact evidence after a number of epochs.

        They rise from half of `grid` to `grid`: at first the posteriors are wide, and half is enough.
        """
        return round(self.grid * (0.5 + 0.5 * min(1.0, epochs / self.epochs)))

    def fall(self, done: float) -> float:
        """Return the factor of the learning rate, from 0 to 1, after the fraction `done` of the training."""
        falls = {"cosine": 0.5 + 0.5 * math.cos(math.pi * done), "linear": 1 - done, "constant": 1.0}
        return falls[self.schedule]

    def autoencoder(self) -> Recipe:
        """Return this recipe for an autoencoder: without noise on z and without KL."""
        return replace(self, objective="AE", teacher="")

    def on_exact_evidence(self) -> Recipe:
        """Return this recipe for the same decoder and seed, trained on the exact evidence."""
        return replace(self, objective="exact evidence", teacher="")

    def taught(self, teacher: str) -> Recipe:
        """Return the recipe that trains the encoder of a model further, with its decoder kept; see TEACHING."""
        return replace(self, objective="encoder", teacher=teacher, jitter=Jitter(), after=0, origin="", **TEACHING)

    def beside(self, gan: GanRecipe) -> Recipe:
        """Return the recipe of a GAN beside the VAE of this recipe."""
        return replace(self, objective="GAN", gan=gan)

    def vae(self) -> Recipe:
        """Return the recipe of the VAE beside which the GAN of this recipe is trained."""
        return replace(self, objective="VAE", gan=GanRecipe(), teacher="")

    def continued(self) -> Recipe:
        """Return the recipe that continues this one for as many epochs again."""
        return replace(self, epochs=2 * self.epochs, after=self.epochs)

    def begun(self) -> Recipe:
        """Return the recipe of the earlier training that this recipe continues."""
        return replace(self, epochs=self.after, after=0)


Count = Annotated[int, Meta(ge=0, le=2**53)]
FORMER = "Put the files of its images back."
LARGEST_ELBO = 1e12  # nats
Line = Annotated[str, Meta(max_length=1000)]
Side = Annotated[int, Meta(ge=1, le=4096)]  # of an image, in pixels


class Elbo(msgspec.Struct, frozen=True):
    """The terms of the ELBO = reconstruction − KL, in nats per image, averaged over a set of images."""

    reconstruction: float
    kl: float

    @property
    def total(self) -> float:
        """The ELBO, a lower bound on the average ln p(x)."""
        return self.reconstruction - self.kl


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The description of a trained model in its file: its recipe, its training, and its test ELBO.

    The test ELBO is measured with the weights in the precision of the file.
    """

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
    test_seed: Count = 0  # random seed of these draws
    classes: Annotated[tuple[Line, ...], Meta(max_length=256)] = ()  # of which the networks are given one

    def __post_init__(self) -> None:
        if self.shape[2:] not in ((), (3,)):
            raise ValueError(f"{self.shape} is not a shape of images")
        if self.recipe.given_class != bool(self.classes):
            raise ValueError("its classes do not fit its recipe")
        if not all(abs(nats) <= LARGEST_ELBO for nats in (self.test_elbo.reconstruction, self.test_elbo.kl)):
            raise ValueError("its ELBO is out of range")

    def test(self) -> Images:
        """Return the test images. Raises ValueError, in one sentence, if they cannot be read or have another size."""
        return self._of_this_size(self.recipe.data.test(), "test")

    def train(self) -> Images:
        """Return the training images. Raises ValueError as `test`."""
        return self._of_this_size(self.recipe.data.train(), "training")

    def _of_this_size(self, images: Images, kind: str) -> Images:
        if images.pixels.shape[1:] != self.shape:
            found, needed = ("×".join(map(str, shape)) for shape in (images.pixels.shape[1:], self.shape))
            raise ValueError(f"The {kind} images have {found} pixels now, and the model needs {needed}. {FORMER}")
        return images


EDITED = tuple(
    field.name for field in msgspec.structs.fields(Recipe) if field.name not in ("origin", "gan", "teacher")
)  # fields that the user edits
