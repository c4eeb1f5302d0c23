"""Predict, then reveal: the veils of a step, its question, and the answers that are given."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from engine.lecture.answers import Given, read_answers, save_answers
from engine.lecture.lecture import Question, Step
from engine.lecture.sketches import mean_distance
from gui.lecture.card import Card
from gui.lecture.player import Player
from gui.lecture.sheet import Place, Sheet

ANSWERS = "lecture-answers.json"


class Predict(QObject):
    """Veils panels until the audience has committed itself, and shows what it predicted beside the truth.

    Answers are saved in a file of the user's settings, so that a student finds them again. Answers that another window
    has saved there stay.
    """

    refused = Signal(str)
    drawn = Signal()  # a stroke of the pen was finished or erased on one of the sheets

    def __init__(self, player: Player, card: Card, folder: Path) -> None:
        super().__init__(player)
        self.player, self.card = player, card
        self.path = folder / ANSWERS
        self.answers = read_answers(self.path)
        self._own: dict[str, Given] = {}  # that were given in this window
        self.sheets: dict[tuple[str, str], Sheet] = {}  # by page and title of the panel
        self._step: Step | None = None
        player.moved.connect(self._on_moved)
        player.remembered.connect(self._on_remembered)
        player.ended.connect(self._on_ended)
        card.answered.connect(self._on_answered)
        card.reveal_wanted.connect(self.reveal)

    # The present step

    @property
    def revealed(self) -> set[str]:
        """The ids of the steps whose answers were revealed."""
        assert self.player.course is not None
        return self.player.course.memory.revealed

    @revealed.setter
    def revealed(self, ids: set[str]) -> None:
        assert self.player.course is not None
        self.player.course.memory.revealed = ids

    @property
    def veiled(self) -> bool:
        """Whether a panel of the present step is veiled."""
        return any(sheet.veiled for sheet in self.sheets.values())

    @property
    def waiting(self) -> bool:
        """Whether *next* should reveal: a panel is veiled, or a question was asked and not answered yet."""
        return self.veiled or (not self.card.isHidden() and not self.card.revealed)

    def sheet(self, title: str) -> Sheet | None:
        """The sheet over a panel of the page in front; None if the panel does not exist."""
        view = self.player.stack.view
        panel = view.panels.get(title)
        if panel is None:
            return None
        key = view.name, title
        if key not in self.sheets:
            self.sheets[key] = made = Sheet(panel)
            made.placed.connect(self._on_placed)
            made.sketched.connect(self._on_sketched)
            made.drawn.connect(self.drawn)
        return self.sheets[key]

    def _on_moved(self) -> None:
        """Veil the panels of a step that is shown for the first time."""
        step = self.player.step
        if step is self._step:
            return
        self._clear()
        self._step = step
        if self.player.text and step.id not in self.revealed:
            for title in step.veil:
                if (sheet := self.sheet(title)) is not None:
                    sheet.veil(True)

    def _on_ended(self) -> None:
        self._clear()
        self._step = None

    def _clear(self) -> None:
        self.card.hide()
        for sheet in self.sheets.values():
            sheet.veiled, sheet.guesses, sheet.truth, sheet.sketch = False, [], None, []
            sheet.use("")

    def _on_remembered(self) -> None:
        """Veil the panels of the present step again if it was restored, or lift the veils if that was undone."""
        self._step = None
        self._on_moved()

    # Question and answer

    def ask(self) -> None:
        """Show the question; if it is shown already, the answer; if the answer is shown already, close the card."""
        question = self.player.step.question
        if question is None:
            raise ValueError("This step has no question.")
        if self.card.isHidden():
            self._pose(question)
        elif self.card.revealed:
            self.card.hide()
        else:
            self.reveal()

    def _pose(self, question: Question) -> None:
        """Show the question with the answers so far, and give the hand what it needs to answer."""
        is_revealed = self.player.step.id in self.revealed
        self.card.pose(question, self._given, revealed=is_revealed)
        sheet = self.sheet(question.panel) if question.kind in ("point", "sketch") else None
        if sheet is None:
            return
        sheet.guesses, sheet.sketch = list(self._given.places), [list(stroke) for stroke in self._given.strokes]
        if is_revealed:
            sheet.show_truth(question.answer if isinstance(question.answer, tuple) else None)
        else:
            sheet.use("point" if question.kind == "point" else "sketch")
            if question.kind == "point":
                sheet.setFocus()

    @property
    def _given(self) -> Given:
        return self.answers.get(self.player.step.id, Given())

    def reveal(self) -> None:
        """Lift the veils, and show the answer and how far the predictions are from it."""
        step = self.player.step
        self.revealed.add(step.id)
        self.player.moved.emit()  # the memory of the lecture has changed
        for sheet in self.sheets.values():
            sheet.veil(False)
            sheet.use("")
        question = step.question
        if question is None:
            return
        if question.kind == "sketch" and self._given.sketched:
            self._measure(question)
        if question.kind == "point" and isinstance(question.answer, tuple) and not self.card.isHidden():
            asked = self.sheet(question.panel)
            if asked is not None:
                asked.show_truth(question.answer)
        if not self.card.isHidden():
            self.card.refresh(self._given, revealed=True)

    def _on_placed(self, place: Place) -> None:
        self._on_answered(replace(self._given, places=(*self._given.places, place)))

    def _on_sketched(self) -> None:
        question = self.player.step.question
        sheet = self.sheet(question.panel) if question is not None else None
        if sheet is not None:
            strokes = tuple(tuple(stroke) for stroke in sheet.sketch)
            self._on_answered(replace(self._given, sketched=True, strokes=strokes))

    def _measure(self, question: Question) -> None:
        """Keep how far the sketch is from the curves of its panel, if the panel has curves."""
        sheet = self.sheet(question.panel)
        if sheet is not None:
            distance = mean_distance(self._given.strokes, sheet.panel.sketched_curves)
            self._on_answered(replace(self._given, distance=distance))

    def _on_answered(self, given: Given) -> None:
        """Keep the answers to the present question."""
        self._own[self.player.step.id] = given
        self.answers = {**self.answers, **read_answers(self.path), **self._own}
        self.card.refresh(given, revealed=self.card.revealed)
        try:
            save_answers(self.path, self.answers)
        except OSError:
            self.refused.emit("Your answers cannot be saved: the folder of the settings cannot be written.")
