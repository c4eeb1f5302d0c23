"""The tabs of the window and the pages that they show: the names are fixed, the modules are imported when needed."""

from __future__ import annotations

from importlib import import_module

from gui.page.view import PageKind

TITLES = {"regression": "Regression", "latent": "Latent space", "unboxing": "Exact posterior"}  # by the name of the tab
PAGES = ("regression", "latent")
ARRANGED = {"unboxing": "latent"}  # tabs with a second arrangement of a page; the arrangement has the name of the tab


def page_of(tab: str) -> str:
    """The name of the page that a tab shows."""
    return ARRANGED.get(tab, tab)


def arrangement_of(tab: str) -> str:
    """The arrangement in which a tab shows its page."""
    return tab if tab in ARRANGED else ""


def tab_of(page: str, arrangement: str = "") -> str:
    """The tab that shows a page in an arrangement."""
    return arrangement if ARRANGED.get(arrangement) == page else page


def page_kind(page: str) -> PageKind:
    """The description of a page. The first call imports the modules of the page."""
    kind: PageKind = import_module(f"gui.{page}.view").PAGE
    return kind
