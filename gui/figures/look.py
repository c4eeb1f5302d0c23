"""The look of a figure: its size, its text and what stands beside the panel; and the choices of the user."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from engine.part import Part
from gui.shell.settings import Settings

INCH = 25.4  # millimetres
DOTS = 96  # units of an inch in SVG and PDF, and pixels of an inch in a PNG at scale 1
NARROWEST, WIDEST = 20.0, 420.0  # mm
SIZE_FIELDS = ("width", "height", "unit")  # of Choices, which count only for a size of one's own
WIDTHS = {"column, 84 mm": 84.0, "text, 174 mm": 174.0, "slide, 254 mm": 254.0}


Points = Annotated[
    float, Meta(ge=7, le=12, title="Text in points", description="The size of all text; 1 point is 0.353 mm.")
]
Scale = Annotated[int, Meta(ge=1, le=4, title="Scale of a PNG", description="1: 96 pixels in each inch; 4: 384.")]
Letters = Annotated[
    Literal["as text", "as paths"],
    Meta(title="Text in SVG and PDF", description="Paths look the same in every program; text can be edited."),
]
Title = Annotated[bool, Meta(title="Title", description="The panel's title and formula above the panel.")]
Legend = Annotated[bool, Meta(title="Legend", description="The meaning of the marks below the panel.")]
Caption = Annotated[bool, Meta(title="Caption", description="The model and its numbers below the panel.")]


class Look(Part, frozen=True):
    """Look: the size of a figure in mm, its text, and what stands beside the panel."""

    width: Annotated[float, Meta(ge=NARROWEST, le=WIDEST, title="Width in mm")] = 84.0
    height: Annotated[float, Meta(ge=0, le=WIDEST, title="Height in mm")] = 0.0  # 0: as the panel on the screen
    points: Points = 8.0
    scale: Scale = 4
    text: Letters = "as text"
    title: Title = True
    legend: Legend = True
    caption: Caption = False


class Choices(Part, frozen=True):
    """Choices: the look of a figure as the user chooses it, with usual widths, in millimetres or pixels."""

    size: Annotated[
        Literal["column, 84 mm", "text, 174 mm", "slide, 254 mm", "width below"],
        Meta(title="Size", description="A usual width, or the width in the field below."),
    ] = "column, 84 mm"
    width: Annotated[
        float, Meta(ge=NARROWEST, le=1600, title="Width", description="Used if the size is “width below”.")
    ] = 120.0
    height: Annotated[
        float, Meta(ge=0, le=1600, title="Height", description="0: the height follows from the panel on the screen.")
    ] = 0.0
    unit: Annotated[
        Literal["millimetres", "pixels"],
        Meta(title="Unit", description="Of width and height; 96 pixels are 25.4 mm."),
    ] = "millimetres"
    points: Points = 8.0
    scale: Scale = 4
    text: Letters = "as text"
    title: Title = True
    legend: Legend = True
    caption: Caption = False

    @property
    def has_own_size(self) -> bool:
        """Whether the size is that of the fields width and height, and not a usual one."""
        return self.size not in WIDTHS

    def look(self) -> Look:
        """The look in millimetres. Raises ValueError, in one sentence, if it is too narrow or too wide."""
        mm = INCH / DOTS if self.unit == "pixels" else 1.0
        width, height = (self.width * mm, self.height * mm) if self.has_own_size else (WIDTHS[self.size], 0.0)
        words = self.title, self.legend, self.caption
        return Look(width, height, self.points, self.scale, self.text, *words)


class Units:
    """The units of a layout: its pixels, which are about 1/96 inch, so that the text has a whole number of pixels."""

    def __init__(self, points: float) -> None:
        self.text = round(points * DOTS / 72)  # pixels
        self.per_mm = 72 * self.text / points / INCH  # pixels for each millimetre


def saved_choices(settings: Settings) -> Choices:
    """The look that the user has chosen last."""
    try:
        return msgspec.json.decode(settings.text("figure", "{}"), type=Choices)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return Choices()
