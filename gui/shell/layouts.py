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


def show(settings: Settings, view: View, arrangement: str) -> str:
    """Arrange the panels of a page, the first time as they were kept. Returns why they are not, if they are not.

    Whoever calls it takes the marker back once that is on the screen.
    """
    kept, notice = None, ""
    try:
        if not view.knows(arrangement):
            kept = settings.layout(_key(view, arrangement))
    except ValueError as error:
        notice = _forgotten(settings, error)
    if kept is not None:
        settings.restoring = True
    view.show_arrangement(arrangement, kept)
    return notice


def _key(view: View, arrangement: str) -> str:
    return f"{view.name}.{arrangement}" if arrangement else view.name


def _forgotten(settings: Settings, error: ValueError) -> str:
    settings.forget_layouts()
    return f"{error} The panels are where they belong."


def keep(settings: Settings, window: QMainWindow, views: Iterable[View]) -> None:
    """Remember where everything is."""
    for view in views:
        for arrangement, layout in view.layouts().items():
            settings.keep_layout(_key(view, arrangement), layout)
    settings.keep_layout("window", window.saveGeometry())
