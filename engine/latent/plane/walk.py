"""The walk: a path through the plane from waypoint to waypoint, and the images decoded on it."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace

from engine.derived import Pending, derived
from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.image.encoding import encoded_or_none
from engine.latent.model import Ink, Manifold
from engine.latent.plane.geodesic import FINE, Decode, divided, measured, resampled, shortest, spherical, straight
from engine.memo import Recent, Resumable, remember
from engine.part import Part
from engine.plane import Viewport

if TYPE_CHECKING:
    from engine.latent.vae.networks.vae import VAE

MOST = 32  # waypoints
REMEMBERED = 256  # legs of one manifold
Coordinate = Annotated[float, Meta(ge=-1e3, le=1e3)]
Place = tuple[float, float]
Kind = Literal["straight", "spherical", "shortest"]


@SETTINGS.register
class WalkSettings(Part, Setting, frozen=True, tag=True):
    """Walk: from waypoint to waypoint of the plane."""

    by_click: Annotated[
        bool,
        Meta(
            title="Click in the plane: add a waypoint",
            description="A click adds a waypoint instead of a pin, and waypoints can be dragged and removed there.",
        ),
    ] = False
    path: Annotated[
        Kind,
        Meta(
            title="Path",
            description="Straight; spherical, about the origin; or the shortest under the decoder's metric G = JᵀJ, "
            "on which the image changes least.",
        ),
    ] = "straight"
    spacing: Annotated[
        Literal["in z", "to the eye"],
        Meta(title="Even", description="Whether the frames have equal distances in z, or in the decoded images."),
    ] = "in z"
    frames: Annotated[int, Meta(ge=2, le=240, title="Frames", description="The number of images of the walk.")] = 24
    waypoints: Annotated[tuple[tuple[Coordinate, Coordinate], ...], Meta(max_length=MOST)] = ()

    def through(self, *waypoints: Place) -> WalkSettings:
        """Through these waypoints. Raises ValueError if they are too many."""
        if len(waypoints) > MOST:
            raise ValueError(f"A walk has at most {MOST} waypoints: remove one first.")
        return replace(self, waypoints=waypoints)

    def to(self, z: Place) -> WalkSettings:
        """With one more waypoint. Raises ValueError if there are too many."""
        return self.through(*self.waypoints, z)

    def move(self, i: int, z: Place) -> WalkSettings:
        """With waypoint `i` elsewhere."""
        return self.through(*self.waypoints[:i], z, *self.waypoints[i + 1 :])

    def without(self, i: int) -> WalkSettings:
        """Without waypoint `i`."""
        return self.through(*self.waypoints[:i], *self.waypoints[i + 1 :])

    def starting(self, z: Place) -> WalkSettings:
        """That starts at z, and ends where it ended."""
        return self.through(z, *self.waypoints[1:])

    def ending(self, z: Place) -> WalkSettings:
        """That ends at z, and starts where it started."""
        return self.through(*self.waypoints[: max(1, len(self.waypoints) - 1)], z)


def toggle_clicks(document: Latent) -> Latent:
    """With clicks in the plane that add waypoints, or pins again."""
    walk = document[WalkSettings]
    return document.with_setting(replace(walk, by_click=not walk.by_click))


def walk_through_pins(document: Latent) -> Latent:
    """With the pins as the waypoints. Raises ValueError, in one sentence, if there are fewer than two, or too many."""
    if len(document.pins) < 2:
        raise ValueError("A walk needs two pins: click in the plane to pin images.")
    return document.with_setting(document[WalkSettings].through(*document.pins))


def waypoint_places(document: Latent) -> Array:
    """The waypoints on the plane as it is drawn, (n, 2)."""
    return document.chart.to_place(np.array(document[WalkSettings].waypoints).reshape(-1, 2))


class Leg(msgspec.Struct, frozen=True, eq=False):
    """From one waypoint to the next: vertices (m, 2), and how far each is in z and in what is decoded, (m,)."""

    z: Array
    in_z: Array
    seen: Array


class Lengths(msgspec.Struct, frozen=True):
    """Of a walk, in z, and in what is decoded (pixel values from 0 to 1, Euclidean): on its path and on two others."""

    in_z: float
    seen: float
    straight: float
    spherical: float


class Walked(msgspec.Struct, frozen=True, eq=False):
    """A walk as it is drawn: the path (m, 2) and the frames' places (n, 2) on the plane, and the frames decoded at z.

    `encoded_at` is the encoder mean of the selected image, if any. Without two waypoints there are no frames.
    """

    encoded_at: Place | None
    path: Array
    places: Array
    z: Array
    ink: Ink
    lengths: Lengths


@derived(Walked, last=True)
def walked(document: Latent, _: Viewport) -> Iterator[Pending | Walked]:
    """The walk, at first along straight legs where the shortest are not known yet."""
    manifold, walk = document.manifold, document[WalkSettings]
    unknown = [ends for ends in _pairs(walk) if (walk.path, *ends) not in _legs(manifold)]
    if walk.path == "shortest" and unknown:
        yield _walked(document, [_leg(manifold, "straight", *ends) for ends in _pairs(walk)])
        for ends in unknown:
            yield from _find(manifold, *ends)
    yield _walked(document, [_leg(manifold, walk.path, *ends) for ends in _pairs(walk)])


def _pairs(walk: WalkSettings) -> list[tuple[Place, Place]]:
    return list(zip(walk.waypoints[:-1], walk.waypoints[1:], strict=True))


def _walked(document: Latent, legs: list[Leg]) -> Walked:
    manifold, walk = document.manifold, document[WalkSettings]
    z = frames(legs, walk) if legs else np.empty((0, 2))
    path = np.concatenate([leg.z[::FINE] for leg in legs]) if legs else z
    places = document.chart.to_place(z)
    found = encoded_or_none(document)
    encoded_at = (float(found.mean[0]), float(found.mean[1])) if found else None
    return Walked(
        encoded_at, document.chart.to_place(path), places, z, manifold.decode(z), _lengths(manifold, walk, legs)
    )


def frames(legs: list[Leg], walk: WalkSettings) -> Array:
    """The latents (n, 2) of the frames, evenly along all legs together."""
    path = np.concatenate([leg.z for leg in legs])
    each = [leg.in_z if walk.spacing == "in z" else leg.seen for leg in legs]
    ends = np.cumsum([0.0, *(along[-1] for along in each)])
    return resampled(path, np.concatenate([end + along for end, along in zip(ends, each, strict=False)]), walk.frames)


def _lengths(manifold: Manifold, walk: WalkSettings, legs: list[Leg]) -> Lengths:
    in_z, seen = (float(sum(way[-1] for way in ways)) for ways in ([x.in_z for x in legs], [x.seen for x in legs]))
    others: list[Kind] = ["straight", "spherical"]
    plain, arc = (sum(float(_leg(manifold, kind, *ends).seen[-1]) for ends in _pairs(walk)) for kind in others)
    return Lengths(in_z, seen, plain, arc)


def _legs(manifold: Manifold) -> Recent[tuple[Kind, Place, Place], Leg]:
    """What has been computed of a manifold."""
    return remember(manifold, "legs", partial(Recent, REMEMBERED))


def _leg(manifold: Manifold, kind: Kind, start: Place, end: Place) -> Leg:
    def make() -> Leg:
        path = {"straight": straight, "spherical": spherical}[kind](np.array(start), np.array(end))
        return _leg_along(manifold.vae, path)

    return _legs(manifold).remember((kind, start, end), make)


def _find(manifold: Manifold, start: Place, end: Place) -> Generator[Pending, None, None]:
    """Find the shortest path, which takes a second or two.

    A search that is not finished holds 26 MB: only the latest is kept.
    """
    decode = decoder(manifold.vae)
    latest: Recent[object, Resumable[Array]] = remember(manifold, "shortest path", partial(Recent, 1))
    work = latest.remember((start, end), lambda: Resumable(shortest(decode, np.array(start), np.array(end))))
    _legs(manifold)["shortest", start, end] = _leg_along(manifold.vae, (yield from work.result()))


def _leg_along(vae: VAE, path: Array) -> Leg:
    fine = divided(path)
    return Leg(fine, measured(fine), measured(decoder(vae)(fine)))


def decoder(vae: VAE) -> Decode:
    """The decoder's mean as a function of latents z (n, 2) to (n, pixels) from 0 to 1."""

    def decode(z: Array) -> Array:
        return vae.decode(z).reshape(len(z), -1).astype(float)

    return decode
