"""The look of a figure: its size, its text and what stands beside the panel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from engine.part import Part
from gui.shell.settings import Settings

INCH = 25.4  # millimetres
NARROWEST = 20.0  # mm


class Look(Part, frozen=True):
    """Look: the size of a figure, its text, and what stands beside the panel."""

    width: Annotated[
        float,
        Meta(ge=NARROWEST, le=400, title="Width in mm", description="Column 84, text 174, slide 254."),
    ] = 84.0
    height: Annotated[
        float,
        Meta(ge=0, le=400, title="Height in mm", description="0: the height follows from the panel on the screen."),
    ] = 0.0
    points: Annotated[
        float, Meta(ge=7, le=12, title="Text in points", description="The size of all text; 1 point is 0.353 mm.")
    ] = 8.0
    scale: Annotated[
        int,
        Meta(ge=1, le=4, title="Scale of a PNG", description="1: 96 pixels in each inch; 4: 384."),
    ] = 4
    text: Annotated[
        Literal["as text", "as paths"],
        Meta(title="Text in SVG and PDF", description="Paths look the same in every program; text can be edited."),
    ] = "as text"
    title: Annotated[bool, Meta(title="Title", description="The panel's title and formula above the panel.")] = True
    legend: Annotated[bool, Meta(title="Legend", description="The meaning of the marks below the panel.")] = True
    caption: Annotated[
        bool, Meta(title="Caption with the numbers", description="The model and its numbers below the panel.")
    ] = False


@dataclass(frozen=True)
class Units:
    """The units of a layout: its pixels, which are about 1/96 inch, so that the text has a whole number of pixels."""

    points: float

    @property
    def text(self) -> int:
        """The size of the text in pixels."""
        return round(self.points * 96 / 72)

    @property
    def per_mm(self) -> float:
        """Pixels for each millimetre."""
        return 72 * self.text / self.points / INCH


def saved_look(settings: Settings) -> Look:
    """The look that the user has chosen last."""
    try:
        return msgspec.json.decode(settings.text("figure", "{}"), type=Look)
    except (msgspec.DecodeError, ValueError):
        return Look()
