"""Tested recipes for the shipped data sets, and a suitable recipe for the user's images.

The recipe for faces warms the KL up during two thirds of the training. Otherwise the rotation of the head, which
changes the most pixels, occupies both latent axes before the smile is learnt.
"""

from __future__ import annotations

import math

import numpy as np
from msgspec.structs import replace

from engine.latent.datasets.data_set import DataSet, Images
from engine.latent.datasets.faces import Faces
from engine.latent.vae.architectures.architecture import Architecture
from engine.latent.vae.architectures.convolutional import Convolutional
from engine.latent.vae.architectures.coordinates import Coordinates
from engine.latent.vae.architectures.mlp import Mlp
from engine.latent.vae.architectures.residual_mlp import ResidualMlp
from engine.latent.vae.likelihoods import Bernoulli, ContinuousBernoulli, Likelihood
from engine.latent.vae.recipe import Jitter, Recipe

FEW = 2000  # fewer images are memorised, unless the networks are small and the images are augmented
LARGE = 64  # pixels of the longer side above which networks without filters would be too large
BATCHES = range(16, 257)  # images in a batch, unless the set is smaller
STEPS = 1000  # training steps for each factor of 10 in the number of images
SAMPLE = 1000  # images that decide the likelihood
GREY = range(64, 192)  # values between paper and ink

DIGITS = Recipe()
DIGITS_BY_CLASS = Recipe(given_class=True)
FACES = Recipe(
    data=Faces(),
    architecture=Mlp(widths=(512, 256), activation="GELU"),
    likelihood=ContinuousBernoulli(),
    epochs=15,
    batch=128,
    learning_rate=1e-3,
    input_dropout=0.0,
    kl_warm_up=10.0,  # see the module's docstring
)
COLOURED = replace(
    FACES,
    data=Faces(look="32×32 colour", smile=False, head_turn=False, glasses=True, hair_tone=True, training=4_000),
    epochs=40,
)
COORDINATES = Recipe(architecture=Coordinates(), epochs=8)
PRESETS = {  # by their purpose
    "digits": DIGITS,
    "digits, given the class": DIGITS_BY_CLASS,
    "faces": FACES,
    "coloured faces": COLOURED,
    "any resolution": COORDINATES,
}


def recipe_for(data: DataSet, images: Images | None = None) -> Recipe:
    """Return a suitable recipe for a data set, from the number, size and pixel values of its training images.

    The training images are read if `images` is None. Raises ValueError, in one sentence, if they cannot be read.
    """
    images = data.train() if images is None else images
    n, shape = len(images), images.pixels.shape[1:]
    ink = not data.light and len(shape) == 2
    batch = min(n, int(np.clip(2 ** round(math.log2(n / 8)), BATCHES[0], BATCHES[-1])))
    steps = round(STEPS * math.log10(max(n, 10)))
    epochs = math.ceil(steps / (n // batch))
    return Recipe(
        data=data,
        architecture=_architecture(n, shape, ink),
        likelihood=_likelihood(images, ink),
        epochs=epochs,
        batch=batch,
        learning_rate=1e-3,
        averaging=0.99 if n < FEW else 0.999,
        input_dropout=0.2 if ink else 0.0,
        jitter=_jitter(n, min(shape[:2]), ink),
        kl_warm_up=0.0 if ink else float(epochs // 4),
    )


def _architecture(n: int, shape: tuple[int, ...], ink: bool) -> Architecture:
    if max(shape[:2]) > LARGE:
        return Convolutional(channels=(16, 32, 64))
    if ink:
        return Mlp(widths=(256, 128)) if n < FEW else ResidualMlp()
    return Mlp(widths=(512, 256), activation="GELU")


def _likelihood(images: Images, ink: bool) -> Likelihood:
    """Choose a Bernoulli for ink with few intermediate values, else a continuous Bernoulli."""
    pixels = images.pixels[:: max(1, len(images) // SAMPLE)]
    marked = pixels[pixels >= GREY.start]
    if not ink or len(marked) == 0 or (marked < GREY.stop).mean() > 0.5:
        return ContinuousBernoulli()
    return Bernoulli()


def _jitter(n: int, side: int, ink: bool) -> Jitter:
    """Choose augmentation for small sets of ink; light images would get black edges, so they are not augmented."""
    if n >= FEW or not ink:
        return Jitter()
    return Jitter(shift=side / 20, turn=8.0, scale=0.08, shear=0.08)
