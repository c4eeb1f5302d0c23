"""Common mistakes: what wrong code for the loss prints for a model, beside the loss in nats per image."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from engine.derived import derived
from engine.latent.document import Latent
from engine.latent.training.training import TrainingSettings, with_recipe
from engine.latent.vae.likelihoods import ContinuousBernoulli, GreyBernoulli, Likelihood
from engine.latent.vae.mistakes import GREY, Name
from engine.latent.vae.recipe import Recipe
from engine.memo import remember
from engine.plane import Viewport

IMAGES = 500  # test images, with one draw of z each


class Terms(msgspec.Struct, frozen=True):
    """The terms of the loss in nats per image, as means over test images with one draw of z from each q.

    `fit` is −E[ln p(x|z)] and `kl` the KL divergence. `sigma_kl` is the term of the mistake “σ instead of σ²”. `bce` is
    the Bernoulli formula for grey values from 0 to 1, and `least_bce` its smallest possible value, at a perfect
    reconstruction. `pixels` is the number of values of an image, and `images` the number of images, with
    z of d = `latents`.
    """

    fit: float
    kl: float
    sigma_kl: float
    bce: float
    least_bce: float
    pixels: int
    images: int
    latents: int = 2

    @property
    def loss(self) -> float:
        """The negative ELBO."""
        return self.fit + self.kl

    def printed(self, name: str) -> float:
        """Return the number that the code of a mistake prints, for a batch of these images."""
        return {
            "mean over pixels, sum of KL": self.fit / self.pixels + self.kl,
            "mean over pixels and latents": self.fit / self.pixels + self.kl / self.latents,
            "no ½ in the KL": self.fit + 2 * self.kl,
            "σ instead of σ²": self.fit + self.sigma_kl,
            GREY: self.bce + self.kl,
        }[name]


@derived(Terms)
def loss_terms(document: Latent, _: Viewport) -> Terms:
    """Measure the terms of the loss of the document's model."""
    model = document.whole_model

    def measured() -> Terms:
        from engine.latent.vae.training.mistaken_losses import terms

        images = model.vae.card.test().first(IMAGES)
        numbers = terms(model.vae.networks, images)
        return Terms(*numbers, pixels=images.pixels[0].size, images=len(images), latents=model.latents)

    return remember(model, "loss terms", measured)


def mistake_of(recipe: Recipe) -> str:
    """Return the name of the mistake of a recipe; "none" if it has none."""
    return GREY if isinstance(recipe.likelihood, GreyBernoulli) else recipe.mistake


def with_mistake(document: Latent, name: str) -> Latent:
    """Return the document with a mistake, or "none", in the recipe of the next training.

    A right likelihood takes the place of the mistake about grey values: the continuous Bernoulli. Raises ValueError if
    the mistake does not exist.
    """
    recipe = document[TrainingSettings].recipe
    likelihood: Likelihood = recipe.likelihood
    if name == GREY:
        return with_recipe(document, replace(recipe, mistake="none", likelihood=GreyBernoulli()))
    if isinstance(likelihood, GreyBernoulli):
        likelihood = ContinuousBernoulli()
    chosen = msgspec.convert(name, Name)
    return with_recipe(document, replace(recipe, mistake=chosen, likelihood=likelihood))


def without_mistake(document: Latent) -> Latent:
    """Return the document without a mistake in the recipe of the next training."""
    return with_mistake(document, "none")
