"""The commands of the Help menu."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from gui.lecture.commands import KEYS
from gui.page.commands import Command
from gui.page.titlebar import TitleBar
from gui.shell.help.about import about_text, diagnostics, show_text
from gui.shell.help.getting_started import GettingStarted
from gui.shell.help.glossary import Glossary
from gui.shell.help.report import Report
from gui.shell.keys import keys_text
from gui.shell.menus import Menus
from gui.shell.page_stack import PageStack
from gui.shell.settings import Settings

NO_PANEL = "Point at a panel with the mouse, or move the focus to it (F6), and press F1 again."

LECTURE = ("While a lecture runs", tuple((key.keys.replace("; ", ", "), key.text) for key in KEYS))


class Help(QObject):
    """Explains panels, and shows the steps for beginners, the glossary, the keys, the diagnostics and the versions."""

    chosen = Signal(object)  # an Owned, which a button of Getting started runs

    def __init__(self, window: QMainWindow, stack: PageStack, menus: Menus, settings: Settings) -> None:
        super().__init__(window)
        self.window, self.stack, self.menus, self.settings = window, stack, menus, settings

    def explain(self) -> None:
        """Explain the panel under the cursor, or else the panel with the focus. Raises ValueError without a panel."""
        for widget in (QApplication.widgetAt(QCursor.pos()), QApplication.focusWidget()):
            if (bar := self._bar_around(widget)) is not None:
                bar.explain()
                return
        raise ValueError(NO_PANEL)

    def _bar_around(self, widget: QWidget | None) -> TitleBar | None:
        """The title bar of the visible panel that contains a widget."""
        view = self.stack.view
        for title in view.seen_titles:
            dock = view.docks[title]
            bar = dock.titleBarWidget()
            if widget is not None and (dock is widget or dock.isAncestorOf(widget)) and isinstance(bar, TitleBar):
                return bar
        return None

    def start(self) -> None:
        """Show the three steps for beginners."""
        GettingStarted(self.window, self._run).show()

    def _run(self, text: str) -> None:
        """Run the first command with this text."""
        self.chosen.emit(next(owned for owned in self.menus.commands if owned.command.text == text))

    def show_glossary(self) -> None:
        """Show all terms with their meanings."""
        Glossary(self.window).open()

    def show_keys(self) -> None:
        """Show the table of keys of plots, of the window and of each page."""
        commands = self.menus.commands
        sections = [("In the window", [owned for owned in commands if not owned.page])]
        for name, page in self.stack.pages.items():
            sections.append((f"On the page {page.view.title}", [owned for owned in commands if owned.page == name]))
        show_text(self.window, "Mouse and keys", keys_text(sections, [LECTURE]))

    def report(self, details: str = "") -> None:
        """Show the diagnostics to copy, with the details of an error."""
        size = f"{self.window.width()}×{self.window.height()}"
        text = f"{diagnostics(self.settings)}\npage: {self.stack.title}, window {size}"
        Report(self.window, "\n\n".join(filter(None, (text, details)))).open()

    def about(self) -> None:
        """Show versions and licences."""
        show_text(self.window, "About Bayescape", about_text())


HELP_COMMANDS = (
    Command("Help on this panel", "Help", run=Help.explain, keys="F1",
            tip="Explain the panel under the cursor or with the focus"),
    Command("Getting started", "Help", run=Help.start, tip="Show three steps for beginners"),
    Command("Glossary", "Help", run=Help.show_glossary, tip="Look up the terms of the program"),
    Command("Mouse and keys", "Help", run=Help.show_keys, tip="Show the actions of the mouse and the keys"),
    Command("Report a problem", "Help", run=Help.report, line=True, tip="Show versions and settings to copy"),
    Command("About Bayescape", "Help", run=Help.about, tip="Show versions and licences"),
)  # fmt: skip
