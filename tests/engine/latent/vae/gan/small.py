"""A small GAN for tests."""

from engine.latent.datasets.mnist import Mnist
from engine.latent.vae.architectures.residual_mlp import ResidualMlp
from engine.latent.vae.gan.gan_training import GanTraining
from engine.latent.vae.gan_recipe import GanRecipe
from engine.latent.vae.recipe import Recipe
from tests.engine.latent.vae.bars import drawn

FORM = ResidualMlp(encoder_width=8, bottleneck=4, decoder_width=8, octaves=1)
BASE = Recipe(data=Mnist(), architecture=FORM, batch=20, epochs=1)
IMAGES = drawn(90, 0)


def small(**options):
    """Return the training of a small GAN with new weights on images of 6×6 pixels."""
    chosen = {"fresh": True, "steps": 9, "batch": 20, "channels": 2, "discriminator_steps": 2, **options}
    return GanTraining(BASE.beside(GanRecipe(**chosen)), IMAGES)
