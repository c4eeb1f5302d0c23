"""The command that opens the dialog of the preferences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.page.commands import Command

if TYPE_CHECKING:
    from gui.shell.preferences.preferences import Chooser


def open_dialog(chooser: Chooser) -> None:
    """Open the dialog over the window."""
    from gui.shell.preferences.dialog import PreferencesDialog  # imported here, because it delays the start

    PreferencesDialog(chooser.window, chooser).open()


PREFERENCES = Command("Preferences…", "Edit", run=open_dialog, keys="Ctrl+,", line=True,
                      tip="Choose appearance, text size, motion, threads, folders, recovery and keys")  # fmt: skip
