"""The end of the probes and the selections of a lecture step, so that the next step shows no marks of them."""

from __future__ import annotations

from collections.abc import Iterable

from gui.page.page import Page


def withdraw(pages: Iterable[Page]) -> None:
    """Withdraw the selections and the probes of all panels, until the cursor moves again."""
    for page in pages:
        for panel in page.view.panels.values():
            if panel.probing:
                panel.probed.emit(None)
        if page.view.selection is not None:
            page.view.select(None)
