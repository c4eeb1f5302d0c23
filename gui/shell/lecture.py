"""The lecture's steps, in its menu and on the tool bar."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLabel, QMenu, QToolBar

from engine.lecture import headings


def add_steps(menu: QMenu, bar: QToolBar, open_step: Callable[[int], None]) -> None:
    """The steps, counted from 1, in groups that share the words before the colon of their titles."""
    group = ""
    for number, step in enumerate(headings(), 1):
        known, group = group, step.title.partition(":")[0]
        if group != known:
            menu.addSeparator()
            bar.addSeparator()
            bar.addWidget(QLabel(f" {group}, points: "))
        action = menu.addAction(step.title, partial(open_step, number))
        action.setShortcut(QKeySequence(f"Alt+{number}"))
        action.setToolTip(f"{step.title}. {step.note} (Alt+{number})")
        action.setIconText(step.label)
        bar.addAction(action)
