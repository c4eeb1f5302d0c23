"""The walk: an interpolation path through the latent plane from waypoint to waypoint, and the images decoded on it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace

from engine.derived import PENDING, Pending, derived
from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.image.encoding import encoded_or_none
from engine.latent.model import LoadedModel, Pixels8
from engine.latent.plane.geodesic import FINE, Decode, divided, measured, resampled, shortest, spherical, straight
from engine.memo import Recent, Resumable, remember
from engine.part import Part
from engine.plane import Viewport

if TYPE_CHECKING:
    from engine.latent.vae.networks.vae import VAE

MOST = 32  # waypoints
REMEMBERED = 256  # legs in the cache of one model
Coordinate = Annotated[float, Meta(ge=-1e3, le=1e3)]
Place = tuple[float, float]
Kind = Literal["straight", "spherical", "shortest"]
SIMPLE: dict[Kind, Callable[[Array, Array], Array]] = {"straight": straight, "spherical": spherical}


@SETTINGS.register
class WalkSettings(Part, Setting, frozen=True, tag=True):
    """Walk: its waypoints, the kind of path between them, and its frames."""

    by_click: Annotated[
        bool,
        Meta(
            title="Click in the plane: add a waypoint",
            description="A click in the plane adds a waypoint instead of a pin. Waypoints can be dragged and removed.",
        ),
    ] = False
    path: Annotated[
        Kind,
        Meta(
            title="Path",
            description="Straight; spherical, around the origin; or the shortest path found under the decoder's "
            "metric G = JᵀJ, on which the image changes least.",
        ),
    ] = "straight"
    spacing: Annotated[
        Literal["in z", "to the eye"],
        Meta(title="Even spacing", description="The frames have equal distances in z, or in the decoded images."),
    ] = "in z"
    frames: Annotated[int, Meta(ge=2, le=240, title="Frames", description="The number of images of the walk.")] = 24
    waypoints: Annotated[tuple[tuple[Coordinate, Coordinate], ...], Meta(max_length=MOST)] = ()

    def through(self, *waypoints: Place) -> WalkSettings:
        """With these waypoints. Raises ValueError if there are more than MOST."""
        if len(waypoints) > MOST:
            raise ValueError(f"A walk has at most {MOST} waypoints. Remove one first.")
        return replace(self, waypoints=waypoints)

    def to(self, z: Place) -> WalkSettings:
        """With one more waypoint. Raises ValueError if there are more than MOST."""
        return self.through(*self.waypoints, z)

    def move(self, i: int, z: Place) -> WalkSettings:
        """With waypoint `i` at z."""
        return self.through(*self.waypoints[:i], z, *self.waypoints[i + 1 :])

    def without(self, i: int) -> WalkSettings:
        """Without waypoint `i`."""
        return self.through(*self.waypoints[:i], *self.waypoints[i + 1 :])

    def starting(self, z: Place) -> WalkSettings:
        """With z as the first waypoint."""
        return self.through(z, *self.waypoints[1:])

    def ending(self, z: Place) -> WalkSettings:
        """With z as the last waypoint."""
        return self.through(*self.waypoints[: max(1, len(self.waypoints) - 1)], z)


def toggle_clicks(document: Latent) -> Latent:
    """With clicks in the plane that add waypoints instead of pins, or pins again."""
    walk = document[WalkSettings]
    return document.with_setting(replace(walk, by_click=not walk.by_click))


def walk_through_pins(document: Latent) -> Latent:
    """With the pins as the waypoints. Raises ValueError if there are fewer than two pins, or more than MOST."""
    if len(document.pins) < 2:
        raise ValueError("A walk needs two pins. Pin latents in the plane (click, or Enter).")
    return document.with_setting(document[WalkSettings].through(*document.pins))


def waypoint_places(document: Latent) -> Array:
    """Return the positions (n, 2) of the waypoints in the chart."""
    return document.chart.to_place(np.array(document[WalkSettings].waypoints).reshape(-1, 2))


class Leg(msgspec.Struct, frozen=True, eq=False):
    """The path between two waypoints: vertices z (m, 2), and the distances (m,) to them in z and in decoded images."""

    z: Array
    in_z: Array
    seen: Array


class Lengths(msgspec.Struct, frozen=True):
    """The lengths of a walk in z and in decoded images, and of the straight and the spherical path in decoded images.

    Distances between images are Euclidean, of pixels from 0 to 1.
    """

    in_z: float
    seen: float
    straight: float
    spherical: float


class Walked(msgspec.Struct, frozen=True, eq=False):
    """A walk: the path (m, 2) and the frames (n, 2) as positions in the chart, and the n images decoded at z (n, 2).

    `lengths` are None until they are computed, which takes the decoded images of all legs. `encoded_at` is the encoder
    mean of the selected image, if any. Without two waypoints there are no frames.
    """

    encoded_at: Place | None
    path: Array
    places: Array
    z: Array
    ink: Pixels8
    lengths: Lengths | None


@derived(Walked, last=True)
def walked(document: Latent, _: Viewport) -> Iterator[Pending | Walked]:
    """Yield the walk, first without its lengths, and along straight legs while shortest legs are computed."""
    model, walk = document.loaded_model, document[WalkSettings]
    pairs, legs = _pairs(walk), _legs(model)
    unknown = [ends for ends in pairs if (walk.path, *ends) not in legs]
    kind: Kind = "straight" if walk.path == "shortest" and unknown else walk.path
    undecoded = [(each, *ends) for ends in pairs for each in SIMPLE if (each, *ends) not in legs]
    if undecoded and kind in SIMPLE and walk.spacing == "in z":
        yield _walked(document, [_undecoded(kind, *ends) for ends in pairs], None)
    for simple, start, end in undecoded:
        _leg(model, simple, start, end)
        yield PENDING
    if kind != walk.path:
        yield _with_lengths(document, kind)
        for ends in unknown:
            yield from _find(model, *ends)
    yield _with_lengths(document, walk.path)


def _with_lengths(document: Latent, kind: Kind) -> Walked:
    model, walk = document.loaded_model, document[WalkSettings]
    legs = [_leg(model, kind, *ends) for ends in _pairs(walk)]
    return _walked(document, legs, _lengths(model, walk, legs))


def _pairs(walk: WalkSettings) -> list[tuple[Place, Place]]:
    return list(zip(walk.waypoints[:-1], walk.waypoints[1:], strict=True))


def _walked(document: Latent, legs: list[Leg], lengths: Lengths | None) -> Walked:
    model, walk = document.loaded_model, document[WalkSettings]
    z = frames(legs, walk) if legs else np.empty((0, 2))
    path = np.concatenate([leg.z[::FINE] for leg in legs]) if legs else z
    places = document.chart.to_place(z)
    image = encoded_or_none(document)
    encoded_at = (float(image.mean[0]), float(image.mean[1])) if image else None
    return Walked(encoded_at, document.chart.to_place(path), places, z, model.decode(z), lengths)


def frames(legs: list[Leg], walk: WalkSettings) -> Array:
    """Return the latents (n, 2) of the frames, which are equally spaced along all legs together."""
    path = np.concatenate([leg.z for leg in legs])
    each = [leg.in_z if walk.spacing == "in z" else leg.seen for leg in legs]
    ends = np.cumsum([0.0, *(along[-1] for along in each)])
    return resampled(path, np.concatenate([end + along for end, along in zip(ends, each, strict=False)]), walk.frames)


def _lengths(model: LoadedModel, walk: WalkSettings, legs: list[Leg]) -> Lengths:
    in_z, seen = (float(sum(way[-1] for way in ways)) for ways in ([x.in_z for x in legs], [x.seen for x in legs]))
    others: list[Kind] = ["straight", "spherical"]
    plain, arc = (sum(float(_leg(model, kind, *ends).seen[-1]) for ends in _pairs(walk)) for kind in others)
    return Lengths(in_z, seen, plain, arc)


def _legs(model: LoadedModel) -> Recent[tuple[Kind, Place, Place], Leg]:
    """The cached legs of a model."""
    return remember(model, "legs", partial(Recent, REMEMBERED))


def _leg(model: LoadedModel, kind: Kind, start: Place, end: Place) -> Leg:
    def make() -> Leg:
        return _leg_along(model.vae, SIMPLE[kind](np.array(start), np.array(end)))

    return _legs(model).remember((kind, start, end), make)


def _undecoded(kind: Kind, start: Place, end: Place) -> Leg:
    """Return a leg whose distances in decoded images are not computed."""
    fine = divided(SIMPLE[kind](np.array(start), np.array(end)))
    return Leg(fine, measured(fine), np.zeros(len(fine)))


def _find(model: LoadedModel, start: Place, end: Place) -> Generator[Pending, None, None]:
    """Compute the shortest leg, which takes a second or two, and cache it.

    An unfinished search holds 26 MB, so that only the latest one is kept.
    """
    decode = decoder(model.vae)
    latest: Recent[object, Resumable[Array]] = remember(model, "shortest path", partial(Recent, 1))
    work = latest.remember((start, end), lambda: Resumable(shortest(decode, np.array(start), np.array(end))))
    _legs(model)["shortest", start, end] = _leg_along(model.vae, (yield from work.result()))


def _leg_along(vae: VAE, path: Array) -> Leg:
    fine = divided(path)
    return Leg(fine, measured(fine), measured(decoder(vae)(fine)))


def decoder(vae: VAE) -> Decode:
    """Return the decoder's mean as a function of latents z (n, 2), to pixels (n, pixels) from 0 to 1."""

    def decode(z: Array) -> Array:
        return vae.decode(z).reshape(len(z), -1).astype(float)

    return decode
