"""Layouts: where panels and window were when the program was left, restored with care."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QMainWindow

from gui.page.view import View
from gui.shell.settings import Settings


def restore(settings: Settings, window: QMainWindow) -> str:
    """Put the window where it was kept. Returns what could not be restored, in sentences."""
    notices = []
    if settings.damaged:
        settings.mend()
        notices.append("The settings were damaged; the defaults are in force.")
    if settings.restoring:
        settings.forget_layouts()
        notices.append("The last layout could not be restored; the panels are where they belong.")
    settings.restoring = True
    try:
        if (geometry := settings.layout("window")) is not None:
            window.restoreGeometry(geometry)
    except ValueError as error:
        notices.append(_forgotten(settings, error))
    return " ".join(notices)


def restore_view(settings: Settings, view: View) -> str:
    """Put the panels of a page where they were kept. Returns why that could not be done, if it could not."""
    try:
        if (layout := settings.layout(view.name)) is not None:
            view.restore(layout)
    except ValueError as error:
        return _forgotten(settings, error)
    return ""


def _forgotten(settings: Settings, error: ValueError) -> str:
    settings.forget_layouts()
    return f"{error} The panels are where they belong."


def keep(settings: Settings, window: QMainWindow, views: Iterable[View]) -> None:
    """Remember where everything is."""
    for view in views:
        if view.was_shown:
            settings.keep_layout(view.name, view.state())
    settings.keep_layout("window", window.saveGeometry())
