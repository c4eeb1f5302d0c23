"""Scores: how the images of the VAE and of the GAN compare with test images, in the features of a small classifier.

The classifier knows MNIST digits only. Real training images are scored as well: no generator can be expected to have
better scores than these.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from functools import lru_cache

import msgspec
import numpy as np
from msgspec.structs import replace

from engine.derived import PENDING, Pending, derived
from engine.gaussian import Array
from engine.latent.datasets.mnist import Mnist
from engine.latent.document import Latent
from engine.latent.gan.gan import gan_beside, network_of
from engine.latent.image_scores.row import Features, Images, Row, row_of
from engine.latent.image_scores.samples import evenly, latents
from engine.latent.model import LoadedModel
from engine.memo import remember
from engine.plane import Viewport

SCORED = 2000  # images on each side
OTHERS = "The scores need a classifier of the images, and the program has one for MNIST digits only."
NAMES = ("training images", "VAE: E[x|z]", "VAE: x ~ p(x|z)", "GAN: G(z)")


class Scores(msgspec.Struct, frozen=True, eq=False):
    """The scores of each kind of images against `scored` test images, as far as computed; or the reason for none."""

    rows: tuple[Row, ...] = ()
    scored: int = 0
    accuracy: float = 0.0  # of the classifier
    complete: bool = False
    unavailable: str = ""


@derived(Scores, last=True)
def scores(document: Latent, _: Viewport) -> Generator[Scores | Pending, None, None]:
    """Yield the scores with more and more rows; the last row is that of the GAN, if there is one."""
    model = document.loaded_model
    if not isinstance(model.vae.card.recipe.data, Mnist):
        yield Scores(unavailable=OTHERS)
        return
    from engine.latent.vae.classifier.classifier import load_classifier

    classifier = load_classifier()
    found = Scores((), SCORED, classifier.card.accuracy)
    yield found  # the empty table, at once
    real = _real(classifier.features, SCORED)
    yield PENDING
    for name, owner, make in _kinds(document, model):
        row = remember(owner, ("scores", name, SCORED), lambda: row_of(name, make(), real, classifier.features))  # noqa: B023
        found = replace(found, rows=(*found.rows, row))
        yield found
    yield replace(found, complete=True)


@lru_cache(maxsize=1)
def _real(features: Features, count: int) -> Array:
    """The features of test images, which are the same for every model."""
    return features(evenly(Mnist().test().pixels, count))[0]


def _kinds(document: Latent, model: LoadedModel) -> Iterator[tuple[str, LoadedModel, Callable[[], Images]]]:
    """Yield the name of each kind of images, the owner of its cache, and the function that makes the images."""
    from engine.latent.vae.networks.sampling import sample

    vae, z = model.vae, latents(SCORED)
    yield NAMES[0], model, lambda: evenly(Mnist().train().pixels, SCORED)
    yield NAMES[1], model, lambda: vae.decode(z)
    yield NAMES[2], model, lambda: sample(vae, z, np.random.default_rng(0))
    if (gan := gan_beside(document)) is not None:
        network = network_of(gan)
        yield NAMES[3], gan, lambda: network.decode(z)
