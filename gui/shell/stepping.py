"""Stepping in the tool bar: the position in the middle of its commands, and which of them lead anywhere."""

from __future__ import annotations

from PySide6.QtGui import QAction, QFontMetrics
from PySide6.QtWidgets import QApplication, QSizePolicy, QToolBar

from gui.page.commands import Command
from gui.page.stepper import BACK, FIRST, FORWARD, LAST, PLAY
from gui.widgets.elided import Elided

Position = tuple[int, int] | None  # steps taken, of how many; None where there are no steps
STEPS = (FIRST, BACK, FORWARD, LAST, PLAY)


def why_not(command: Command, position: Position) -> str:
    """The reason why stepping by this command leads nowhere; empty if it does, or if it is another command."""
    if command not in STEPS:
        return ""
    if position is None:
        return "There is nothing to step through here."
    taken, total = position
    if total == 0:
        return "There are no observations yet."
    if command in (FIRST, BACK) and taken == 0:
        return "No observation is taken into account: this is the first step."
    if command in (FORWARD, LAST) and taken == total:
        return "All observations are taken into account: this is the last step."
    return ""


class PositionLabel(Elided):
    """Says how many steps are taken. It stands before FORWARD in the tool bar."""

    def __init__(self, bar: QToolBar) -> None:
        super().__init__("Observations taken into account")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._bar = bar
        self._shown = bar.addWidget(self)
        self.fit()

    def fit(self) -> None:
        """Take a fixed width, in the present font: a label that grows lays the tool bar out again with every step."""
        self.setFixedWidth(QFontMetrics(QApplication.font()).horizontalAdvance("888 of 888"))

    def stand_before(self, action: QAction | None) -> None:
        """Move before an action of the tool bar; None: there are no steps here."""
        if action is not None:
            self._bar.insertAction(action, self._shown)

    def show_position(self, position: Position) -> None:
        """Show the position; without one the label is hidden."""
        self.say(f"{position[0]} of {position[1]}" if position else "")
        self._shown.setVisible(position is not None)
