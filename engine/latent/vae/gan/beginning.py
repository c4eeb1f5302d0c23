"""The weights with which a GAN begins: new ones, or those of the decoder of a VAE."""

from __future__ import annotations

from torch import nn

from engine.latent.model_source import shipped_models
from engine.latent.training.runs import checkpoint_path
from engine.latent.vae.gan_recipe import WHOLE
from engine.latent.vae.networks.checkpoint import load_model
from engine.latent.vae.networks.vae import VAE
from engine.latent.vae.recipe import Recipe

MISSING = (
    "The VAE with which this GAN begins is not on this computer. "
    "Train the VAE first, or choose “New weights” for the GAN."
)


def begin(generator: nn.Module, recipe: Recipe) -> None:
    """Load the decoder of the VAE beside a GAN into its generator, unless the GAN has new weights.

    Raises ValueError, in one sentence, if the VAE is not on this computer.
    """
    if not recipe.gan.fresh:
        generator.load_state_dict(vae_beside(recipe).networks.decoder.state_dict())


def vae_beside(recipe: Recipe) -> VAE:
    """Return the VAE with which a GAN begins: a shipped model, or a checkpoint of a training.

    Raises ValueError, in one sentence, if the VAE is not on this computer.
    """
    base = recipe.vae()
    if recipe.gan.begins_at != WHOLE:
        path = checkpoint_path(base, recipe.gan.begins_at)
        if not path.exists():
            raise ValueError(MISSING)
        return load_model(str(path))
    for name in shipped_models():
        if (vae := load_model(name)).card.recipe == base:
            return vae
    raise ValueError(MISSING)
