"""The entries of the command palette, one for every command and every panel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gui.page.commands import Command, Owned
from gui.page.panel import Panel
from gui.page.view import View
from gui.shell.keys import key_text
from gui.shell.palette.fuzzy import score

SHOW = "Show panel"  # the path of panels in the palette


@dataclass(frozen=True)
class Entry:
    """One row of the palette: `where` is the tab and the menu path, `reason` why the command is unavailable, or "".

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
        """The key of the entry in the list of recent entries."""
        return f"{self.where}: {self.owned.command.text}"

    @property
    def spoken(self) -> str:
        """The row as one sentence, for screen readers."""
        phrases = (self.text, self.where, self.keys, f"Unavailable: {self.reason}" if self.reason else self.tip)
        return ", ".join(phrase for phrase in phrases if phrase)

    def fits(self, query: str) -> float | None:
        """The score of a query; None if the query does not match. A panel is found by “go to” and its title as well."""
        context = f"{self.where} {self.owned.where} {self.tip}"
        texts = (self.text, f"Go to {self.text}") if self.owned.command.menu == SHOW else (self.text,)
        return max((value for text in texts if (value := score(query, text, context)) is not None), default=None)


def panel_commands(view: View) -> Iterator[Owned]:
    """One command for each panel of a page. The command brings the panel to the front."""
    for kind in view.kinds:
        yield Owned(Command(kind.title, SHOW, run=_nothing, tip=kind.sentence), kind, view.name, kind.title)


def _nothing(_: Panel) -> None:
    """Do nothing: a command brings the panel that owns it to the front before it runs."""


def entry_of(owned: Owned, text: str, reason: str, tab: str) -> Entry:
    """The entry of a command. `tab` is the title of the tab that shows it, or "" for a command of the window."""
    *menus, last = owned.command.menu.split("/")
    where = " › ".join(((tab,) if tab else ()) + (*menus, last))
    named = f"{last}: {text}" if menus else text  # such as "Export: Ledger…"
    return Entry(owned, named, where, key_text(owned.command), owned.command.tip, reason)


def matching(entries: Iterable[Entry], query: str, recent: list[str]) -> list[Entry]:
    """The entries that match a query, best first.

    Of entries with equal scores, recently used ones come first and unavailable ones last.
    """
    ranks = {name: rank for rank, name in enumerate(recent)}
    scored = [(value, entry) for entry in entries if (value := entry.fits(query)) is not None]
    scored.sort(key=lambda pair: (-pair[0], ranks.get(pair[1].name, len(ranks)), bool(pair[1].reason)))
    return [entry for _, entry in scored]
