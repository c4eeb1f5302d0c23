"""Authoring: lectures with a step added, updated, moved, split or removed. No other step changes what it shows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from engine.document import Document
from engine.lecture.documents import carried, changes, keyed, stages
from engine.lecture.goal import check
from engine.lecture.lecture import KINDS, MOST_PANELS, Build, Lecture, Look, Rows, Step, Tab
from engine.lecture.memory import Left
from engine.lecture.merge import Plain, difference
from engine.session import plain_of

MOST_SPLIT = 40  # builds that a split makes
STEPPED = ("step", "waiting")  # fields that count observations, of which each can be one build


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


def with_shown(lecture: Lecture, id_: str, show: Rows, document: Document, build: int = 0) -> Lecture:
    """Return the lecture in which build `build` of step `id_` shows this document, and the step these panels.

    What the builds change stays as declared. Raises ValueError, in one sentence, if the panels are not possible or if
    the builds do not fit the document.
    """
    step = lecture.step(id_)
    first = _before_builds(lecture, step, document, build)
    return _replaced(lecture, replace(step, change=changes(lecture, step.from_, first), show=show))


def with_left(lecture: Lecture, left: Mapping[str, Left]) -> tuple[Lecture, list[str]]:
    """Return the lecture with the steps as the user left them, and one sentence for each step that stays as it was."""
    refused = []
    for id_, one in left.items():
        if lecture.has(id_) and id_ not in lecture.refused:
            try:
                lecture = with_shown(lecture, id_, lecture.step(id_).show, one.document, one.build)
            except ValueError as error:
                refused.append(str(error))
    return lecture, refused


def _before_builds(lecture: Lecture, step: Step, document: Document, build: int) -> Document:
    """The document of a step, of which build `build` shows `document`."""
    every = stages(lecture, step.id)
    first = carried(document, every[build], every[0])
    if first == every[0].document and document != every[build].document:
        raise ValueError(f"Step “{step.title}” stays as it was, because its builds do not fit the change.")
    return first


def with_fields(lecture: Lecture, id_: str, **fields: Any) -> Lecture:
    """Return the lecture with other fields of step `id_`, such as its words, its question, its veils or its goal.

    Raises ValueError, in one sentence, if a value is not possible or if a text is too long.
    """
    step = replace(lecture.step(id_), **fields)
    for title in step.veil:
        if title not in step.panels:
            raise ValueError(f"The panel {title} cannot be veiled, because the step does not show it.")
    if step.question and step.question.panel and step.question.panel not in step.panels:
        raise ValueError(f"The step does not show the panel {step.question.panel} of the question.")
    if step.goal:
        _check_goal(step.goal, stages(lecture, id_)[0].document)
    return _replaced(lecture, step)


def _check_goal(goal: str, declared: Document) -> None:
    try:
        check(goal, declared)
    except ValueError as error:
        raise ValueError(f"The goal cannot be used: {error}.") from error


def with_look(lecture: Lecture, id_: str, look: Look, build: int = 0) -> Lecture:
    """Return the lecture with the viewports `look` in a step, or in one of its builds."""
    step = lecture.step(id_)
    if build and isinstance(step.builds, tuple):
        builds = tuple(replace(b, look=look) if n == build else b for n, b in enumerate(step.builds, 1))
        return _replaced(lecture, replace(step, builds=builds))
    return _replaced(lecture, replace(step, look=look))


def duplicated(lecture: Lecture, id_: str) -> Lecture:
    """Return the lecture with a copy of step `id_` after it. The copy has no button on the tool bar."""
    step = lecture.step(id_)
    if id_ in lecture.refused:
        raise ValueError("This step cannot be shown, so it cannot be duplicated.")
    copy = replace(step, id=_free_id(lecture, step.title), title=f"{step.title[:53]} (copy)", label="")
    at = _index(lecture, id_) + 1
    return replace(lecture, steps=(*lecture.steps[:at], copy, *lecture.steps[at:]))


def with_build(lecture: Lecture, id_: str, build: int, document: Document, say: str = "") -> Lecture:
    """Return the lecture with a new build of step `id_` after build `build`: it changes what that shows to `document`.

    Raises ValueError, in one sentence, if the step has a build for each observation or if nothing has changed.
    """
    step = lecture.step(id_)
    if not isinstance(step.builds, tuple):
        raise ValueError("This step has one build for each observation. Add a new step instead.")
    shown = stages(lecture, id_)
    patch = _patch(shown[build].document, document)
    if not patch:
        raise ValueError("Nothing has changed since the last build. Change something first.")
    new = Build(change=patch, say=say)
    return _replaced(lecture, replace(step, builds=(*step.builds[:build], new, *step.builds[build:])))


def _patch(before: Document, after: Document) -> Plain:
    return difference(keyed(plain_of(before)), keyed(plain_of(after)))


def split(lecture: Lecture, id_: str) -> Lecture:
    """Return the lecture in which step `id_` shows its changes one after the other, as builds.

    The last build shows what the step has shown. Each observation that the step takes into account, each setting and
    each other field is one build. Raises ValueError, in one sentence, if the step has builds or only one change.
    """
    step = lecture.step(id_)
    if step.builds:
        raise ValueError("This step has builds already.")
    whole = stages(lecture, id_)[0].document
    pieces = _joined(lecture, step, list(_pieces(keyed(plain_of(_origin(lecture, step))), step.change)))
    if not 1 < len(pieces) <= MOST_SPLIT + 1:
        raise ValueError(f"A step can be split if it differs from the one before in 2 to {MOST_SPLIT} things.")
    builds = tuple(Build(change=piece) for piece in pieces[1:])
    result = _replaced(lecture, replace(step, change=pieces[0], builds=builds))
    assert stages(result, id_)[-1].document == whole
    return result


def _origin(lecture: Lecture, step: Step) -> Document:
    """The document of which the step's document is the difference."""
    bare = replace(step, change={}, builds=())
    return stages(replace(lecture, steps=tuple(bare if s is step else s for s in lecture.steps)), step.id)[0].document


