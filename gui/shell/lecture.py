"""The steps of the lecture as commands, with their buttons in the tool bar."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtWidgets import QLabel, QToolBar

from engine.lecture import headings
from gui.page.commands import Command, Owned
from gui.shell.files import Files
from gui.shell.menus import Menus


def step_commands() -> tuple[Command, ...]:
    """One command for each step. Steps with the same words before the colon of their titles form a group."""
    commands, previous = [], ""
    for number, step in enumerate(headings(), 1):
        group = _group(step.title)
        commands.append(
            Command(
                step.title,
                "Lecture",
                run=_open(number),
                keys=f"Alt+{number}" if number <= 9 else "",
                tip=step.note,
                line=group != previous,
            )
        )
        previous = group
    return tuple(commands)


class StepButtons:
    """A button for each step at the end of the tool bar, with the name of the group before its first step."""

    def __init__(self, bar: QToolBar, menus: Menus, commands: Iterable[Owned]) -> None:
        self.bar = bar
        for owned, step in zip(commands, headings(), strict=True):
            if owned.command.line:
                bar.addSeparator()
                label = QLabel(f" {_group(step.title).removeprefix('The ').capitalize()}: ")
                label.setToolTip("The lecture's steps, by their number of observations")
                bar.addWidget(label)
            action = menus.action_of(owned)
            action.setIconText(step.label)
            bar.addAction(action)
        first = bar.actions().index(menus.end_of_bar) + 1
        self._actions = bar.actions()[first:]

    def show(self, shown: bool) -> None:
        """Show or hide the buttons. The actions stay in the menu."""
        for action in self._actions:
            self.bar.removeAction(action)
        if shown:
            self.bar.addActions(self._actions)


def _open(number: int) -> Callable[[Files], None]:
    return lambda files: files.open_step(number)


def _group(title: str) -> str:
    return title.partition(":")[0]
