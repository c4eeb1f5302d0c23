"""Goals: what the document is like when the user has done what a step asks to try.

A goal is a text of conditions that are joined by “and”. Each condition compares a value of the document with a number,
a word, another value of the document, or with `declared`, which is the same value as the step shows it at first:

    observations.x.0 = 0 ± 0.05
    model.basis ≠ declared and model.noise = declared
    settings.GeneratedImagesSettings.source = aggregate

A value is named by the fields from the document down to it. `count` is the length of a list, `type` the name of a part,
and a number is a position, from 0; −1 is the last one.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sized
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np

from engine.document import SETTINGS, Document
from engine.files import quoted
from engine.part import Family

SIGNS = {"!=": "≠", "<=": "≤", ">=": "≥"}
ORDERS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "≤": operator.le,
    "≥": operator.ge,
}
DECLARED = "declared"
COLUMNS = ("x", "t")  # of the observations, which are no part with fields
_CONDITION = re.compile(r"^(\S+) (=|≠|<|>|≤|≥) (.+?)(?: ± (\S+))?$")
_PATH = re.compile(r"^[A-Za-z_]\w*(\.(\w+|[-−]\d+))*$")


class Condition(msgspec.Struct, frozen=True):
    """One comparison of a value with `other`: a number, a word, a path with a dot in it, or `declared`."""

    path: str
    sign: str
    other: float | str
    within: float = 0.0

    def holds(self, document: Document, declared: Document) -> bool:
        """Whether the condition holds for a document. A value that does not exist fulfils no condition."""
        try:
            value = value_at(document, self.path)
            other = self._other(document, declared)
        except LookupError:
            return False
        if self.sign in ORDERS:
            return _is_number(value) and _is_number(other) and ORDERS[self.sign](value, other)
        return _is_same(value, other, self.within) == (self.sign == "=")

    def _other(self, document: Document, declared: Document) -> Any:
        if self.other == DECLARED:
            try:
                return value_at(declared, self.path)
            except LookupError:
                return None  # it did not exist at first, so it has changed
        return value_at(document, self.other) if isinstance(self.other, str) and "." in self.other else self.other


@lru_cache(maxsize=256)
def conditions(goal: str) -> tuple[Condition, ...]:
    """The conditions of a goal. Raises ValueError, in a part of a sentence, for a text that is no goal."""
    return tuple(_condition(text) for text in re.split(r"\s+and(?:\s+|$)", goal.strip())) if goal.strip() else ()


def _condition(text: str) -> Condition:
    for ascii_sign, sign in SIGNS.items():
        text = text.replace(ascii_sign, sign)
    found = _CONDITION.match(" ".join(text.split()))
    if found is None or not _PATH.match(found[1]):
        raise ValueError(f"{quoted(text)} is not of the form “value = number”, with one of the signs = ≠ < > ≤ ≥")
    other, within = _number(found[3]), _number(found[4] or "0")
    if isinstance(within, str) or not 0 <= within < np.inf:
        raise ValueError(f"{quoted(found[4])} after ± is not a number")
    if isinstance(other, str) and "." in other and not _PATH.match(other):
        raise ValueError(f"{quoted(other)} is neither a number nor a value of the document")
    return Condition(found[1].replace("−", "-"), found[2], other, within)


def _number(text: str) -> float | str:
    try:
        return float(text.replace("−", "-"))
    except ValueError:
        return text


def is_reached(goal: str, document: Document, declared: Document) -> bool:
    """Whether the user has changed `declared`, the document of a step, so that all conditions of its goal hold."""
    found = conditions(goal)
    return bool(found) and document != declared and all(c.holds(document, declared) for c in found)


def check(goal: str, declared: Document) -> None:
    """Raise ValueError, in a part of a sentence, if a goal names a value that no document like `declared` has."""
    for condition in conditions(goal):
        for path in (condition.path, condition.other):
            if (isinstance(path, str) and "." in path) or path == condition.path:
                _check_path(str(path), declared)


def _check_path(path: str, declared: Document) -> None:
    value: Any = declared
    for name in path.split("."):
        try:
            value = _inner(value, name)
        except IndexError:
            return  # a position that the declared document does not have
        except LookupError:
            if not _has(value, name):
                raise ValueError(f"the document has no value {quoted(path)}") from None
            return  # a field of another member of the family


def _has(value: Any, name: str) -> bool:
    """Whether another value in the same place could have a field: none is there, or another member of the family."""
    families = [family for base, family in Family.every.items() if isinstance(value, base)]
    return value is None or any(name in member.__struct_fields__ for family in families for member in family)


def value_at(document: Document, path: str) -> Any:
    """The value of a document at a path. Raises LookupError if the document has none there."""
    value: Any = document
    for name in path.split("."):
        value = _inner(value, name)
    return value


def _inner(value: Any, name: str) -> Any:
    """One value inside another. Only declared fields are read, so a goal cannot start a computation."""
    if name == "type" and isinstance(value, msgspec.Struct):
        return type(value).__name__
    if isinstance(value, Document) and name == "settings":
        return _Settings(value)
    if isinstance(value, _Settings):
        return value.of(name)
    if isinstance(value, msgspec.Struct) and name in value.__struct_fields__:
        return getattr(value, name)
    if isinstance(value, Sized) and not isinstance(value, str):
        if name == "count":
            return len(value)
        if name in COLUMNS and hasattr(value, name):
            return getattr(value, name)
        if isinstance(value, tuple | np.ndarray) and name.lstrip("-").isdecimal():
            return value[int(name)]
    raise KeyError(name)


class _Settings:
    """The settings of a document by the names of their types, with the defaults."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def of(self, name: str) -> Any:
        kind = SETTINGS.members.get(name) or next((k for k in SETTINGS if k.__name__ == name), None)
        if kind is None:
            raise KeyError(name)
        return self.document[kind]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _is_same(value: Any, other: Any, within: float) -> bool:
    if _is_number(value) and _is_number(other):
        return bool(abs(value - other) <= within)
    if isinstance(value, np.ndarray) or isinstance(other, np.ndarray):
        return np.array_equal(value, other)
    if isinstance(value, bool) and isinstance(other, str):
        return str(value).lower() == other
    return bool(value == other)
