"""Entries of the palette: every command and every panel, each as a command with an owner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gui.page.commands import Command, Owned
from gui.page.panel import Panel
from gui.page.view import PageKind, View
from gui.shell.keys import key_text
from gui.shell.palette.fuzzy import score

SHOW = "Show panel"  # the path of panels in the palette


@dataclass(frozen=True)
class Entry:
    """One row of the palette. `where` is the page and the menu path, `reason` why it cannot be done now.

    The text of a command in a submenu begins with the title of the submenu.
    """

    owned: Owned
    text: str
    where: str
    keys: str
    tip: str
    reason: str

    @property
    def name(self) -> str:
        """What identifies the entry from one opening to the next."""
        return f"{self.where}: {self.owned.command.text}"

    @property
    def spoken(self) -> str:
        """The row as one sentence, for screen readers."""
        parts = (self.text, self.where, self.keys, f"Not possible now: {self.reason}" if self.reason else self.tip)
        return ", ".join(part for part in parts if part)

    def fits(self, query: str) -> float | None:
        """How well a query fits; None if it does not."""
        return score(query, self.text, f"{self.where} {self.owned.where} {self.tip}")


def panel_commands(view: View) -> Iterator[Owned]:
    """One command for each panel of a page, which brings it to the front."""
    for kind in view.kinds:
        yield Owned(Command(kind.title, SHOW, run=_nothing, tip=kind.sentence), kind, view.name, kind.title)


def _nothing(_: Panel) -> None:
    """Do nothing more: a command brings the panel that owns it."""


def entry_of(owned: Owned, text: str, reason: str, kind: PageKind | None) -> Entry:
    """The row of a command, of the window or of a page."""
    *menus, last = owned.command.menu.split("/")
    where = " › ".join(((kind.title,) if kind else ()) + (*menus, last))
    named = f"{last}: {text}" if menus else text  # such as "Export: Ledger…"
    return Entry(owned, named, where, key_text(owned.command), owned.command.tip, reason)


def found(entries: Iterable[Entry], query: str, recent: list[str]) -> list[Entry]:
    """The entries that a query fits, best first. Of equal ones those used recently come first, the impossible last."""
    places = {name: place for place, name in enumerate(recent)}
    scored = [(value, entry) for entry in entries if (value := entry.fits(query)) is not None]
    scored.sort(key=lambda pair: (-pair[0], places.get(pair[1].name, len(places)), bool(pair[1].reason)))
    return [entry for _, entry in scored]
