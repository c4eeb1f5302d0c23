"""The lecture: its steps, each of them a document in a file of resources/lecture, in the order of the files' names."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from engine.resources import RESOURCES
from engine.session import Session, decode

FOLDERS = [RESOURCES / "lecture"]


class Heading(msgspec.Struct, frozen=True):
    """What a step is called, without its document: for the menu, which is made before the first paint."""

    title: str
    label: str
    note: str


def headings() -> tuple[Heading, ...]:
    """Of all steps, in order."""
    return tuple(msgspec.json.decode(file.read_bytes(), type=Heading) for file in _files())


@cache
def steps() -> tuple[Session, ...]:
    """All steps, in order."""
    return tuple(decode(file.read_bytes()) for file in _files())


def _files() -> list[Path]:
    return sorted((file for folder in FOLDERS for file in folder.glob("*.json")), key=lambda file: file.name)
