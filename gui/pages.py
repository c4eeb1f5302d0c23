"""The tabs of the window and the pages they show: known by name from the start, imported when they are first seen."""

from __future__ import annotations

from importlib import import_module

from gui.page.view import View

TITLES = {"regression": "Regression", "latent": "Latent space", "unboxing": "Unboxing"}  # of the tabs
KINDS = {"regression": "RegressionView", "latent": "LatentView"}  # of the pages
ARRANGED = {"unboxing": "latent"}  # the tabs that are pages arranged otherwise; the arrangement has the tab's name


def page_of(tab: str) -> str:
    """The name of the page behind a tab."""
    return ARRANGED.get(tab, tab)


def arrangement_of(tab: str) -> str:
    """How that page is arranged there."""
    return tab if tab in ARRANGED else ""


def view_kind(page: str) -> type[View]:
    """The class of a page's view. The first time it takes as long as importing all its panels does."""
    kind: type[View] = getattr(import_module(f"gui.{page}.view"), KINDS[page])
    return kind


def view_kinds() -> tuple[type[View], ...]:
    """Of all pages, in order."""
    return tuple(map(view_kind, KINDS))
