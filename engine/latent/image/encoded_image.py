"""The encoded image in numbers: the terms of its ELBO, and the class of the nearest test image."""

from __future__ import annotations

from collections.abc import Generator, Hashable

import msgspec
import numpy as np

from engine.derived import PENDING, Pending, derived
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.gaussian_q import kl_to_prior
from engine.latent.inputs.input import Blank, FromData, Input, encoded_by
from engine.latent.model import LoadedModel
from engine.memo import Recent
from engine.plane import Viewport

SAMPLES = 256  # samples of z from q
AT_ONCE = 32  # samples between two points where the job may be cancelled
SEED = 0  # of these samples


_known: Recent[Hashable, Measures] = Recent(64)  # by model and image


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


@derived(Measures, last=True)
def measures(document: Latent, _: Viewport) -> Generator[Measures | Pending | None, None, None]:
    """Yield the numbers of the selected image; None if no image is selected, or the model cannot encode it.

    It is computed last and in small parts, because every point of a stroke on the sketch pad is another image.
    """
    if isinstance(document.input, Blank):
        yield None
        return
    model, key = document.whole_model, (document.model, document.input)
    if key not in _known:
        try:
            _known[key] = yield from _measured(model, document.input)
        except ValueError:
            yield None
            return
    yield _known[key]


def distances(mean: Array, z: Array) -> Array:
    """Return the distances (n,) of encoder means (n, d) from z (d,)."""
    away = mean - z
    return np.asarray(np.hypot(*away.T) if len(z) == 2 else np.linalg.norm(away, axis=1))


def _measured(model: LoadedModel, selected: Input) -> Generator[Pending, None, Measures]:
    image = encoded_by(model, selected)
    z = image.mean + image.deviation * np.random.default_rng(SEED).standard_normal((SAMPLES, len(image.mean)))
    pixels, parts = image.pixels / np.float32(255), []
    for part in np.split(z, SAMPLES // AT_ONCE):
        yield PENDING
        parts.append(model.vae.log_likelihood(pixels, part))
    scores = np.concatenate(parts)
    error = float(scores.std(ddof=1) / np.sqrt(SAMPLES))
    embedding = model.embedding
    away = distances(embedding.mean, image.mean)
    if isinstance(selected, FromData) and selected.held_out:
        away[selected.index : selected.index + 1] = np.inf  # the image itself is one of the test images
    nearest = int(np.argmin(away))
    kl = kl_to_prior(image.mean, image.deviation)
    label = embedding.classes[embedding.labels[nearest]]
    return Measures(float(scores.mean()), error, SAMPLES, kl, label, float(away[nearest]))
