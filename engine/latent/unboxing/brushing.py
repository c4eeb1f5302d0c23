"""Brushing: strokes over an image that reveal its pixels; each stroke is one measurement."""

from __future__ import annotations

from msgspec.structs import replace

from engine.latent.document import Latent
from engine.latent.inputs.stroke import Point
from engine.latent.observations.brushed import Brushed

WIDTHS = {"Thin": 0.05, "Medium": 0.12, "Thick": 0.25}  # relative to the side of the image
NOTHING = "There is no stroke to undo at this step. Step forward (PgDown), or brush over the image."
NO_STROKES = "There are no strokes to remove. Brush over the image first."


def strokes_of(document: Latent) -> Brushed:
    """Return the strokes of the document; no strokes if its observation is of another kind."""
    return document.observation if isinstance(document.observation, Brushed) else Brushed()


def begun(document: Latent, point: Point, width: float) -> Latent:
    """With a new stroke after the strokes taken into account.

    If the observation was of another kind, only the brushed pixels are observed from now on. Raises ValueError if there
    are too many strokes.
    """
    brushed = strokes_of(document)
    step = document.step if brushed is document.observation else 0
    if brushed.steps:
        brushed.begin(point, width)  # raises ValueError; the waiting strokes count as well
    return _joined(document, brushed.first(step).begin(point, width), brushed.strokes[step:])


def gone_on(document: Latent, point: Point) -> Latent:
    """With one more point of the latest stroke; the same document if the brush has hardly moved."""
    brushed = strokes_of(document)
    taken = brushed.first(document.step)
    longer = taken.go_on(point)
    return document if longer is taken else _joined(document, longer, brushed.strokes[document.step :])


def taken_back(document: Latent) -> Latent:
    """Without the latest of the strokes taken into account. Raises ValueError if there is none."""
    if reason := no_stroke_to_take_back(document):
        raise ValueError(reason)
    return without(document, document.step - 1)


def without(document: Latent, n: int) -> Latent:
    """Without stroke `n`, counted from 0; the waiting strokes are still waiting."""
    rest = strokes_of(document).without(n)
    return replace(document, observation=rest, waiting=document.waiting - (n >= document.step))


def reordered(document: Latent, n: int, to: int) -> Latent:
    """With stroke `n` at position `to` in the order; the number of strokes taken into account does not change."""
    return replace(document, observation=strokes_of(document).reorder(n, to))


def cleared(document: Latent) -> Latent:
    """Without strokes."""
    return document.with_observation(Brushed())


def no_stroke_to_take_back(document: Latent) -> str:
    """Return why the latest stroke cannot be removed; "" if it can."""
    return "" if strokes_of(document).steps and document.step else NOTHING


def no_strokes_to_clear(document: Latent) -> str:
    """Return why the strokes cannot be removed; "" if they can."""
    return "" if strokes_of(document).steps else NO_STROKES


def _joined(document: Latent, taken: Brushed, waiting: tuple[object, ...]) -> Latent:
    strokes = replace(taken, strokes=(*taken.strokes, *waiting))
    return replace(document, observation=strokes, waiting=len(waiting))
