"""All scores of one kind of images against real images: one row of the table."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.gaussian import Array
from engine.latent.image_scores.frechet import frechet_distance
from engine.latent.image_scores.neighbours import NeighbourScores, neighbour_scores
from engine.latent.image_scores.sharpness import edge_per_ink, grey_pixels

Images = NDArray[np.floating]
Features = Callable[[Images], tuple[Array, Array]]  # images -> features (n, f) and class probabilities (n, c)


class Row(msgspec.Struct, frozen=True, eq=False):
    """The scores of one kind of images.

    `frechet` is the Fréchet distance of features; `edge` is the edge per ink, and `grey` the fraction of grey pixels.
    `shares` (c,) are the fractions of the classes, and `divergence` is KL(shares ‖ equal shares) in nats.
    """

    name: str
    near: NeighbourScores
    frechet: float
    edge: float
    grey: float
    shares: Array
    divergence: float


def row_of(name: str, images: Images, real: Array, features: Features) -> Row:
    """Return the scores of images (n, h, w), from 0 to 1, against the features (m, f) of real images."""
    own, probabilities = features(images)
    shares = np.bincount(probabilities.argmax(1), minlength=probabilities.shape[1]) / len(images)
    used = shares[shares > 0]
    divergence = float(np.sum(used * np.log(used * len(shares))))
    near, frechet = neighbour_scores(real, own), frechet_distance(real, own)
    return Row(name, near, frechet, edge_per_ink(images), grey_pixels(images), shares, divergence)
