"""Scores of a GAN during its training: of a few images at every 500th step, in the features of a classifier."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import torch

from engine.gaussian import Array
from engine.latent.datasets.mnist import Mnist
from engine.latent.image_scores.row import Images, Row, row_of
from engine.latent.image_scores.samples import evenly, latents
from engine.latent.vae.classifier.classifier import load_classifier
from engine.latent.vae.gan.curves import ScoreRow, StepScores
from engine.latent.vae.gan.gan_training import GanTraining

EVERY = 500  # steps
SCORED = 1000  # images on each side: half as many as in the panel Scores, because this takes time from the training


def take_scores(training: GanTraining) -> bool:
    """Score the present G, and add the row to the curves, if the step is a multiple of EVERY; return whether it was.

    The scores need a classifier of the images, which exists for MNIST only. Nothing happens for other images, or if
    the step has its scores already.
    """
    if training.step % EVERY or not isinstance(training.recipe.data, Mnist):
        return False
    scores = training.history.scores
    if scores is None:
        scores = training.history.scores = StepScores(SCORED, row_at(0, _real_images()))
    if scores.rows and scores.rows[-1][0] >= training.step:
        return False
    scores.rows.append(row_at(training.step, present_images(training)))
    return True


def present_images(training: GanTraining) -> Images:
    """Return images (SCORED, h, w) of the moving average of G at fixed latents from the prior."""
    z = torch.from_numpy(latents(SCORED).astype(np.float32))
    with torch.inference_mode():
        images = training.averaged.images(z)
    return images.reshape(SCORED, *training.images.pixels.shape[1:]).numpy()


def row_at(step: int, images: Images) -> ScoreRow:
    """Return the scores of images (n, h, w) against as many test images, as numbers of the curves."""
    row = row_of("", images, _real_features(), load_classifier().features)
    return _numbers(step, row)


def _numbers(step: int, row: Row) -> ScoreRow:
    """The numbers of a row; blank images have no edge."""
    near, edge = row.near, row.edge if math.isfinite(row.edge) else 0.0
    fractions = near.precision, near.recall, near.density, near.coverage
    return (float(step), *fractions, row.frechet, edge, row.grey, row.divergence)


def _real_images() -> Images:
    return evenly(Mnist().train().pixels, SCORED)


@lru_cache(maxsize=1)
def _real_features() -> Array:
    """The features of test images, which are the same at each step."""
    return load_classifier().features(evenly(Mnist().test().pixels, SCORED))[0]
