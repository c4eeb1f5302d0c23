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
from engine.latent.model import Embedding, Pixels8
from engine.memo import remember
from engine.part import Part
from engine.plane import Viewport

VERTICES = 65  # of the arrow, which is curved in a curved chart
Name = Annotated[str, Meta(max_length=256)]


@SETTINGS.register
class ArithmeticSettings(Part, Setting, frozen=True, tag=True):
    """Attribute arithmetic: two attributes and the strength. An empty name stands for a default attribute."""

    start: Name = ""
    end: Name = ""
    strength: Annotated[
        float,
        Meta(
            ge=-2, le=2, title="Strength", description="How many times the difference of the two means is added to μ."
        ),
    ] = 1.0


class Attribute(msgspec.Struct, frozen=True, eq=False):
    """A property that some test images have, and the mean (2,) of their encoder means."""

    name: str
    mean: Array
    count: int


class Sum(msgspec.Struct, frozen=True, eq=False):
    """z = base + strength · (mean of `end` − mean of `start`), and the images decoded at the base and at z.

    `image` is the selected image, if the base is its encoder mean. `reconstruction` is decoded at the base, and
    `result` at z, each (h, w[, 3]). `arrow` (n, 2) and `means` (2, 2) are positions in the chart. `name` is the base's.
    """

    attributes: tuple[Attribute, ...]
    start: Attribute
    end: Attribute
    base: Array
    z: Array
    name: str
    image: Pixels8 | None
    reconstruction: Pixels8
    result: Pixels8
    arrow: Array
    means: Array

    @property
    def difference(self) -> Array:
        """The attribute vector (2,)."""
        return self.end.mean - self.start.mean


@derived(Sum)
def attribute_sum(document: Latent, _: Viewport) -> Sum | None:
    """Add the attribute vector to the current latent, or else to the mean of the first attribute.

    Return None if the test images do not have two attributes.
    """
    model, chosen = document.loaded_model, document[ArithmeticSettings]
    available = remember(model, "attributes", lambda: attributes(model.embedding))
    if len(available) < 2:
        return None
    start, end = _named(available, chosen.start, available[0]), _named(available, chosen.end, available[1])
    current, base = current_latent(document), start.mean
    name = f"the mean of “{start.name}”"
    if current is not None:
        base, name = np.array(current.z), current.name
    z = base + chosen.strength * (end.mean - start.mean)
    both = model.decode(np.stack([base, z]))
    image = current.image.ink if current is not None and current.image is not None else None
    line = np.linspace(base, z, VERTICES) if np.any(z != base) else np.empty((0, 2))
    to_place = document.chart.to_place
    means = to_place(np.stack([start.mean, end.mean]))
    return Sum(available, start, end, base, z, name, image, both[0], both[1], to_place(line), means)


def _named(available: tuple[Attribute, ...], name: str, default: Attribute) -> Attribute:
    """The attribute of a name; the default if the model does not have it."""
    return next((attribute for attribute in available if attribute.name == name), default)


def attributes(embedding: Embedding) -> tuple[Attribute, ...]:
    """Return the attributes that any test image has: low and high values of each factor, then the classes."""
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
    """Two masks (n,) of images: without and with a binary factor, or below and above the median of another factor."""
    if np.isin(values, (0.0, 1.0)).all():
        return {f"no {name}": values == 0, name: values == 1}
    middle = float(np.median(values))
    return {f"{name} below its median": values < middle, f"{name} above its median": values > middle}
