"""The documents of the steps: a step's document is the merge of the changes along its chain of `from`.

In a lecture file the settings of a document are an object by their types, {"WalkSettings": {"frames": 12}}. A merge
patch replaces an array as a whole, so with the list of a session file every step would repeat all settings.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from engine.document import Document
from engine.files import quoted
from engine.json_errors import reason
from engine.lecture.lecture import KINDS, Lecture, Look, Step
from engine.lecture.merge import Plain, difference, merged
from engine.part import decode_hook
from engine.session import plain_of

MOST_BUILDS = 1000


class Stage(msgspec.Struct, frozen=True, eq=False):
    """What one press of the key *next* shows: a document, a view, and a sentence that replaces the step's text."""

    document: Document
    look: Look
    say: str


class _Holder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    document: Document


@lru_cache(maxsize=256)
def stages(lecture: Lecture, id_: str) -> tuple[Stage, ...]:
    """Return the stages of a step: the step itself, then its builds. The results are cached.

    Raises ValueError, in one sentence that names the step and the field.
    """
    step = lecture.step(id_)
    plain = _plain_chain(lecture, step)
    first = Stage(_document(plain, step, "change"), step.look, step.text)
    if step.builds == "observations":
        return (first, *_observation_stages(first))
    result = [first]
    for n, build in enumerate(step.builds, 1):
        plain = merged(plain, build.change)
        document = _document(plain, step, f"builds, number {n}")
        result.append(Stage(document, build.look or result[-1].look, build.say or result[-1].say))
    return tuple(result)


def _observation_stages(first: Stage) -> list[Stage]:
    """One stage for each observation after the step of the document."""
    document: Any = first.document
    last = document.step_to(2**40).step
    result: list[Stage] = []
    while document.step < last and len(result) < MOST_BUILDS:
        document = document.step_to(document.step + 1)
        result.append(Stage(document, first.look, first.say))
    return result


def changes(lecture: Lecture, from_: str | None, document: Document) -> Plain:
    """Return the patch that turns the document of step `from_`, or a new document, into `document`."""
    plain = keyed(plain_of(document))
    before = {"type": plain["type"]} if from_ is None else _plain_chain(lecture, lecture.step(from_))
    return difference(before, plain)


def _plain_chain(lecture: Lecture, step: Step) -> Plain:
    """The document of a step as plain JSON, with settings by type. Raises ValueError, in one sentence."""
    chain = [step]
    while (above := chain[-1].from_) is not None:
        if not lecture.has(above):
            raise refusal(chain[-1], "from", f"there is no step {quoted(above)}")
        if any(link.id == above for link in chain):
            circle = " → ".join([*(link.id for link in chain), above])
            raise refusal(step, "from", f"the steps {quoted(circle)} form a circle")
        chain.append(lecture.step(above))
    plain: Plain = {"type": KINDS[chain[-1].tab]}
    for link in reversed(chain):
        plain = merged(plain, link.change)
    return plain


def _document(plain: Plain, step: Step, field: str) -> Document:
    """Decode a document. Raises ValueError, in one sentence that names the step and the field."""
    if plain.get("type") != KINDS[step.tab]:
        raise refusal(step, "tab", f"the tab {step.tab} cannot show a {quoted(str(plain.get('type')))} document")
    try:
        return msgspec.convert({"document": _listed(plain)}, _Holder, dec_hook=decode_hook).document
    except (msgspec.ValidationError, RecursionError) as error:
        raise refusal(step, field, reason(error)) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise refusal(step, field, quoted(str(error)).rstrip(".") or "it is not possible") from error


def refusal(step: Step, field: str, why: str) -> ValueError:
    """Return the error of a step: one sentence that names the step and the field."""
    return ValueError(f"Step “{quoted(step.id)}”, field “{field}”: {why}.")


def keyed(plain: Plain) -> Plain:
    """The plain document of a session, with its settings as an object by their types."""
    if "settings" not in plain:
        return plain
    settings = {setting["type"]: {n: v for n, v in setting.items() if n != "type"} for setting in plain["settings"]}
    return {**plain, "settings": settings}


def _listed(plain: Plain) -> Plain:
    """The plain document as in a session, with its settings as a list."""
    settings = plain.get("settings")
    if not isinstance(settings, dict):
        return plain
    return {**plain, "settings": [{**value, "type": kind} for kind, value in settings.items()]}


def carried(document: Document, before: Stage, after: Stage) -> Document:
    """Return `document` with what changes from one stage of a step to another, so that the user's changes stay.

    If the changes do not fit the document, the result is the document of the stage `after`.
    """
    if document == before.document or type(document) is not type(after.document):
        return after.document
    patch = difference(keyed(plain_of(before.document)), keyed(plain_of(after.document)))
    try:
        plain = _listed(merged(keyed(plain_of(document)), patch))
        return msgspec.convert({"document": plain}, _Holder, dec_hook=decode_hook).document
    except (msgspec.ValidationError, ValueError):
        return after.document
