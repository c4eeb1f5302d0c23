"""The stepping commands in the tool bar: the label with the position, and the reasons why a command is unavailable."""

from __future__ import annotations

from PySide6.QtGui import QAction, QFontMetrics
from PySide6.QtWidgets import QApplication, QSizePolicy, QToolBar

from gui.page.commands import Command
from gui.page.stepper import BACK, FIRST, FORWARD, LAST, PLAY
from gui.widgets.elided import Elided

Position = tuple[int, int] | None  # (steps taken, number of steps); None if the page has no steps
STEPS = (FIRST, BACK, FORWARD, LAST, PLAY)


def why_not(command: Command, position: Position) -> str:
    """The reason why a stepping command is unavailable; empty if it is available or is no stepping command."""
    if command not in STEPS:
        return ""
    if position is None:
        return "This tab has no steps."
    taken, total = position
    if total == 0:
        return "There are no observations to step through."
    if command in (FIRST, BACK) and taken == 0:
        return "This is the first step: no observation is taken into account."
    if command in (FORWARD, LAST) and taken == total:
        return "This is the last step: all observations are taken into account."
    return ""


class PositionLabel(Elided):
    """Shows the number of steps taken and the total, before the command FORWARD in the tool bar."""

    def __init__(self, bar: QToolBar) -> None:
        super().__init__("Observations taken into account")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._bar = bar
        self._shown = bar.addWidget(self)
        self.fit()

    def fit(self) -> None:
        """Set a fixed width for the present font, so that the tool bar is not laid out again at every step."""
        self.setFixedWidth(QFontMetrics(QApplication.font()).horizontalAdvance("888 of 888"))

    def stand_before(self, action: QAction | None) -> None:
        """Move the label before an action of the tool bar. With None the label stays in its place."""
        if action is not None:
            self._bar.insertAction(action, self._shown)

    def show_position(self, position: Position) -> None:
        """Show the position. The label is hidden if the position is None."""
        self.say(f"{position[0]} of {position[1]}" if position else "")
        if self._shown.isVisible() != (position is not None):
            self._shown.setVisible(position is not None)
