"""Lecture files: reading that keeps all good steps of a damaged lecture, and writing of one field a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from engine.files import quoted, read_regular, why
from engine.json_errors import reason
from engine.lecture.lecture import FORMAT, Head, Lecture, Step
from engine.session import LARGEST, in_utf8

ENDING = ".bayescape-lecture.json"
MOST_STEPS = 1000
LONGEST_LINE = 100  # characters; a longer list has one line for each item


def read(path: Path) -> Lecture:
    """Return the lecture in a file. Raises ValueError, in one sentence, for anything else."""
    try:
        return decode(read_regular(path, LARGEST), quoted(path.name))
    except MemoryError as error:
        raise ValueError(f"{quoted(path.name)} cannot be opened: {why(error)}.") from error


def decode(content: bytes, name: str = "The file") -> Lecture:
    """Return the lecture in the content of a file.

    A step that is damaged is `refused` with one sentence, and the other steps stay. Raises ValueError, in one sentence
    about `name`, if the head is damaged, or if the file is no lecture or is from a newer version.
    """
    try:
        plain = msgspec.json.decode(in_utf8(content), type=dict[str, Any])
        number, items = plain.pop("bayescape", None), plain.pop("steps", None)
        if type(number) is int and number > FORMAT:
            raise ValueError(f"{name} is a lecture of format {number}; this version reads the format {FORMAT}.")
        if type(number) is not int or number != FORMAT or not isinstance(items, list):
            raise ValueError(f"{name} is not a lecture of this program: it does not have steps.")
        if len(items) > MOST_STEPS:
            raise ValueError(f"{name} has more than {MOST_STEPS} steps.")
        head = msgspec.convert(plain, Head)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ValueError(f"{name} is not a lecture of this program: {reason(error)}.") from error
    return _with_steps(head, items)


def _with_steps(head: Head, items: list[Any]) -> Lecture:
    """The lecture with all its steps, of which some are refused."""
    steps: list[Step] = []
    refused: dict[str, str] = {}
    unread: dict[str, Any] = {}
    for n, item in enumerate(items, 1):
        step, sentence = _step(n, item, {step.id for step in steps})
        steps.append(step)
        if sentence:
            refused[step.id], unread[step.id] = sentence, item
    return Lecture(head, tuple(steps), refused, unread)


def _step(n: int, item: Any, taken: set[str]) -> tuple[Step, str]:
    """Step number `n`, and one sentence if it cannot be shown. Such a step has an id that no other step has."""
    known = item if isinstance(item, dict) else {}
    own = known.get("id")
    named = f"Step “{quoted(own)}”" if isinstance(own, str) and own else f"Step number {n}"
    try:
        step = msgspec.convert(item, Step)
    except (msgspec.ValidationError, RecursionError) as error:
        sentence = f"{named}{_field(error)}: {reason(error)}."
    else:
        if step.id not in taken:
            return step, ""
        sentence = f"{named}, field “id”: another step has the same id."
    number = n
    while (free := f"step-{number}") in taken:
        number += 1
    if isinstance(own, str) and _is_id(own) and own not in taken:
        free = own
    title = known.get("title")
    shown = title[:60] if isinstance(title, str) and title else f"Step {n}"
    return Step(id=free, title=shown, text=sentence[:320]), sentence


def _is_id(own: str) -> bool:
    try:
        msgspec.convert({"id": own, "title": "x"}, Step)
    except msgspec.ValidationError:
        return False
    return True


def _field(error: BaseException) -> str:
    """The field that an error of msgspec is about, as ", field “text”"; empty if it names none."""
    text = str(error)
    if "unknown field `" in text:
        return f", field “{quoted(text.split('unknown field `')[1].split('`')[0])}”"
    if "required field `" in text:
        return f", field “{quoted(text.split('required field `')[1].split('`')[0])}”"
    place = text.partition(" - at `$.")[2].rstrip("`")
    return f", field “{quoted(place)}”" if place else ""


def encode(lecture: Lecture) -> bytes:
    """The content of a file: sorted fields, one a line, so that two versions of a lecture can be compared."""
    steps = [lecture.unread.get(step.id, msgspec.to_builtins(step)) for step in lecture.steps]
    plain = {**msgspec.to_builtins(lecture.head), "bayescape": FORMAT, "steps": steps}
    return (_lines(plain, "") + "\n").encode()


def _lines(value: Any, indent: str) -> str:
    """The value as JSON. A list of numbers and short lists of words stay on one line."""
    if isinstance(value, dict) and value:
        inner = indent + " "
        items = (f"{inner}{_flat(name)}: {_lines(value[name], inner)}" for name in sorted(value))
        return "{\n" + ",\n".join(items) + f"\n{indent}}}"
    flat = _flat(value)
    numbers = isinstance(value, list | tuple) and all(isinstance(item, int | float) for item in value)
    if isinstance(value, list | tuple) and not numbers and (len(flat) > LONGEST_LINE or any(map(_is_object, value))):
        inner = indent + " "
        return "[\n" + ",\n".join(f"{inner}{_lines(item, inner)}" for item in value) + f"\n{indent}]"
    return flat


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _flat(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)
