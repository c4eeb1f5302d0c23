"""Slices: the plane that is shown of a latent space with more than two dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace

from engine.gaussian import Array
from engine.part import Part
from engine.plane import subscript

MOST = 32  # latents
Value = Annotated[float, Meta(ge=-100, le=100)]
Number = Annotated[int, Meta(ge=0, le=MOST - 1)]
Values = Annotated[tuple[Value, ...], Meta(max_length=MOST)]
PARALLEL = 1e-6  # the smallest sine of the angle between two directions that span a plane


class Slice(Part, frozen=True, tag=True):
    """Slice: the plane through the latent space, spanned by two latents or by two directions.

    `values` are the latents of a point on the plane; latents beyond its end are 0. With `at_image` this point is the
    encoder mean of the selected image. `directions` are empty, or two vectors that span the plane. A model with two
    latents has one plane, and no slice changes it.
    """

    across: Annotated[Number, Meta(title="Across", description="The latent of the horizontal axis.")] = 0
    up: Annotated[Number, Meta(title="Up", description="The latent of the vertical axis.")] = 1
    at_image: Annotated[
        bool, Meta(title="Others at the image", description="The other latents are the encoder mean of the image.")
    ] = False
    values: Values = ()
    directions: Annotated[tuple[Values, ...], Meta(max_length=2)] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.across == self.up:
            raise ValueError("The two axes of the plane show the same latent. Choose two different latents.")
        if len(self.directions) == 1:
            raise ValueError("One direction does not span a plane. Choose two directions, or none.")

    @property
    def names(self) -> tuple[str, str]:
        """The names of the two coordinates of the plane."""
        return ("a₁", "a₂") if self.directions else (f"z{subscript(self.across)}", f"z{subscript(self.up)}")

    def axes(self, chart: tuple[str, str]) -> tuple[str, str]:
        """Return the labels of a chart's axes with the names of this slice, from those for z₀ and z₁."""
        first, second = (
            label.replace(f"z{old}", name) for label, old, name in zip(chart, "₀₁", self.names, strict=True)
        )
        return first, second

    def through(self, point: Sequence[float]) -> Slice:
        """Return this slice through a point of the latent space, (d,)."""
        return replace(self, at_image=False, values=tuple(float(np.clip(value, -100, 100)) for value in point))

    def of_latents(self, across: int, up: int) -> Slice:
        """Return the slice of two latents, the others as they are."""
        return replace(self, across=across, up=up, directions=())

    def spanned(self, first: Sequence[float], second: Sequence[float]) -> Slice:
        """Return the slice that two directions (d,) span, through the same point."""
        return replace(self, directions=(tuple(map(float, first)), tuple(map(float, second))))

    def point(self, latents: int, mean: Array | None = None) -> Array:
        """Return the point (d,) through which the plane goes; `mean` (d,) is the encoder mean of the image."""
        if self.at_image and mean is not None:
            return np.array(mean, float)
        return _padded(() if self.at_image else self.values, latents)

    def plane(self, latents: int, mean: Array | None = None) -> Plane:
        """Return the plane in d = `latents` dimensions. `mean` (d,) is the encoder mean of the image, if there is one.

        Raises ValueError, in one sentence, if the model has fewer latents or if the directions are parallel.
        """
        if max(self.across, self.up) >= latents:
            raise ValueError(f"The model has {latents} latents, z₀ to z{subscript(latents - 1)}. Choose two of them.")
        point = self.point(latents, mean)
        axes = np.eye(latents)[[self.across, self.up]]
        if self.directions:
            axes = _orthonormal(np.array([_padded(direction, latents) for direction in self.directions]))
            point = point - (axes @ point) @ axes
        else:
            point[[self.across, self.up]] = 0.0
        return Plane(tuple(point.tolist()), tuple(map(tuple, axes.tolist())))


class Plane(msgspec.Struct, frozen=True):
    """A plane in d dimensions: z = `origin` + coordinates @ `axes`.

    `axes` (2, d) are orthonormal and orthogonal to the origin (d,). So the prior N(0, I) restricted to the plane is
    N(0, I) of the two coordinates, and the encoder mean has its nearest point on the plane at axes @ mean.
    """

    origin: tuple[float, ...]
    axes: tuple[tuple[float, ...], ...]

    @property
    def along_latents(self) -> bool:
        """Whether both axes are latents, so that a q with independent latents is such a q on the plane."""
        return all(sum(value != 0 for value in axis) == 1 for axis in self.axes)

    def coordinates(self, z: Array) -> Array:
        """Return the coordinates (n, 2) of the nearest points on the plane to latents z (n, d)."""
        return np.asarray(z @ np.array(self.axes).T)

    def spread(self, deviation: Array) -> Array:
        """Return the standard deviations (n, 2) along both axes of independent latents with `deviation` (n, d)."""
        return np.asarray(np.sqrt(deviation**2 @ np.array(self.axes).T ** 2))

    def latents(self, places: Array) -> Array:
        """Return the latents (n, d) at coordinates (n, 2)."""
        return np.asarray(np.array(self.origin) + places @ np.array(self.axes))


def _padded(values: Sequence[float], latents: int) -> Array:
    padded = np.zeros(latents)
    padded[: len(values)] = values[:latents]
    return padded


def _orthonormal(directions: Array) -> Array:
    """Return two orthonormal vectors (2, d) in the plane of two directions; the first one keeps its direction."""
    first, second = directions
    sizes = np.linalg.norm(directions, axis=1)
    if not sizes.all():
        raise ValueError("A direction of the plane is 0. Choose two directions that differ.")
    first = first / sizes[0]
    second = second / sizes[1]
    rest = second - (first @ second) * first
    if np.linalg.norm(rest) < PARALLEL:
        raise ValueError("The two directions of the plane are parallel. Choose two directions that differ.")
    return np.array([first, rest / np.linalg.norm(rest)])
