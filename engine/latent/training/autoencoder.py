"""The autoencoder beside: the same networks and seed, trained without the noise and without the KL."""

from __future__ import annotations

from collections.abc import Generator

import msgspec
import numpy as np
from msgspec.structs import replace

from engine.derived import derived
from engine.gaussian import Array
from engine.latent.charts import Linear
from engine.latent.document import Latent
from engine.latent.model import Embedding, LoadedModel, Mosaic, Pixels8, open_model
from engine.latent.plane.samples import PriorSamples
from engine.latent.training.runs import checkpoint_path, checkpoints
from engine.plane import Viewport

EMBEDDED = 2000  # held-out images that are encoded
SHARE = 0.5  # per cent of the images that lie out of sight on each side at first
ROOM = 0.15  # of their spread, on each side
NARROWEST = 0.5  # half of the plane that is seen at least


class AutoencoderPlane(msgspec.Struct, frozen=True, eq=False):
    """An autoencoder after `step` batches: its plane, where held-out images land, and latents from N(0, I) decoded.

    `home` is where most of the images land. The later fields are None until they are ready.
    """

    step: int
    home: Viewport
    mosaic: Mosaic
    embedding: Embedding | None = None
    z: Array | None = None
    decoded: Pixels8 | None = None


@derived(AutoencoderPlane)
def autoencoder(document: Latent, viewport: Viewport) -> Generator[AutoencoderPlane | None, None, None]:
    """Ever more of the autoencoder's plane; None if none was trained beside what is looked at."""
    model, step = _twin(document)
    if model is None:
        yield None
        return
    embedding = model.embedding
    home = around(embedding.mean)
    found = None
    for mosaic in model.mosaics(Linear(), viewport):
        found = AutoencoderPlane(step, home, mosaic, embedding)
        yield found
    assert found is not None
    z = np.random.default_rng(document[PriorSamples].seed).standard_normal((document[PriorSamples].count, 2))
    yield replace(found, z=z, decoded=model.decode(z))


def _twin(document: Latent) -> tuple[LoadedModel | None, int]:
    """Of the last checkpoint that is kept of it, up to the one that is looked at."""
    if document.trained is None:
        return None, 0
    twin = document.trained.recipe.autoencoder()
    steps = [step for step in checkpoints(twin) if step <= document.trained.step]
    return (open_model(str(checkpoint_path(twin, steps[-1])), EMBEDDED), steps[-1]) if steps else (None, 0)


def around(places: Array) -> Viewport:
    """Where most of the places (n, 2) are; a square."""
    low, high = np.percentile(places, [SHARE, 100 - SHARE], axis=0)
    middle = (low + high) / 2
    half = max(NARROWEST, float(np.max(high - low)) * (0.5 + ROOM))
    return Viewport(middle[0] - half, middle[0] + half, middle[1] - half, middle[1] + half)
