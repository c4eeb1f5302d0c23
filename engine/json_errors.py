"""Errors in JSON: what is wrong with a text that somebody else wrote, in the words of this program."""

from __future__ import annotations

import re

import msgspec

from engine.files import quoted

PLACE = re.compile(r"^(?P<words>.*?)(?: - at `(?P<key>key in )?\$(?P<place>.*)`)?$", re.DOTALL)
FOREIGN = ("Expected ", "Object ", "Invalid ", "Array ", "Integer ", "Number ", "String ", "Length ", "JSON ", "Input ")
NOT_JSON = "it is not a text in JSON"
TOO_DEEP = "it is nested too deeply"


def reason(error: BaseException) -> str:
    """Return why a text was refused by msgspec, in a few words without a full stop."""
    if isinstance(error, RecursionError):
        return TOO_DEEP
    if not isinstance(error, msgspec.ValidationError):
        return NOT_JSON
    found = PLACE.match(str(error))
    assert found is not None
    words, place = found["words"], quoted((found["place"] or "").lstrip("."))
    if not words.startswith(FOREIGN):  # a part has refused the value itself
        return quoted(words).rstrip(".")
    if words.startswith("Object contains unknown"):
        return f"it has a setting that this version does not know{' in ' + place if place else ''}"
    if words.startswith("Object missing"):
        return f"a setting is missing{' in ' + place if place else ''}"
    return f"the value of {place} is not possible" if place else "its content is of another kind"
