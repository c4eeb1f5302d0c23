"""The titles of the panels that a step of a lecture can show."""

from __future__ import annotations

from functools import cache

from gui.pages import page_kind, page_of


@cache
def titles_in(tab: str) -> tuple[str, ...]:
    """The titles of the panels of a tab's page."""
    return tuple(kind.title for kind in page_kind(page_of(tab)).panels)
