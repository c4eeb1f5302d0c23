"""The pen: strokes over the panels that keep their places in the plots, for each step of the lecture."""

from __future__ import annotations

from PySide6.QtCore import QObject

from engine.lecture.memory import Strokes
from gui.lecture.player import Player
from gui.lecture.predict import Predict
from gui.lecture.sheet import Tool


class Pen(QObject):
    """Draws on the sheets over the panels in sight. The strokes of a step come back with the step."""

    def __init__(self, player: Player, predict: Predict) -> None:
        super().__init__(player)
        self.player, self.predict = player, predict
        self.tool: Tool = ""
        self._step = ""
        player.moved.connect(self._on_moved)
        player.remembered.connect(self._on_remembered)
        predict.drawn.connect(self._on_drawn)
        player.ended.connect(self._on_ended)

    def use(self, tool: Tool) -> None:
        """Take the pen or the eraser into the hand; the same tool again lays it down."""
        self.tool = "" if tool == self.tool else tool
        self._hand_over()

    def clear(self) -> None:
        """Remove the strokes of the present step."""
        for sheet in self.predict.sheets.values():
            sheet.clear_pen()
        self._on_drawn()

    @property
    def kept(self) -> dict[str, Strokes]:
        """The strokes of all steps, by the ids of the steps."""
        assert self.player.course is not None
        return self.player.course.memory.marks

    def strokes(self) -> Strokes:
        """The strokes of the present step, by page and title of the panel."""
        return {key: sheet.strokes for key, sheet in self.predict.sheets.items() if sheet.strokes}

    def of_all_steps(self) -> dict[str, Strokes]:
        """The strokes of all steps, by the id of the step, for the handout."""
        present = {self._step: self.strokes()} if self._step else {}
        return {**self.kept, **present}

    def _hand_over(self) -> None:
        """Give the tool to the sheets of all panels in sight."""
        view = self.player.stack.view
        for title in view.seen_titles:
            sheet = self.predict.sheet(title)
            if sheet is not None and (self.tool or sheet.tool in ("pen", "eraser")):
                sheet.use(self.tool)

    def _on_moved(self) -> None:
        """Show the strokes of the step that comes in place of those of the step that is left."""
        step = self.player.step.id
        if step != self._step:
            self._step = step
            self._on_remembered()
            if self.tool:
                self._hand_over()

    def _on_drawn(self) -> None:
        """Keep the strokes of the present step."""
        if strokes := self.strokes():
            self.kept[self._step] = {key: [list(stroke) for stroke in drawn] for key, drawn in strokes.items()}
        else:
            self.kept.pop(self._step, None)
        self.player.moved.emit()

    def _on_remembered(self) -> None:
        """Show the strokes of the present step."""
        self._wipe()
        view = self.player.stack.view.name
        for (page, title), strokes in self.kept.get(self._step, {}).items():
            if page == view and (sheet := self.predict.sheet(title)) is not None:
                sheet.strokes = [list(stroke) for stroke in strokes]
                sheet.use(sheet.tool)

    def _wipe(self) -> None:
        for sheet in self.predict.sheets.values():
            sheet.clear_pen()

    def _on_ended(self) -> None:
        self._wipe()
        self.tool, self._step = "", ""
