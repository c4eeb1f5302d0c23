"""Layouts: the places of panels and window when the program was closed, and how they are restored safely."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QMainWindow

from gui.page.view import View
from gui.shell.settings import Settings


def restore(settings: Settings, window: QMainWindow) -> str:
    """Restore the geometry of the window. Returns what could not be restored, in sentences."""
    notices = []
    if settings.damaged:
        settings.mend()
        notices.append("The settings were damaged; the defaults are used.")
    if settings.restoring:
        settings.forget_layouts()
        notices.append("The last layout could not be restored; the default layout is used.")
    settings.restoring = True
    try:
        if (geometry := settings.layout("window")) is not None:
            window.restoreGeometry(geometry)
    except ValueError as error:
        notices.append(_forgotten(settings, error))
    return " ".join(notices)


def show(settings: Settings, view: View, arrangement: str) -> str:
    """Arrange the panels of a page; the first time as they were kept. Returns why they are not, or "".

    The caller clears `settings.restoring` once the page has been painted.
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
    return f"{error} The default layout is used."


def keep(settings: Settings, window: QMainWindow, views: Iterable[View]) -> None:
    """Keep the layouts of all arrangements that were shown, and the geometry of the window."""
    for view in views:
        for arrangement, layout in view.layouts().items():
            settings.keep_layout(_key(view, arrangement), layout)
    settings.keep_layout("window", window.saveGeometry())
