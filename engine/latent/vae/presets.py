"""Recipes that are known to work, to begin with."""

from __future__ import annotations

from engine.latent.datasets.faces import Faces
from engine.latent.vae.architectures.coordinates import Coordinates
from engine.latent.vae.architectures.mlp import Mlp
from engine.latent.vae.likelihoods import ContinuousBernoulli
from engine.latent.vae.recipe import Recipe

DIGITS = Recipe()
FACES = Recipe(
    data=Faces(),
    architecture=Mlp(widths=(512, 256), activation="GELU"),
    likelihood=ContinuousBernoulli(),
    epochs=15,
    batch=128,
    learning_rate=1e-3,
    input_dropout=0.0,
    kl_warm_up=10.0,  # else the turn of the head, which moves the most pixels, takes both axes
)
COORDINATES = Recipe(architecture=Coordinates(), epochs=8)