def _pieces(before: Plain, patch: Plain) -> Iterator[Plain]:
    """The changes of a patch one by one. The numbers of observations come last, because they count the others."""
    for name in sorted(patch, key=lambda name: name in STEPPED):
        value = patch[name]
        if name == "settings" and isinstance(value, dict):
            yield from ({name: {kind: value[kind]}} for kind in value)
        elif name in STEPPED:
            first, last = before.get(name, 0), value or 0
            way = 1 if last > first else -1
            yield from ({name: n} for n in range(first + way, last + way, way))
        else:
            yield {name: value}


def _joined(lecture: Lecture, step: Step, pieces: list[Plain]) -> list[Plain]:
    """The pieces, each joined to the next as long as it does not give a document by itself."""
    joined: list[Plain] = []
    open_: Plain = {}
    for piece in pieces[: 4 * MOST_SPLIT]:
        open_ = {**open_, **piece}
        first, *builds = [*joined, open_]
        tried = replace(step, change=first, builds=tuple(Build(change=change) for change in builds))
        try:
            stages(replace(lecture, steps=tuple(tried if s is step else s for s in lecture.steps)), step.id)
        except ValueError:
            continue
        joined, open_ = [*joined, open_], {}
    return joined if not open_ else [*joined[:-1], {**joined[-1], **open_}] if joined else []


def without(lecture: Lecture, id_: str) -> Lecture:
    """Return the lecture without step `id_`. Steps that have their document from it have it from its own origin."""
    kept = tuple(step for step in lecture.steps if step.id != id_)
    if not kept:
        raise ValueError("A lecture needs at least one step.")
    origin = lecture.step(id_).from_
    others = tuple(_moved(lecture, step, origin) if step.from_ == id_ else step for step in kept)
    refused, unread = ({key: v for key, v in d.items() if key != id_} for d in (lecture.refused, lecture.unread))
    return replace(lecture, steps=others, refused=refused, unread=unread)


def moved(lecture: Lecture, id_: str, to: int, section: str | None = None) -> Lecture:
    """Return the lecture with step `id_` at the position `to`, from 0, and in another section if one is named."""
    step = lecture.step(id_)
    others = [other for other in lecture.steps if other.id != id_]
    own = step if section is None or id_ in lecture.refused else replace(step, section=section)
    others.insert(min(max(to, 0), len(others)), own)
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
