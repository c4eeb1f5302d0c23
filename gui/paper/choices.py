"""The choices of the user for what goes on paper."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from engine.lecture.book import Name
from engine.part import Part
from gui.figures.look import Letters, Scale
from gui.shell.settings import Settings

P = TypeVar("P", bound=Part)
WIDTHS = {"column, 84 mm": 84.0, "text, 174 mm": 174.0}


class BookChoices(Part, frozen=True):
    """Figure of the book: which one, its data and its size."""

    figure: Annotated[Name, Meta(title="Figure", description="The number of the figure in Bishop's book.")] = "3.7"
    data: Annotated[
        Literal["mine", "of the lecture"],
        Meta(title="Data", description="Mine: the present document, if the figure can show it."),
    ] = "mine"
    size: Annotated[
        Literal["column, 84 mm", "text, 174 mm"], Meta(title="Width", description="One column of a page, or two.")
    ] = "text, 174 mm"
    scale: Scale = 4
    text: Letters = "as text"
    caption: Annotated[bool, Meta(title="Caption", description="The meaning of the colours, below the figure.")] = True


class HandoutChoices(Part, frozen=True):
    """Handout: what it contains."""

    builds: Annotated[
        Literal["as one figure", "a page for each"],
        Meta(title="Builds of a step", description="The parts of a step that come one after the other."),
    ] = "as one figure"
    notes: Annotated[bool, Meta(title="Notes and answers", description="The edition for lecturers.")] = False
    marks: Annotated[bool, Meta(title="My pen marks", description="What you have drawn over the panels.")] = True


class NoChoices(Part, frozen=True):
    """Thumbnails: nothing to choose."""


def kept(settings: Settings, kind: type[P]) -> P:
    """The choices that the user has made last."""
    try:
        return msgspec.json.decode(settings.text(kind.__name__, "{}"), type=kind)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return kind()


def keep(settings: Settings, choices: Any) -> None:
    """Keep choices for the next time."""
    settings.keep(type(choices).__name__, msgspec.json.encode(choices).decode())
