"""Authoring: lectures with a step added, updated, moved or removed. No other step changes what it shows."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import msgspec
from msgspec.structs import replace

from engine.document import Document
from engine.lecture.documents import changes, stages
from engine.lecture.lecture import KINDS, MOST_PANELS, Lecture, Rows, Step, Tab


def with_step(lecture: Lecture, after: str, title: str, tab: Tab, show: Rows, document: Document) -> Lecture:
    """Return the lecture with a new step after the step `after`, from which its document is the difference.

    Raises ValueError, in one sentence, if the title or the panels are not possible.
    """
    before = lecture.step(after)
    from_ = after if after not in lecture.refused and KINDS[before.tab] == KINDS[tab] else None
    new = Step(
        id=_free_id(lecture, title),
        title=title,
        section=before.section,
        tab=tab,
        from_=from_,
        change=changes(lecture, from_, document),
        show=show,
    )
    at = _index(lecture, after) + 1
    return replace(lecture, steps=(*lecture.steps[:at], _checked(new), *lecture.steps[at:]))


def with_shown(lecture: Lecture, id_: str, show: Rows, document: Document) -> Lecture:
    """Return the lecture in which step `id_` shows this document and these panels. Its builds stay as declared.

    Raises ValueError, in one sentence, if the panels are not possible.
    """
    step = lecture.step(id_)
    return _replaced(lecture, replace(step, change=changes(lecture, step.from_, document), show=show))


def with_words(lecture: Lecture, id_: str, **words: Any) -> Lecture:
    """Return the lecture with other words in step `id_`: `title`, `text`, `equation`, `try_`, `notes`.

    Raises ValueError, in one sentence, if a text is too long or the title is empty.
    """
    return _replaced(lecture, replace(lecture.step(id_), **words))


def without(lecture: Lecture, id_: str) -> Lecture:
    """Return the lecture without step `id_`. Steps that have their document from it have it from its own origin."""
    kept = tuple(step for step in lecture.steps if step.id != id_)
    if not kept:
        raise ValueError("A lecture needs at least one step.")
    origin = lecture.step(id_).from_
    others = tuple(_moved(lecture, step, origin) if step.from_ == id_ else step for step in kept)
    refused, unread = ({key: v for key, v in d.items() if key != id_} for d in (lecture.refused, lecture.unread))
    return replace(lecture, steps=others, refused=refused, unread=unread)


def moved(lecture: Lecture, id_: str, to: int) -> Lecture:
    """Return the lecture with step `id_` at the position `to`, from 0."""
    others = [step for step in lecture.steps if step.id != id_]
    others.insert(min(max(to, 0), len(others)), lecture.step(id_))
    return replace(lecture, steps=tuple(others))


def _moved(lecture: Lecture, step: Step, origin: str | None) -> Step:
    """The step with the same document, as the difference from `origin`."""
    if step.id in lecture.refused:
        return step
    document = stages(lecture, step.id)[0].document
    return replace(step, from_=origin, change=changes(lecture, origin, document))


def _replaced(lecture: Lecture, step: Step) -> Lecture:
    """The lecture with another version of a step. The documents of the steps that come from it do not change."""
    _checked(step)
    children = {s.id: s for s in lecture.steps if s.from_ == step.id and s.id not in lecture.refused}
    documents = {id_: stages(lecture, id_)[0].document for id_ in children}
    new = replace(lecture, steps=tuple(step if s.id == step.id else s for s in lecture.steps))
    again = {id_: replace(s, change=changes(new, step.id, documents[id_])) for id_, s in children.items()}
    return replace(new, steps=tuple(again.get(s.id, s) for s in new.steps))


def _checked(step: Step) -> Step:
    """The step, if a file may contain it. Raises ValueError, in one sentence."""
    if len(step.panels) > MOST_PANELS:
        raise ValueError(f"At most {MOST_PANELS} panels can be in sight. Close some of them first.")
    try:
        return msgspec.convert(msgspec.to_builtins(step), Step)
    except msgspec.ValidationError as error:
        place = str(error).rpartition("$.")[2].rstrip("`")
        raise ValueError(f"The field “{place}” of the step is too long, empty or not possible.") from error


def _index(lecture: Lecture, id_: str) -> int:
    return next(i for i, step in enumerate(lecture.steps) if step.id == id_)


def _free_id(lecture: Lecture, title: str) -> str:
    """An id made from a title, which no step has."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:56] or "step"
    number, free = 2, base
    while lecture.has(free):
        number, free = number + 1, f"{base}-{number}"
    return free
