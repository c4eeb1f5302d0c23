"""Snippets: short Python programs that compute the number of a panel, with the engine or with NumPy alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import numpy as np

from engine.part import Part, declared

WIDTH = 100  # characters in a line of numbers


class Snippets(msgspec.Struct, frozen=True, eq=False):
    """The two programs of a panel for a document, and the number that both print.

    `python` uses the engine; `numpy` uses NumPy and the formulas of PRML, and is None if a dozen lines are too few. All
    three raise ValueError, in one sentence, for a document without such a number.
    """

    number: Callable[[Any], Any]
    python: Callable[[Any], str]
    numpy: Callable[[Any], str] | None = None


def with_number(program: str, number: Any) -> str:
    """Return a program that ends with the number that it prints, as a comment."""
    values = np.asarray(number, float)
    return program + "".join(f"# {line}\n" for line in repr(values.tolist()).splitlines())


def code_of(part: Any) -> str:
    """Return the expression that makes a part: its class, and the fields that differ from their defaults."""
    if isinstance(part, tuple):
        return f"({''.join(f'{code_of(each)}, ' for each in part).rstrip(' ')})"
    if not isinstance(part, Part):
        return repr(part)
    fields = [(field.name, getattr(part, field.name), field.default) for field in declared(type(part))]
    changed = [f"{name}={code_of(value)}" for name, value, default in fields if value != default]
    return f"{type(part).__name__}({', '.join(changed)})"


def names_in(part: Any) -> dict[str, str]:
    """Return the classes in the expression of a part, each with its module."""
    if isinstance(part, tuple):
        return {name: module for each in part for name, module in names_in(each).items()}
    if not isinstance(part, Part):
        return {}
    names = {type(part).__name__: type(part).__module__}
    for field in declared(type(part)):
        if (value := getattr(part, field.name)) != field.default:
            names |= names_in(value)
    return names


def imports(names: dict[str, str], public: str, offered: Iterable[str]) -> str:
    """Return the import lines of classes: from the package `public` what it offers, all others from their modules."""
    known = set(offered)
    modules: dict[str, list[str]] = {}
    for name, module in sorted(names.items()):
        modules.setdefault(public if name in known else module, []).append(name)
    return "".join(f"from {module} import {', '.join(found)}\n" for module, found in sorted(modules.items()))


def array(name: str, values: Any) -> str:
    """Return the lines that assign numbers (n,) to a name, with full precision."""
    lines, line = [], ""
    for text in (f"{value!r}, " for value in np.asarray(values, float).tolist()):
        if len(line) + len(text) > WIDTH:
            lines.append(line.rstrip())
            line = ""
        line += text
    lines.append(line.rstrip(", "))
    inside = lines[0] if len(lines) == 1 else "\n    " + "\n    ".join(lines) + "\n"
    return f"{name} = np.array([{inside}])\n"
