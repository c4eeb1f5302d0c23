"""Sketch pad: the pen, and the sketch as the model receives it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from engine.derived import derived
from engine.document import SETTINGS, Setting
from engine.latent.document import Latent
from engine.latent.image.encoding import encoded_or_none
from engine.latent.inputs.input import is_light
from engine.latent.inputs.sketch import Sketch
from engine.latent.model import Pixels8
from engine.part import Part
from engine.plane import Viewport

Width = Literal["Thin", "Medium", "Thick"]  # the names in `engine.latent.inputs.stroke.WIDTHS`


@SETTINGS.register
class SketchPadSettings(Part, Setting, frozen=True, tag=True):
    """Sketch pad: the width of the pen, and whether it erases."""

    pen: Annotated[Width, Meta(title="Pen", description="The width of the pen.")] = "Medium"
    eraser: Annotated[bool, Meta(title="Eraser", description="The pen removes ink instead of drawing it.")] = False


def toggle_eraser(document: Latent) -> Latent:
    """With a pen that erases instead of drawing, or draws again."""
    pen = document[SketchPadSettings]
    return document.with_setting(replace(pen, eraser=not pen.eraser))


class SketchInput(msgspec.Struct, frozen=True, eq=False):
    """The sketch as the model receives it, `ink` (h, w[, 3]); None if no sketch is selected.

    `shape` is the shape of the model's images, and `light` says whether they are light or ink on paper.
    """

    ink: Pixels8 | None
    shape: tuple[int, ...]
    light: bool


@derived(SketchInput, first=True)
def sketch_input(document: Latent, _: Viewport) -> SketchInput:
    """Return the sketch as the model receives it."""
    card = document.loaded_model.vae.card
    image = encoded_or_none(document) if isinstance(document.input, Sketch) else None
    return SketchInput(image.ink if image else None, card.shape, is_light(card.recipe.data, card.shape))
