"""Layouts: where panels and window were when the program was left, restored with care."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QMainWindow

from gui.page.view import View
from gui.shell.settings import Settings


def restore(settings: Settings, window: QMainWindow, views: Iterable[View]) -> str:
    """Put everything where it was kept. Returns what could not be, in sentences."""
    notices = []
    if settings.damaged:
        settings.mend()
        notices.append("The settings were damaged; the defaults are in force.")
    if settings.restoring:
        settings.forget_layouts()
        notices.append("The last layout could not be restored; the panels are where they belong.")
    settings.restoring = True
    try:
        for view in views:
            if (layout := settings.layout(view.name)) is not None:
                view.restore(layout)
        if (geometry := settings.layout("window")) is not None:
            window.restoreGeometry(geometry)
    except ValueError as error:
        settings.forget_layouts()
        notices.append(f"{error} The panels are where they belong.")
    return " ".join(notices)


def keep(settings: Settings, window: QMainWindow, views: Iterable[View]) -> None:
    """Remember where everything is."""
    for view in views:
        if view.laid_out:
            settings.keep_layout(view.name, view.state())
    settings.keep_layout("window", window.saveGeometry())
