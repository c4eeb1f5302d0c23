"""Layouts: the places of panels and window are saved when the program closes, and restored safely.

A layout carries a version, a length and a hash, because Qt aborts on some damaged layouts. The marker
`settings.restoring` detects an abort that happened anyway. See docs/decisions/015.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QMainWindow

from gui.page.places import key_of
from gui.page.view import View
from gui.shell.settings import Settings


def restore(settings: Settings, window: QMainWindow) -> str:
    """Restore the geometry of the window. Return one sentence for each failure, or ""."""
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
    """Show a page in an arrangement, with the saved layout at the first time. Return the reason for a failure, or "".

    The caller clears `settings.restoring` once the page has been painted.
    """
    saved, notice = {}, ""
    try:
        if not view.has_layout(arrangement):
            keys = [key_of(arrangement, small) for small in (False, True)]
            saved = {key: layout for key in keys if (layout := settings.layout(_key(view, key))) is not None}
    except ValueError as error:
        notice = _forgotten(settings, error)
    if saved:
        settings.restoring = True
    view.show_arrangement(arrangement, saved)
    return notice


def _key(view: View, key: str) -> str:
    return f"{view.name}.{key}" if key else view.name


def _forgotten(settings: Settings, error: ValueError) -> str:
    settings.forget_layouts()
    return f"{error} The default layout is used."


def keep(settings: Settings, window: QMainWindow, views: Iterable[View]) -> None:
    """Save the layouts of all arrangements that were shown, and the geometry of the window."""
    for view in views:
        for key, layout in view.layouts().items():
            settings.keep_layout(_key(view, key), layout)
    settings.keep_layout("window", window.saveGeometry())
