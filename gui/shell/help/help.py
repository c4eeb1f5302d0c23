"""The commands of the Help menu."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from gui.lecture.commands import KEYS
from gui.page.commands import Command
from gui.shell.help.about import about_text, show_text
from gui.shell.keys import keys_text
from gui.shell.menus import Menus
from gui.shell.page_stack import PageStack

LECTURE = ("While a lecture runs", tuple((key.keys.replace("; ", ", "), key.text) for key in KEYS))


class Help(QObject):
    """Shows the table of keys, and the box with versions and licences."""

    def __init__(self, window: QWidget, stack: PageStack, menus: Menus) -> None:
        super().__init__(window)
        self.window, self.stack, self.menus = window, stack, menus

    def show_keys(self) -> None:
        """Show the table of keys of plots, of the window and of each page."""
        commands = self.menus.commands
        sections = [("In the window", [owned for owned in commands if not owned.page])]
        for name, page in self.stack.pages.items():
            sections.append((f"On the page {page.view.title}", [owned for owned in commands if owned.page == name]))
        show_text(self.window, "Mouse and keys", keys_text(sections, [LECTURE]))

    def about(self) -> None:
        """Show versions and licences."""
        show_text(self.window, "About Bayescape", about_text())


HELP_COMMANDS = (
    Command("Mouse and keys", "Help", run=Help.show_keys, keys="F1", tip="Show the actions of the mouse and the keys"),
    Command("About Bayescape", "Help", run=Help.about, line=True, tip="Show versions and licences"),
)
