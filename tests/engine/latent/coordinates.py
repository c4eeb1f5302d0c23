"""Small coordinate decoders that nobody has trained, saved as models are."""

import torch

from engine.latent.datasets.faces import Faces
from engine.latent.datasets.mnist import Mnist
from engine.latent.vae.architectures.coordinates import Coordinates
from engine.latent.vae.networks.build import networks_for
from engine.latent.vae.networks.checkpoint import rounded, save_model
from engine.latent.vae.recipe import Card, Elbo, Recipe

SMALL = Coordinates(encoder_widths=(16,), code=8, width=16, layers=2, octaves=2)
LOOKS = {"grey": (Mnist(), (28, 28)), "colour": (Faces(look="32×32 colour", held_out=60, training=100), (32, 32, 3))}


def saved(folder, look="grey"):
    """The file of a model of ink, or of colour."""
    torch.manual_seed(0)
    data, shape = LOOKS[look]
    recipe = Recipe(data=data, architecture=SMALL)
    networks = rounded(networks_for(SMALL, recipe.likelihood, shape))
    card = Card(look, recipe, shape, 1, Elbo(-200.0, 5.0), 60, "none", "nobody", 1.0, "a test")
    save_model(folder / f"{look}.safetensors", networks, card)
    return str(folder / f"{look}.safetensors")
