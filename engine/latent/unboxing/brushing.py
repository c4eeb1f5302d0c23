"""Brushing: strokes over an image that uncover its pixels, each one more thing that is seen of it."""

from __future__ import annotations

from msgspec.structs import replace

from engine.latent.document import Latent
from engine.latent.inputs.stroke import Point
from engine.latent.observations.brushed import Brushed

WIDTHS = {"Thin": 0.05, "Medium": 0.12, "Thick": 0.25}  # of the image's side
NOTHING = "No stroke is taken into account: there is nothing to take back."


def strokes_of(document: Latent) -> Brushed:
    """What is brushed of the image; nothing if it is looked at otherwise."""
    return document.observation if isinstance(document.observation, Brushed) else Brushed()


def begun(document: Latent, point: Point, width: float) -> Latent:
    """With the brush put down, after the strokes taken into account: it becomes the latest.

    An image that was looked at otherwise is seen only where it is brushed from here on. Raises ValueError if there is
    no room for another stroke.
    """
    brushed = strokes_of(document)
    step = document.step if brushed is document.observation else 0
    if brushed.steps:
        brushed.begin(point, width)  # there must be room for those that wait as well
    return _joined(document, brushed.first(step).begin(point, width), brushed.strokes[step:])


def gone_on(document: Latent, point: Point) -> Latent:
    """With the latest stroke moved on; the same document if it has hardly moved."""
    brushed = strokes_of(document)
    known = brushed.first(document.step)
    longer = known.go_on(point)
    return document if longer is known else _joined(document, longer, brushed.strokes[document.step :])


def taken_back(document: Latent) -> Latent:
    """Without the latest of the strokes taken into account. Raises ValueError if there is none."""
    if not strokes_of(document).steps or not document.step:
        raise ValueError(NOTHING)
    return without(document, document.step - 1)


def without(document: Latent, n: int) -> Latent:
    """Without stroke `n`, counted from 0; those that wait still wait."""
    made = strokes_of(document).without(n)
    return replace(document, observation=made, unseen=document.waiting - (n >= document.step))


def reordered(document: Latent, n: int, to: int) -> Latent:
    """With stroke `n` moved to another place in the order; as many as before are taken into account."""
    return replace(document, observation=strokes_of(document).reorder(n, to))


def cleared(document: Latent) -> Latent:
    """With nothing brushed."""
    return document.with_observation(Brushed())


def _joined(document: Latent, taken: Brushed, waiting: tuple[object, ...]) -> Latent:
    made = replace(taken, strokes=(*taken.strokes, *waiting))
    return replace(document, observation=made, unseen=len(waiting))
