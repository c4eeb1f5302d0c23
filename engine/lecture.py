"""The lecture: its steps, each a session file in resources/lecture, in the order of the file names.

The menu reads only the headings of the steps. The documents are decoded when a step is opened.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from engine.resources import RESOURCES
from engine.session import Session, decode

FOLDERS = [RESOURCES / "lecture"]


class Heading(msgspec.Struct, frozen=True):
    """The title, the label and the note of a step. Decoding the documents as well would delay the start."""

    title: str
    label: str
    note: str


def headings() -> tuple[Heading, ...]:
    """The headings of all steps, in order."""
    return tuple(msgspec.json.decode(file.read_bytes(), type=Heading) for file in _files())


@cache
def steps() -> tuple[Session, ...]:
    """The sessions of all steps, in order."""
    return tuple(decode(file.read_bytes()) for file in _files())


def _files() -> list[Path]:
    return sorted((file for folder in FOLDERS for file in folder.glob("*.json")), key=lambda file: file.name)
