"""Attribute arithmetic: the difference of the mean latents of two attributes, added to any latent."""

from __future__ import annotations

from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.derived import derived
from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.image.current_latent import current_latent
from engine.latent.model import Embedding, Ink
from engine.memo import remember
from engine.part import Part
from engine.plane import Viewport

VERTICES = 65  # of the arrow, which is bent where the chart bends it
Name = Annotated[str, Meta(max_length=256)]


@SETTINGS.register
class ArithmeticSettings(Part, Setting, frozen=True, tag=True):
    """Attribute arithmetic: two attributes, and the strength. An empty name stands for the first attribute."""

    start: Name = ""
    end: Name = ""
    strength: Annotated[
        float,
        Meta(
            ge=-2, le=2, title="Strength", description="How many times the difference of the two means is added to μ."
        ),
    ] = 1.0


class Attribute(msgspec.Struct, frozen=True, eq=False):
    """A property of some of the test images, and the mean (2,) of their encoder means."""

    name: str
    mean: Array
    count: int


class Sum(msgspec.Struct, frozen=True, eq=False):
    """z = base + strength · (mean of `end` − mean of `start`), and what is decoded of it.

    `image` and `reconstruction` belong to the base, as they are shown; without an image there is the latter alone.
    `arrow` (n, 2) and `means` (2, 2) are places on the plane as it is drawn. `name` says what the base is.
    """

    attributes: tuple[Attribute, ...]
    start: Attribute
    end: Attribute
    base: Array
    z: Array
    name: str
    image: Ink | None
    reconstruction: Ink
    result: Ink
    arrow: Array
    means: Array

    @property
    def difference(self) -> Array:
        """(2,)."""
        return self.end.mean - self.start.mean


@derived(Sum)
def attribute_sum(document: Latent, _: Viewport) -> Sum | None:
    """The arithmetic on the current latent, or else on the mean of the first attribute.

    None if the test images do not have two attributes.
    """
    manifold, chosen = document.manifold, document[ArithmeticSettings]
    found = remember(manifold, "attributes", lambda: attributes(manifold.embedding))
    if len(found) < 2:
        return None
    start, end = _named(found, chosen.start, found[0]), _named(found, chosen.end, found[1])
    base, place = current_latent(document), start.mean
    name = f"the mean of “{start.name}”"
    if base is not None:
        place, name = np.array(base.z), base.name
    z = place + chosen.strength * (end.mean - start.mean)
    both = manifold.decode(np.stack([place, z]))
    image = base.image.ink if base is not None and base.image is not None else None
    line = np.linspace(place, z, VERTICES) if np.any(z != place) else np.empty((0, 2))
    to_place = document.chart.to_place
    means = to_place(np.stack([start.mean, end.mean]))
    return Sum(found, start, end, place, z, name, image, both[0], both[1], to_place(line), means)


def _named(found: tuple[Attribute, ...], name: str, default: Attribute) -> Attribute:
    """Another model's attributes have other names."""
    return next((attribute for attribute in found if attribute.name == name), default)


def attributes(embedding: Embedding) -> tuple[Attribute, ...]:
    """Of the classes and of the factors that are known, low and high: those that any image has. Factors come first."""
    chosen: dict[str, NDArray[np.bool_]] = {}
    for factor, name in enumerate(embedding.factor_names):
        chosen |= _sides(name, embedding.factors[:, factor])
    classes = {name: embedding.labels == label for label, name in enumerate(embedding.classes)}
    return tuple(
        Attribute(name, embedding.mean[which].mean(axis=0), int(which.sum()))
        for name, which in (chosen | classes).items()
        if which.any()
    )


def _sides(name: str, values: Array) -> dict[str, NDArray[np.bool_]]:
    """Which images (n,) lack a factor, and which have it; or which have little of it, and which much."""
    if np.isin(values, (0.0, 1.0)).all():
        return {f"no {name}": values == 0, name: values == 1}
    middle = float(np.median(values))
    return {f"{name} below its median": values < middle, f"{name} above its median": values > middle}
