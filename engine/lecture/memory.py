"""The memory of a lecture: what was seen and done, how each step was left, and the file that keeps it.

The file is in the folder of the settings. So after a crash, or at home next week, a lecture goes on where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from engine.document import DOCUMENTS, Document
from engine.files import read_regular, written
from engine.lock import Lock
from engine.session import plain_of

V = TypeVar("V")
LARGEST = 2**26  # bytes
MOST_LECTURES = 30  # that are remembered; the one that was shown longest ago is forgotten first
TRIES, PAUSE = 40, 0.05  # to get the lock of the file, and the seconds between two of them

Place = tuple[float, float]
Strokes = dict[tuple[str, str], list[list[Place]]]  # by page and title of the panel


class Left(msgspec.Struct, frozen=True):
    """A step as the user left it: the document, and the build that was shown."""

    document: Document
    build: int


class Forgotten(msgspec.Struct, frozen=True):
    """What was removed from a memory, so that it can be put back."""

    left: dict[str, Left] = {}
    marks: dict[str, Strokes] = {}
    revealed: frozenset[str] = frozenset()
    done: frozenset[str] = frozenset()


class Memory:
    """What the user has seen, done and changed in one lecture, by the ids of the steps."""

    def __init__(self) -> None:
        self.at = ""  # the step that was shown last
        self.seen: set[str] = set()
        self.done: set[str] = set()  # what the steps ask to try
        self.revealed: set[str] = set()  # the steps whose answers were revealed
        self.left: dict[str, Left] = {}
        self.marks: dict[str, Strokes] = {}  # the strokes of the pen
        self.edited = ""  # the lecture file with edits that are not saved; empty without such edits

    def forget(self, ids: Iterable[str], *, done: bool) -> Forgotten:
        """Forget what was changed, drawn and revealed in some steps, and with `done` what was done. Return it.

        What was seen stays seen.
        """
        every = set(ids)
        found = Forgotten(
            {id_: self.left.pop(id_) for id_ in every & self.left.keys()},
            {id_: self.marks.pop(id_) for id_ in every & self.marks.keys()},
            frozenset(every & self.revealed),
            frozenset(every & self.done) if done else frozenset(),
        )
        self.revealed -= every
        self.done -= found.done
        return found

    def recall(self, forgotten: Forgotten) -> None:
        """Put back what was forgotten. A step that was changed since keeps its newer change."""
        self.left = forgotten.left | self.left
        self.marks = forgotten.marks | self.marks
        self.revealed |= forgotten.revealed
        self.done |= forgotten.done

    def forget_again(self, forgotten: Forgotten) -> None:
        """Forget once more what was put back."""
        for id_ in forgotten.left:
            self.left.pop(id_, None)
        for id_ in forgotten.marks:
            self.marks.pop(id_, None)
        self.revealed -= forgotten.revealed
        self.done -= forgotten.done

    def copy(self) -> Memory:
        """A copy that does not change with this memory, for another thread."""
        other = Memory()
        other.at, other.edited = self.at, self.edited
        other.seen, other.done, other.revealed = set(self.seen), set(self.done), set(self.revealed)
        other.left, other.marks = dict(self.left), dict(self.marks)
        return other


# The file


class _Left(msgspec.Struct, omit_defaults=True):
    document: dict[str, Any]
    build: int = 0


class _Marks(msgspec.Struct):
    page: str
    panel: str
    strokes: list[list[Place]]


class _Kept(msgspec.Struct, omit_defaults=True):
    at: str = ""
    seen: list[str] = []
    done: list[str] = []
    revealed: list[str] = []
    left: dict[str, _Left] = {}
    marks: dict[str, list[_Marks]] = {}
    edited: str = ""


class _File(msgspec.Struct):
    lectures: dict[str, _Kept] = {}


def read_memories(path: Path) -> dict[str, Memory]:
    """The memories of lectures by their titles. What is damaged is left out; none if there is no file."""
    try:
        kept = msgspec.json.decode(read_regular(path, LARGEST), type=_File).lectures
    except (ValueError, msgspec.DecodeError, RecursionError):
        return {}
    return {title: _memory(one) for title, one in kept.items()}


def _memory(kept: _Kept) -> Memory:
    memory = Memory()
    memory.at, memory.edited = kept.at, kept.edited
    memory.seen, memory.done, memory.revealed = set(kept.seen), set(kept.done), set(kept.revealed)
    for id_, left in kept.left.items():
        try:
            memory.left[id_] = Left(DOCUMENTS.decode(left.document), max(left.build, 0))
        except (msgspec.ValidationError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            continue  # for example of a newer version
    memory.marks = {id_: {(m.page, m.panel): m.strokes for m in marks} for id_, marks in kept.marks.items()}
    return memory


def save_memories(path: Path, memories: dict[str, Memory]) -> None:
    """Save the memories of the lectures that were shown last. Raises OSError.

    A document that names a path which is not valid UTF-8 is left out.
    """
    last = list(memories.items())[-MOST_LECTURES:]
    content = msgspec.json.encode(_File({title: _kept(memory) for title, memory in last}))
    path.parent.mkdir(parents=True, exist_ok=True)
    with written(path) as file:
        file.write(content)


def update_memories(path: Path, before: dict[str, Memory], now: dict[str, Memory]) -> None:
    """Save what has changed from `before` to `now`. What other programs have saved meanwhile stays. Raises OSError.

    If the same step was changed here and there, the change that is saved last is kept.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = _locked(path.with_suffix(".lock"))
    try:
        others = read_memories(path)
        both = {title: others[title] for title in others if title not in now}
        for title, memory in now.items():
            was = before.get(title, Memory())
            both[title] = merged(was, memory, others.get(title, was))
        save_memories(path, both)
    finally:
        if lock is not None:
            lock.release()


def _locked(path: Path) -> Lock | None:
    """The lock of the file; None if another program holds it for longer than a file takes to be written."""
    for _ in range(TRIES):
        if (lock := Lock.take(path)) is not None:
            return lock
        time.sleep(PAUSE)
    return None


def merged(before: Memory, now: Memory, other: Memory) -> Memory:
    """Return the memory `other` with what has changed from `before` to `now`."""
    both = other.copy()
    both.at = now.at if now.at != before.at else other.at
    both.edited = now.edited if now.edited != before.edited else other.edited
    both.seen = (other.seen | (now.seen - before.seen)) - (before.seen - now.seen)
    both.done = (other.done | (now.done - before.done)) - (before.done - now.done)
    both.revealed = (other.revealed | (now.revealed - before.revealed)) - (before.revealed - now.revealed)
    _merge(before.left, now.left, both.left)
    _merge(before.marks, now.marks, both.marks)
    return both


def _merge(before: dict[str, V], now: dict[str, V], other: dict[str, V]) -> None:
    """Put into `other` what has changed from `before` to `now`."""
    for id_ in before.keys() - now.keys():
        other.pop(id_, None)
    other.update({id_: value for id_, value in now.items() if id_ not in before or value != before[id_]})


def _kept(memory: Memory) -> _Kept:
    marks = {
        id_: [_Marks(page, panel, strokes) for (page, panel), strokes in drawn.items()]
        for id_, drawn in memory.marks.items()
    }
    left: dict[str, _Left] = {}
    for id_, one in memory.left.items():
        plain = plain_of(one.document)
        try:
            msgspec.json.encode(plain)
        except (UnicodeError, ValueError):
            continue
        left[id_] = _Left(plain, one.build)
    sets = sorted(memory.seen), sorted(memory.done), sorted(memory.revealed)
    return _Kept(memory.at, *sets, left, marks, memory.edited)
