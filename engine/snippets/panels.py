"""The snippets of all panels, by the name of the page and the title of the panel."""

from __future__ import annotations

from importlib import import_module

from engine.snippets.snippet import Snippets


def snippets_of(page: str, title: str) -> Snippets | None:
    """Return the snippets of a panel; None if it has no number of this kind. The first call imports those of a page."""
    found: Snippets | None = import_module(f"engine.snippets.{page}").BY_PANEL.get(title)
    return found


def why_none(page: str, title: str) -> str:
    """Return why a panel has no program, in one sentence."""
    reasons: dict[str, str] = getattr(import_module(f"engine.snippets.{page}"), "WITHOUT", {})
    return reasons.get(title, f"The panel {title} has no number of its own to compute in a program.")
