"""The settings of a GAN's training, besides those of the VAE with which it begins; declared without torch."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from engine.part import Part

WHOLE = -1  # of `begins_at`: the last step of the VAE's recipe
NO_VAE = "The model of the page is an autoencoder. Open a VAE first: a GAN begins with its decoder."
NOT_PLAIN = "A GAN can begin with the decoder of z alone, with two latents. Open a VAE with two latents and no class."
NO_ELBO = "A GAN begins with the decoder of a VAE that was trained on the ELBO. Open the VAE of this recipe first."
PLAIN = {"latents": 2, "given_class": False}  # fields of a recipe, as far as it has them, beside which a GAN can be


class GanRecipe(Part, frozen=True, tag=True):
    """GAN: a generator and a discriminator that are trained against each other.

    The generator has the decoder's architecture. The losses are relativistic, with zero-centred penalties of D's
    gradient at real and at generated images (Huang et al. 2024).
    """

    fresh: Annotated[
        bool, Meta(title="New weights", description="Begin with random weights instead of the VAE's decoder.")
    ] = False
    steps: Annotated[int, Meta(ge=1, le=1_000_000, title="Steps", description="Training steps of the generator.")] = (
        8000
    )
    batch: Annotated[
        int, Meta(ge=2, le=4096, title="Batch", description="Real and generated images in each step, each.")
    ] = 64
    gamma: Annotated[
        float,
        Meta(
            ge=0,
            le=1000,
            title="γ",
            description="Weight of the penalties of D's squared gradient; without them the training is less stable.",
        ),
    ] = 1.0
    channels: Annotated[
        int, Meta(ge=1, le=128, title="Channels of D", description="Filters in D's first of three convolutions.")
    ] = 16
    discriminator_rate: Annotated[
        float,
        Meta(gt=0, le=1, title="Rate of D", description="Learning rate of Adam for D.", extra={"scale": "log"}),
    ] = 4e-4
    generator_rate: Annotated[
        float,
        Meta(gt=0, le=1, title="Rate of G", description="Learning rate of Adam for G.", extra={"scale": "log"}),
    ] = 1e-4
    discriminator_steps: Annotated[
        int, Meta(ge=1, le=20, title="D per G", description="Steps of D for each step of G.")
    ] = 1
    every: Annotated[
        int, Meta(ge=1, le=100, title="Lazy", description="The penalties count in every n-th step of D, n times.")
    ] = 4
    averaging: Annotated[
        float, Meta(ge=0, lt=1, title="EMA decay", description="Decay of the moving average of G's weights.")
    ] = 0.999
    begins_at: Annotated[
        int,
        Meta(ge=WHOLE, le=10**12, title="Begins at step", description="Step of the VAE; −1: the end of its training."),
    ] = WHOLE
    seed: Annotated[
        int,
        Meta(ge=0, le=10**6, title="Seed", description="Is added to the VAE's seed: other weights of D, other images."),
    ] = 0


def refusal(recipe: Part) -> str:
    """Return why no GAN can be beside the model of a recipe; "" if one can."""
    objective = getattr(recipe, "objective", "")
    if objective in ("AE", "exact evidence", "encoder"):  # its decoder would not be that of the recipe's VAE
        return NO_VAE if objective == "AE" else NO_ELBO
    plain = all(getattr(recipe, name, value) == value for name, value in PLAIN.items())
    return "" if plain else NOT_PLAIN
