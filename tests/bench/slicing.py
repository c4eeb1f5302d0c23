"""The answer under the cursor for a model with 16 latents, beside that for a model with two."""

import time

import numpy as np
import torch

from engine.latent.charts import Linear
from engine.latent.datasets.mnist import Mnist
from engine.latent.model import Embedding, LoadedModel
from engine.latent.probes import LatentPlace, _answer
from engine.latent.sliced_model import over_plane
from engine.latent.vae.networks.build import networks_for
from engine.latent.vae.networks.vae import VAE
from engine.latent.vae.recipe import Card, Elbo, Recipe

MOVES, IMAGES = 1000, 10_000


def model(latents):
    """A model over a plane, with random weights and random encoded test images."""
    recipe, rng = Recipe(latents=latents), np.random.default_rng(0)
    card = Card("random", recipe, (28, 28), 0, Elbo(0.0, 0.0), 1, "", "", 0.0, "")
    networks = networks_for(recipe.architecture, recipe.likelihood, (28, 28), latents).eval()
    whole = LoadedModel(VAE(card, networks))
    labels, classes = np.zeros(IMAGES, np.uint8), Mnist().test().classes
    mean = rng.standard_normal((IMAGES, latents))
    vars(whole)["embedding"] = Embedding(mean, np.full(mean.shape, 0.1), labels, classes)
    return over_plane(whole)


def rows():
    """The rows of the table. The moves of both models alternate, so that both have the same neighbours."""
    torch.set_num_threads(1)
    both, chart, rng = {latents: model(latents) for latents in (2, 16)}, Linear(), np.random.default_rng(1)
    taken = {latents: [] for latents in both}
    for across, up in rng.standard_normal((MOVES, 2)):
        for latents, over in both.items():
            start = time.perf_counter()
            _answer.__wrapped__(over, chart, LatentPlace(across, up))
            taken[latents].append(time.perf_counter() - start)
    two, sixteen = (1e3 * float(np.median(taken[latents])) for latents in (2, 16))
    yield "answer under the cursor, 2 latents, median", f"{two:.2f} ms", ""
    yield "  16 latents, of which the plane shows 2", f"{sixteen:.2f} ms", "as with 2"
