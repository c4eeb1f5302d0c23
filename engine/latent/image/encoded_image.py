"""The encoded image in numbers: the terms of its ELBO, and the class of the nearest test image."""

from __future__ import annotations

from functools import lru_cache

import msgspec
import numpy as np

from engine.derived import derived
from engine.latent.document import Latent
from engine.latent.gaussian_q import kl_to_prior
from engine.latent.inputs.input import Blank, FromData, Input, encoded_by
from engine.latent.model import LoadedModel
from engine.plane import Viewport

SAMPLES = 256  # samples of z from q, which take about 10 ms
SEED = 0  # of these samples


class Measures(msgspec.Struct, frozen=True):
    """The terms of the ELBO of one image in nats: E_q[ln p(x|z)] from `samples` samples, its `error`, and KL(q‖p).

    `error` is the standard error of the reconstruction; the KL is exact.
    `nearest` is the class of the nearest other test image, and `distance` the distance of its encoder mean in z.
    """

    reconstruction: float
    error: float
    samples: int
    kl: float
    nearest: str
    distance: float

    @property
    def elbo(self) -> float:
        """The lower bound on ln p(x), in nats, with the standard error of the reconstruction."""
        return self.reconstruction - self.kl


@derived(Measures)
def measures(document: Latent, _: Viewport) -> Measures | None:
    """The numbers of the selected image; None if no image is selected, or the model cannot encode it."""
    if isinstance(document.input, Blank):
        return None
    try:
        return _measured(document.loaded_model, document.input)
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _measured(model: LoadedModel, selected: Input) -> Measures:
    image = encoded_by(model, selected)
    noise = np.random.default_rng(SEED).standard_normal((SAMPLES, 2))
    scores = model.vae.log_likelihood(image.pixels / np.float32(255), image.mean + image.deviation * noise)
    error = float(scores.std(ddof=1) / np.sqrt(SAMPLES))
    embedding = model.embedding
    away = np.hypot(*(embedding.mean - image.mean).T)
    if isinstance(selected, FromData) and selected.held_out:
        away[selected.index : selected.index + 1] = np.inf  # the image itself is one of the test images
    nearest = int(np.argmin(away))
    kl = kl_to_prior(image.mean, image.deviation)
    label = embedding.classes[embedding.labels[nearest]]
    return Measures(float(scores.mean()), error, SAMPLES, kl, label, float(away[nearest]))
