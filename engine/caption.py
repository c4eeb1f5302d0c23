"""The caption of a figure: the parts of a document and their numbers, in one line."""

from __future__ import annotations

from functools import singledispatch
from typing import Any, cast

from engine.part import Part, declared, number_text, title_of


@singledispatch
def in_numbers(_: Any) -> str:
    """Return the model of a document and its numbers in one sentence, for the caption of a figure."""
    return ""


def worded(part: Any) -> str:
    """Return a part as its name and its fields, for example “Polynomial (Degree 1)”. Parts inside it are left out."""
    values = [(field.title, getattr(part, field.name)) for field in declared(cast("type[Part]", type(part)))]
    fields = [f"{title} {_spelled(value)}" for title, value in values if isinstance(value, bool | int | float | str)]
    return f"{title_of(type(part))} ({', '.join(fields)})" if fields else title_of(type(part))


def _spelled(value: bool | int | float | str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else number_text(value)
