"""Sketch pad: the pen with which an image is drawn."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta
from msgspec.structs import replace

from engine.document import SETTINGS, Setting
from engine.latent.document import Latent
from engine.part import Part

Width = Literal["Thin", "Medium", "Thick"]  # the names in `engine.latent.inputs.stroke.WIDTHS`


@SETTINGS.register
class SketchPadSettings(Part, Setting, frozen=True, tag=True):
    """Sketch pad: the width of the pen, and whether it erases."""

    pen: Annotated[Width, Meta(title="Pen", description="The width of the pen.")] = "Medium"
    eraser: Annotated[bool, Meta(title="Eraser", description="The pen removes ink instead of drawing it.")] = False


def toggle_eraser(document: Latent) -> Latent:
    """With a pen that erases, or that draws again."""
    pen = document[SketchPadSettings]
    return document.with_setting(replace(pen, eraser=not pen.eraser))
