"""The plane of the autoencoder: the same networks and seed, trained without noise on z and without the KL term.

It is a second training run with `objective="AE"`; all other settings of the recipe are equal.
"""

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
from engine.latent.sliced_model import over_plane
from engine.latent.training.runs import checkpoint_path, checkpoints
from engine.plane import Viewport

EMBEDDED = 2000  # test images that are encoded
SHARE = 0.5  # per cent of the images beyond each side of the first viewport
ROOM = 0.15  # the margin on each side, relative to the range of the encoder means
NARROWEST = 0.5  # half the width of the first viewport, at least


class AutoencoderPlane(msgspec.Struct, frozen=True, eq=False):
    """The plane of an autoencoder after `step` batches, its encoded test images, and decoded samples from N(0, I).

    `home` is the viewport of most encoder means. The samples are `z` (n, 2) and `decoded` (n, h, w[, 3]); they are None
    until they are computed.
    """

    step: int
    home: Viewport
    mosaic: Mosaic
    embedding: Embedding | None = None
    z: Array | None = None
    decoded: Pixels8 | None = None


@derived(AutoencoderPlane)
def autoencoder(document: Latent, viewport: Viewport) -> Generator[AutoencoderPlane | None, None, None]:
    """Yield the autoencoder's plane with more and more of it decoded; None if no autoencoder was trained."""
    model, step = _twin(document)
    if model is None:
        yield None
        return
    embedding = model.embedding
    home = around(embedding.mean)
    plane = None
    for mosaic in model.mosaics(Linear(), viewport):
        plane = AutoencoderPlane(step, home, mosaic, embedding)
        yield plane
    assert plane is not None
    z = np.random.default_rng(document[PriorSamples].seed).standard_normal((document[PriorSamples].count, 2))
    yield replace(plane, z=z, decoded=model.decode(z))


def _twin(document: Latent) -> tuple[LoadedModel | None, int]:
    """The autoencoder at its last checkpoint up to the step of the document's model, and this checkpoint's step."""
    if document.trained is None:
        return None, 0
    twin = document.trained.recipe.autoencoder()
    steps = [step for step in checkpoints(twin) if step <= document.trained.step]
    if not steps:
        return None, 0
    return over_plane(open_model(str(checkpoint_path(twin, steps[-1])), EMBEDDED, document.given)), steps[-1]


def around(places: Array) -> Viewport:
    """Return a square viewport that contains most of the positions (n, 2)."""
    low, high = np.percentile(places, [SHARE, 100 - SHARE], axis=0)
    middle = (low + high) / 2
    half = max(NARROWEST, float(np.max(high - low)) * (0.5 + ROOM))
    return Viewport(middle[0] - half, middle[0] + half, middle[1] - half, middle[1] + half)
