"""The finder, which opens the command palette and saves the recently used entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from gui.page.commands import Command, Owned
from gui.page.panel import Panel
from gui.pages import TITLES, tab_of
from gui.shell.menus import Menus
from gui.shell.page_stack import PageStack
from gui.shell.settings import Settings

if TYPE_CHECKING:
    from gui.shell.palette.entries import Entry

RECENT = 8  # the largest number of saved entries


class Finder(QObject):
    """Builds the entries of the palette. `chosen` carries the command of the chosen entry."""

    chosen = Signal(object)  # an Owned

    def __init__(self, window: QWidget, settings: Settings, stack: PageStack, menus: Menus) -> None:
        super().__init__(window)
        self.window, self.settings, self.stack, self.menus = window, settings, stack, menus

    def open(self) -> None:
        """Open the palette over the window. Pages that have not been built are built first."""
        from gui.shell.palette.palette import Palette  # imported here, because it delays the start

        self.stack.build_all()
        palette = Palette(self.window, self.entries(), self.recent)
        palette.chosen.connect(self._on_chosen)
        palette.open_over(self.window)

    def entries(self) -> list[Entry]:
        """The entries of all commands and panels. Entries of the window and of the page in front come first."""
        from gui.shell.palette.entries import panel_commands

        commands = [*self.menus.commands]
        for page in self.stack.pages.values():
            commands += panel_commands(page.view)
        front = self.stack.view.name
        return list(self._rows(sorted(commands, key=lambda owned: owned.page not in ("", front))))

    def _rows(self, commands: Iterable[Owned]) -> Iterator[Entry]:
        from gui.shell.palette.entries import entry_of

        for owned in commands:
            yield entry_of(owned, self.menus.text_of(owned), self.stack.why_not(owned), _tab(owned))

    @property
    def recent(self) -> list[str]:
        """The names of the recently chosen entries, latest first."""
        return self.settings.text("recent", "").splitlines()

    def _on_chosen(self, entry: Entry) -> None:
        others = [name for name in self.recent if name != entry.name]
        self.settings.keep("recent", "\n".join([entry.name, *others][:RECENT]))
        self.chosen.emit(entry.owned)


def _tab(owned: Owned) -> str:
    """The title of the first tab that shows the owner of a command; "" for a command of the window."""
    if not owned.page:
        return ""
    is_panel = isinstance(owned.owner, type) and issubclass(owned.owner, Panel)
    return TITLES[tab_of(owned.page, owned.owner.place.arrangement if is_panel else "")]


FIND = Command("Find a command…", "Help", run=Finder.open, keys="Ctrl+Shift+P; Ctrl+K",
               tip="Find a command, panel, lecture step or model by typing a few letters")  # fmt: skip
