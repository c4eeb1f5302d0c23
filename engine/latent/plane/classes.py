"""Classes: one latent decoded given each class, the selected image written as another class, and the leak of the class.

In a conditional VAE the class y is given, so z need not say which digit it is: z says how it is written. The same z
decoded given ten classes is ten digits in one handwriting (Kingma et al. 2014, fig. 1a). An image x of the class y is
written as the class y′ by z from p(z|x, y), exactly or by the encoder, decoded given y′.

The leak says how much of the class z says nevertheless: the share of test images whose class a classifier of the k
nearest encoder means reads from z (Cover & Hart 1967). Without a leak it is the share of the largest class.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace

from engine.derived import Pending, derived
from engine.document import SETTINGS, Setting
from engine.latent.document import Latent
from engine.latent.image.encoding import encoded_or_none
from engine.latent.inputs.input import FromData
from engine.latent.model import Embedding, LoadedModel, Pixels8, as_shown
from engine.latent.posterior.unboxing import Unboxing
from engine.latent.unboxing.shared_posterior import unboxings_of
from engine.memo import remember
from engine.part import Part
from engine.plane import Viewport

SHIPPED_CLASSES = "classes"
NO_CLASSES = "This model is not given the class. Open the model classes, or train a recipe that is given the class."
NO_LABEL = "The class of this image is not known. Select an image of the data set, or choose a class by its picture."
NEIGHBOURS = 25  # test images that decide the class of another one
ENCODED = "encoder"
ORIGIN = (0.0, 0.0)


@SETTINGS.register
class ClassesSettings(Part, Setting, frozen=True, tag=True):
    """Classes: the latent with which the selected image is written as another class."""

    latent: Annotated[
        Literal["exact posterior", "encoder"],
        Meta(title="z from", description="The maximum of the exact p(z|x, y), or the mean of the encoder's q(z|x, y)."),
    ] = "exact posterior"


class Leak(msgspec.Struct, frozen=True):
    """The share of `images` whose class is read from z, and the share of the largest class, each from 0 to 1."""

    read: float
    largest: float
    images: int


class Written(msgspec.Struct, frozen=True, eq=False):
    """One latent decoded given each class, (k, h, w[, 3]), and the same for the selected image.

    `middle` is decoded at z = (0, 0). `written` is decoded at `z`, which is `exact` or of the encoder; it is None
    without an image, whose pixels are `image`. The exact z is that of the observed pixels. `label` is the class of the
    image, if the data set knows it. `unavailable` is the reason if the model is not given the class.
    """

    unavailable: str = ""
    classes: tuple[str, ...] = ()
    given: int = 0
    middle: Pixels8 | None = None
    image: Pixels8 | None = None
    name: str = ""
    label: int | None = None
    z: tuple[float, float] = ORIGIN
    written: Pixels8 | None = None
    exact: bool = False
    leak: Leak | None = None


@derived(Written)
def written(document: Latent, _: Viewport) -> Generator[Written | Pending, None, None]:
    """Yield the decoded classes with the encoder's z, then also the leak, then with the exact z."""
    model = document.loaded_model
    if not model.vae.classes:
        yield Written(NO_CLASSES)
        return
    shown = Written(classes=model.vae.classes, given=model.vae.y, middle=each_class(model, ORIGIN))
    image = encoded_or_none(document)
    if image is not None:
        z = float(image.mean[0]), float(image.mean[1])
        known = replace(shown, image=image.ink, name=image.name, label=label_of(document))
        shown = replace(known, z=z, written=each_class(model, z))
    yield shown
    shown = replace(shown, leak=remember(model, "leak", lambda: leak_of(model.embedding)))
    yield shown
    if image is None or not document.step or document[ClassesSettings].latent == ENCODED:
        return
    for better in unboxings_of(document):
        if isinstance(better, Unboxing):
            z = most_probable(better)
            yield replace(shown, z=z, written=each_class(model, z), exact=True)
        else:
            yield better


def each_class(model: LoadedModel, z: tuple[float, float]) -> Pixels8:
    """Decode z given each class of a conditional model, (k, h, w[, 3])."""
    return as_shown(model.vae.decode_each(z), model.vae.light)


def most_probable(unboxing: Unboxing) -> tuple[float, float]:
    """Return the latent in the middle of the cell in which a posterior has the highest density."""
    mass = unboxing.mass
    best = int(np.argmax(mass.shares / mass.side**2))
    return float(mass.z[best, 0]), float(mass.z[best, 1])


def leak_of(embedding: Embedding, neighbours: int = NEIGHBOURS) -> Leak:
    """Return how well the class is read from the encoder means (n, 2) by the nearest other means; ties: the first."""
    from scipy.spatial import cKDTree

    labels = embedding.labels.astype(int)
    k = min(neighbours, len(labels) - 1)
    nearest = labels[cKDTree(embedding.mean).query(embedding.mean, k + 1)[1][:, 1:]]
    votes = np.stack([(nearest == y).sum(axis=1) for y in range(len(embedding.classes))], axis=1)
    largest = float(np.bincount(labels).max() / len(labels))
    return Leak(float(np.mean(votes.argmax(axis=1) == labels)), largest, len(labels))


def label_of(document: Latent) -> int | None:
    """Return the class of the selected image, or None if the data set does not know it."""
    chosen = document.input
    if not isinstance(chosen, FromData):
        return None
    data = document.loaded_model.vae.card.recipe.data
    return int((data.test() if chosen.held_out else data.train()).labels[chosen.index])


def with_class_model(document: Latent) -> Latent:
    """Return the document with the shipped model that is given the class."""
    return document.with_model(SHIPPED_CLASSES)


def with_own_class(document: Latent) -> Latent:
    """Return the document with the own class of the selected image given. Raises ValueError if it is not known."""
    label = label_of(document)
    if label is None:
        raise ValueError(NO_LABEL)
    return document.with_given(label)


def with_next_class(document: Latent) -> Latent:
    """Return the document with the next class given; after the last one the first."""
    return document.with_given((document.loaded_model.vae.y + 1) % max(1, len(document.loaded_model.vae.classes)))


def with_previous_class(document: Latent) -> Latent:
    """Return the document with the previous class given; before the first one the last."""
    return document.with_given((document.loaded_model.vae.y - 1) % max(1, len(document.loaded_model.vae.classes)))
