"""The recent sessions: a submenu of the menu File, in which files that do not exist any more are greyed."""

from __future__ import annotations

import json
import os
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QCursor
from PySide6.QtWidgets import QMenu, QWidget

from engine.files import quoted
from gui.page.commands import Command
from gui.shell.settings import Settings

MOST = 10
GONE = "This file does not exist any more"


class Recent(QObject):
    """The session files that were saved or opened last, the latest first. They are part of the settings."""

    chosen = Signal(object)  # the Path of a session

    def __init__(self, window: QWidget, settings: Settings) -> None:
        super().__init__(window)
        self.settings = settings
        self.menu = QMenu("Open &recent", window)
        self.menu.setToolTipsVisible(True)
        self.menu.setStyleSheet("QMenu { menu-scrollable: 1 }")  # as the other menus
        self.menu.aboutToShow.connect(self.fill)
        self.menu.triggered.connect(self._on_triggered)

    @property
    def paths(self) -> list[Path]:
        """The files, also those that another window has added."""
        self.settings.store.sync()
        try:
            saved = json.loads(self.settings.text("recent", "[]"))
        except (ValueError, RecursionError):
            return []
        return [Path(each) for each in saved if isinstance(each, str)] if isinstance(saved, list) else []

    def add(self, path: Path) -> None:
        """Put a file at the top."""
        paths = [path, *(other for other in self.paths if other != path)][:MOST]
        self._keep(paths)

    def _keep(self, paths: list[Path]) -> None:
        self.settings.keep("recent", json.dumps([str(path) for path in paths]))
        self.settings.store.sync()

    def clear(self) -> None:
        """Forget all files."""
        self._keep([])

    def fill(self) -> None:
        """Make the entries of the menu."""
        self.menu.clear()
        for number, path in enumerate(self.paths, 1):
            digit = f"&{number} " if number < 10 else ""
            action = self.menu.addAction(f"{digit}{quoted(path.name).replace('&', '&&')}")
            action.setData(path)
            exists = os.path.isfile(path)  # noqa: PTH113  (Path.is_file raises for a name that is too long)
            action.setEnabled(exists)
            action.setToolTip(str(path) if exists else GONE)
        self.menu.addSeparator()
        self.menu.addAction("&Clear the list").setEnabled(bool(self.paths))

    def _on_triggered(self, action: QAction) -> None:
        if isinstance(action.data(), Path):
            self.chosen.emit(action.data())
        else:
            self.clear()

    def show_menu(self) -> None:
        """Show the submenu under the cursor, for the command palette."""
        self.menu.popup(QCursor.pos())


OPEN_RECENT = Command("Open recent", "File", run=Recent.show_menu, tip="Open a session that was used lately")
