"""Model planes: a small image of the decoded plane of each model that can be opened, for the list of models."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from functools import partial

import msgspec
import numpy as np

from engine.derived import Pending, derived
from engine.latent.charts import EqualProbability
from engine.latent.document import Latent
from engine.latent.model import Pixels8, as_shown
from engine.latent.slice import Slice
from engine.latent.training.film import sheet
from engine.latent.training.models import entries
from engine.memo import Recent
from engine.plane import Viewport

SIDE = 4  # decoded images on a side
LARGEST = 128  # pixels on a side, about


class Planes(msgspec.Struct, frozen=True, eq=False):
    """Small images of the decoded planes of models, by the path of the model: ink (h, w) or light (h, w, 3), 0–254."""

    by_path: dict[str, Pixels8]


_planes: Recent[tuple[str, float], Pixels8] = Recent(100)  # by the path and the time of a model


@derived(Planes, last=True)
def planes(_document: Latent, _: Viewport) -> Generator[Planes | Pending, None, Planes]:
    """Yield the planes of more and more models; those in damaged files are missing."""
    found: dict[str, Pixels8] = {}
    for entry in entries():
        key = entry.path, entry.time
        is_new = key not in _planes
        with suppress(ValueError):
            found[entry.path] = _planes.remember(key, partial(_plane, entry.path))
        if is_new:
            yield Planes(dict(found))
    return Planes(found)


def _plane(path: str) -> Pixels8:
    """Decode SIDE × SIDE latents with equal probability between them, and leave out pixels of large images."""
    from engine.latent.vae import load_model
    from engine.latent.vae.networks.sliced import sliced

    vae = load_model(path)
    if vae.latents > 2:
        vae = sliced(vae, Slice().plane(vae.latents))
    levels = (np.arange(SIDE) + 0.5) / SIDE
    places = np.stack(np.meshgrid(levels, levels[::-1]), axis=-1).reshape(-1, 2)
    images = as_shown(vae.decode(EqualProbability().to_latent(places)), vae.light)
    step = max(1, max(images.shape[1:3]) * SIDE // LARGEST)
    return sheet(images[:, ::step, ::step], SIDE)
