"""The glossary: the terms that the program uses, each with its meaning in one sentence, by section."""

from __future__ import annotations

from functools import cache

import msgspec

from engine.resources import RESOURCES


class Term(msgspec.Struct, frozen=True):
    """One entry of the glossary."""

    section: str
    term: str
    meaning: str


@cache
def terms() -> tuple[Term, ...]:
    """All entries, in the order of their sections."""
    return msgspec.json.decode((RESOURCES / "help" / "glossary.json").read_bytes(), type=tuple[Term, ...])
