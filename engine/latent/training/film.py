"""Film: the decoded plane of a model at every checkpoint of its training, as frames."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from engine.latent.model import LoadedModel, Pixels8
from engine.latent.sliced_model import over_plane
from engine.latent.training.runs import checkpoint_path, checkpoints
from engine.latent.vae.recipe import Recipe

SIDE = 14  # decoded images on a side of a frame
REACH = 2.6  # half the side of the decoded square in z


def replay(recipe: Recipe, y: int = 0) -> Generator[float, None, Pixels8]:
    """Return frames (n, h, w[, 3]) as they are shown, one a checkpoint: the plane from −REACH to REACH.

    A conditional model is given the class y. Yields the fraction that is done. Raises ValueError, in one sentence, if
    fewer than two checkpoints are kept.
    """
    from engine.latent.vae import load_model  # imported here, because it imports torch

    steps = checkpoints(recipe)
    if len(steps) < 2:
        raise ValueError("There is nothing to replay: fewer than two checkpoints of this training are kept.")
    across = np.linspace(-REACH, REACH, SIDE)
    z = np.stack(np.meshgrid(across, across[::-1]), axis=-1).reshape(-1, 2)
    frames = []
    for i, step in enumerate(steps):
        yield i / len(steps)
        model = LoadedModel(load_model(str(checkpoint_path(recipe, step))))  # each is needed once, so none is kept
        frames.append(sheet(over_plane(model.given(y)).decode(z)))
    return np.array(frames)


def sheet(images: Pixels8, side: int = SIDE) -> Pixels8:
    """Return side × side images (n, h, w[, 3]), row by row from the top, as one image."""
    h, w, *channels = images.shape[1:]
    return images.reshape(side, side, h, w, *channels).swapaxes(1, 2).reshape(side * h, side * w, *channels)
