"""The shipped lectures: the files in resources/lecture, and the steps of them that have a button on the tool bar.

The start of the program reads only the headings of the steps. The documents are decoded when a step is opened.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from engine.lecture.documents import stages
from engine.lecture.files import ENDING, read
from engine.lecture.lecture import Lecture
from engine.resources import RESOURCES
from engine.session import Session

FOLDERS = [RESOURCES / "lecture"]


class Heading(msgspec.Struct, frozen=True):
    """The title, the label and the note of a step."""

    title: str
    label: str
    note: str


class Words(msgspec.Struct, frozen=True):
    """The words of a step that the menu needs. Decoding the documents as well would delay the start."""

    id: str = ""
    section: str = ""
    title: str = ""
    label: str = ""
    text: str = ""


class _Titles(msgspec.Struct, frozen=True):
    title: str = ""
    steps: tuple[Words, ...] = ()


def headings() -> tuple[Heading, ...]:
    """The headings of all steps with a label, in order."""
    words = [step for file in files() for step in _titles(file).steps]
    return tuple(Heading(step.title, step.label, step.text) for step in words if step.label)


def titles() -> tuple[tuple[str, Path], ...]:
    """The title and the file of each lecture, in order of the file names."""
    return tuple((_titles(file).title, file) for file in files())


def contents(file: Path) -> tuple[Words, ...]:
    """The words of all steps of a lecture file, in order."""
    return _titles(file).steps


@cache
def _titles(file: Path) -> _Titles:
    """The words of a file; without steps if the file is damaged, so that the program still starts."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Titles)
    except (OSError, msgspec.DecodeError, UnicodeError, RecursionError):
        return _Titles()


@cache
def shipped(file: Path) -> Lecture:
    """The lecture in a shipped file."""
    return read(file)


@cache
def steps() -> tuple[Session, ...]:
    """The sessions of all steps with a label, in order."""
    return tuple(
        Session(stages(lecture, step.id)[0].document, step.title, step.label, step.text)
        for lecture in map(shipped, files())
        for step in lecture.steps
        if step.label
    )


def files() -> list[Path]:
    """The lecture files, in order of their names."""
    return sorted((file for folder in FOLDERS for file in folder.glob(f"*{ENDING}")), key=lambda file: file.name)
