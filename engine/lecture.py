"""The lecture: its steps, each of them a document in a file of resources/lecture, in the order of the files' names."""

from __future__ import annotations

from functools import cache

from engine.resources import RESOURCES
from engine.session import Session, decode


@cache
def steps() -> tuple[Session, ...]:
    """All steps, in order."""
    files = sorted((RESOURCES / "lecture").glob("*.json"))
    return tuple(decode(file.read_bytes()) for file in files)
