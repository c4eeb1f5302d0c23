"""Attribute arithmetic: the difference of the mean latents of two attributes, added to any latent.

The difference of the means of all images with and without an attribute is one direction of the latent space, also for
more than two latents: the plane then shows the part of it along its two axes. Another factor
changes with it if this factor varies along the same direction. If the factors of the images are known, the means can
be taken over images whose other factors are like those of the image that is changed. Then only the attribute changes.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.derived import derived
from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.image.current_latent import CurrentLatent, current_latent
from engine.latent.inputs.input import encoded_by
from engine.latent.model import Embedding, Pixels8
from engine.latent.sliced_model import SlicedModel
from engine.memo import remember
from engine.part import Part
from engine.plane import Viewport

VERTICES = 65  # of the arrow, which is curved in a curved chart
NEAREST = 15  # test images around a latent, whose mean factors are the factors of that latent
LIKE = 0.05  # standard deviation of the weights over a factor that is kept, as a fraction of the factor's range
Name = Annotated[str, Meta(max_length=256)]


@SETTINGS.register
class ArithmeticSettings(Part, Setting, frozen=True, tag=True):
    """Attribute arithmetic: two attributes, the strength, and whether the other factors are kept.

    An empty name stands for a default attribute.
    """

    start: Name = ""
    end: Name = ""
    strength: Annotated[
        float,
        Meta(
            ge=-2, le=2, title="Strength", description="How many times the difference of the two means is added to μ."
        ),
    ] = 1.0
    keep: Annotated[
        bool,
        Meta(
            title="Keep the other factors",
            description="Take both means over test images whose other factors are like those of this image.",
        ),
    ] = False


class Attribute(msgspec.Struct, frozen=True, eq=False):
    """A property that some test images have, and the mean (d,) of their encoder means.

    `which` (n,) says which test images have it, and `factor` is the index of the factor that decides it; None for a
    class. `count` is the number of images in the mean, or their effective number if they are weighted.
    """

    name: str
    mean: Array
    count: int
    which: NDArray[np.bool_]
    factor: int | None = None


class Sum(msgspec.Struct, frozen=True, eq=False):
    """z = base + strength · (mean of `end` − mean of `start`), and the images decoded at the base and at z.

    `base` and `z` (d,) have all latents of the model; `places` (2, 2) are their coordinates on the plane. `image` is
    the selected image, if the base is its encoder mean. `reconstruction` is decoded at the base, and `result` at z,
    each (h, w[, 3]). `arrow` (n, 2) and `means` (2, 2) are positions in the chart. `name` is the base's. `kept` are the
    names of the factors that both means have in common with the base; None if no factor can be kept.
    """

    attributes: tuple[Attribute, ...]
    start: Attribute
    end: Attribute
    base: Array
    z: Array
    places: Array
    name: str
    image: Pixels8 | None
    reconstruction: Pixels8
    result: Pixels8
    arrow: Array
    means: Array
    kept: tuple[str, ...] | None = None

    @property
    def difference(self) -> Array:
        """The attribute vector (d,)."""
        return self.end.mean - self.start.mean


@derived(Sum)
def attribute_sum(document: Latent, _: Viewport) -> Sum | None:
    """Add the attribute vector to the current latent, or else to the mean of the first attribute.

    Return None if the test images do not have two attributes.
    """
    model, chosen = document.whole_model, document[ArithmeticSettings]
    available = remember(model, "attributes", lambda: attributes(model.embedding))
    if len(available) < 2:
        return None
    start, end = _named(available, chosen.start, available[0]), _named(available, chosen.end, available[1])
    current, base = current_latent(document), start.mean
    name = f"the mean of “{start.name}”"
    if current is not None:
        base, name = _all_latents(document, current), current.name
    kept = _other_factors(model.embedding, start, end)
    if chosen.keep and kept:
        values = factors_at(model.embedding, base)
        start, end = (matched(model.embedding, attribute, values, kept) for attribute in (start, end))
    z = base + chosen.strength * (end.mean - start.mean)
    both = model.decode(np.stack([base, z]))
    image = current.image.ink if current is not None and current.image is not None else None
    places, means = (_on_plane(document, np.stack(ends)) for ends in ((base, z), (start.mean, end.mean)))
    line = np.linspace(places[0], places[1], VERTICES) if np.any(z != base) else np.empty((0, 2))
    to_place = document.chart.to_place
    means = to_place(means)
    names = tuple(model.embedding.factor_names[factor] for factor in kept) if chosen.keep else ()
    common = names if kept else None
    return Sum(available, start, end, base, z, places, name, image, both[0], both[1], to_place(line), means, common)


def _all_latents(document: Latent, current: CurrentLatent) -> Array:
    """Return all latents (d,) of the current latent: the whole encoder mean of an image, or a place on the plane."""
    over = document.loaded_model
    if not isinstance(over, SlicedModel):
        return np.array(current.z)
    if current.image is not None:
        return np.asarray(encoded_by(over.whole, document.input).mean, float)
    return np.asarray(over.plane.latents(np.array([current.z]))[0], float)


def _on_plane(document: Latent, z: Array) -> Array:
    """Return the coordinates (n, 2) on the plane of the points that are nearest to latents z (n, d)."""
    over = document.loaded_model
    return over.plane.coordinates(z) if isinstance(over, SlicedModel) else z


def _named(available: tuple[Attribute, ...], name: str, default: Attribute) -> Attribute:
    """The attribute of a name; the default if the model does not have it."""
    return next((attribute for attribute in available if attribute.name == name), default)


def _other_factors(embedding: Embedding, start: Attribute, end: Attribute) -> tuple[int, ...]:
    """The factors that decide neither of two attributes; none if a class is one of the two."""
    if start.factor is None or end.factor is None:
        return ()
    return tuple(i for i in range(len(embedding.factor_names)) if i not in (start.factor, end.factor))


def factors_at(embedding: Embedding, z: Array) -> Array:
    """Return the factors (f,) of a latent z (d,): the mean of the NEAREST test images, rounded for 0 and 1."""
    near = np.argsort(np.sum((embedding.mean - z) ** 2, axis=1))[:NEAREST]
    values = embedding.factors[near].mean(axis=0)
    return np.asarray(np.where(_binary(embedding.factors), np.round(values), values))


def matched(embedding: Embedding, attribute: Attribute, values: Array, kept: tuple[int, ...]) -> Attribute:
    """Return the attribute with the mean of those images whose factors `kept` are like `values` (f,).

    Each image has the weight Π exp(−(vᵢ − fᵢ)²/2sᵢ²) over the factors `kept`, where sᵢ is LIKE times the range of the
    factor (Nadaraya 1964; Watson 1964). The count is the effective number of images, (Σ w)²/Σ w².
    """
    factors = embedding.factors[attribute.which][:, kept]
    scale = LIKE * np.ptp(embedding.factors[:, kept], axis=0)
    exponents = -0.5 * np.sum(((factors - values[list(kept)]) / np.where(scale > 0, scale, 1.0)) ** 2, axis=1)
    weights = np.exp(exponents - exponents.max())
    mean = weights @ embedding.mean[attribute.which] / weights.sum()
    return replace(attribute, mean=mean, count=round(weights.sum() ** 2 / np.sum(weights**2)))


def attributes(embedding: Embedding) -> tuple[Attribute, ...]:
    """Return the attributes that any test image has: low and high values of each factor, then the classes."""
    chosen: list[tuple[str, NDArray[np.bool_], int | None]] = []
    for factor, name in enumerate(embedding.factor_names):
        chosen += [(side, which, factor) for side, which in _sides(name, embedding.factors[:, factor]).items()]
    chosen += [(name, embedding.labels == label, None) for label, name in enumerate(embedding.classes)]
    return tuple(
        Attribute(name, embedding.mean[which].mean(axis=0), int(which.sum()), which, factor)
        for name, which, factor in chosen
        if which.any()
    )


def _sides(name: str, values: Array) -> dict[str, NDArray[np.bool_]]:
    """Two masks (n,) of images: without and with a binary factor, or below and above the median of another factor."""
    if _binary(values):
        return {f"no {name}": values == 0, name: values == 1}
    middle = float(np.median(values))
    return {f"{name} below its median": values < middle, f"{name} above its median": values > middle}


def _binary(values: Array) -> NDArray[np.bool_]:
    """Return whether all values (n, …) along the first axis are 0 or 1."""
    return np.asarray(np.isin(values, (0.0, 1.0)).all(axis=0))
