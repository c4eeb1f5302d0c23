"""The loaded model over one plane of a latent space with more than two dimensions."""

from __future__ import annotations

import threading
from functools import cached_property, lru_cache

import numpy as np
from msgspec.structs import replace

from engine.gaussian import Array
from engine.latent.model import Embedding, LoadedModel
from engine.latent.slice import Plane, Slice

FIRST = Slice()  # the plane of the first two latents, the others 0
WIDTH = 0.3  # the least standard deviation with which the other latents of an image count as near to the plane
_slicing = threading.Lock()


class SlicedModel(LoadedModel):
    """A model over a plane of the latent space of the `whole` model."""

    def __init__(self, whole: LoadedModel, plane: Plane) -> None:
        from engine.latent.vae.networks.sliced import sliced

        super().__init__(sliced(whole.vae, plane))
        self.whole, self.plane = whole, plane

    @property
    def is_embedded(self) -> bool:
        """Whether the test images are encoded by the whole model already."""
        return self.whole.is_embedded

    @cached_property
    def embedding(self) -> Embedding:
        """The encoded test images, each at the nearest point on the plane to its mean."""
        whole, plane = self.whole.embedding, self.plane
        over = plane.coordinates(whole.mean), plane.spread(whole.deviation)
        return replace(whole, mean=over[0], deviation=over[1], nearness=_nearness(plane, whole))


def _nearness(plane: Plane, whole: Embedding) -> Array:
    """Return the densities (n,) of the q of the test images at the origin of a plane, without the plane's own axes.

    Each σ is at least WIDTH, so that some images are near. The largest density is 1.
    """
    axes = np.array(plane.axes)
    away = np.array(plane.origin) - (whole.mean - (whole.mean @ axes.T) @ axes)
    deviation = np.maximum(whole.deviation, WIDTH)
    across = 1 - np.sum(axes**2, axis=0)  # the part of each latent that is not on the plane
    logs = -0.5 * np.sum((away / deviation) ** 2, axis=1) - np.sum(across * np.log(deviation), axis=1)
    return np.asarray(np.exp(logs - logs.max()))


def whole_of(model: LoadedModel) -> LoadedModel:
    """Return the model with all its latents."""
    return model.whole if isinstance(model, SlicedModel) else model


def over_plane(whole: LoadedModel, chosen: Slice = FIRST, mean: Array | None = None) -> LoadedModel:
    """Return a model over a plane of its latent space: a model with two latents as it is; the last four are cached.

    `mean` (d,) is the encoder mean of the selected image, for a plane through it. Raises ValueError if the model has
    too few latents.
    """
    if whole.latents == 2:
        return whole
    plane = chosen.plane(whole.latents, mean)
    with _slicing:
        return _sliced(whole, plane)


@lru_cache(maxsize=4)
def _sliced(whole: LoadedModel, plane: Plane) -> SlicedModel:
    return SlicedModel(whole, plane)
