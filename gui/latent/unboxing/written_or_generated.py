"""The panel Written or generated: a quiz of eight images, of which some were written by a person."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.derived import Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.unboxing.written_or_generated import (
    Quiz,
    WrittenOrGeneratedSettings,
    answer,
    ask_again,
    quiz,
)
from gui.forms.form_line import FormLine
from gui.page.commands import Command
from gui.page.jobs import Failure
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.images.generated_rows import GeneratedRows
from gui.widgets.controls import Button
from gui.widgets.notice import LOADING, Notice
from gui.widgets.rows.wrapped import Wrapped
from gui.widgets.scrolling import scrolling

HINT = "Click, or arrows and Enter: mark an image as written by a person"
SEARCHING = "Computing the nearest training images…"
ASKED, NEAREST = "Written by a person,\nor generated?", "Nearest\ntraining image"
NEW_QUIZ = Command("New quiz of written and generated images", "View/New samples", edit=ask_again,
                   tip="Ask about other images")  # fmt: skip
ANSWER = Command("Answer of the quiz of images", "View", edit=answer,
                 tip="Show which images were written, and the training image nearest to each")  # fmt: skip


class WrittenOrGenerated(Panel):
    """The panel Written or generated."""

    title = "Written or generated"
    role = "prior"
    shows = (quiz,)
    commands = (NEW_QUIZ, ANSWER)
    place = Place(121, "Completions", "tab", 54, 48, "unboxing")
    sentence = (
        "A quiz of eight images. Some are test images, which a person wrote; the others are decoded from latents drawn "
        "from the prior. The number of written images may be 0. Mark the written ones, then show the answer with the "
        "training image nearest to each image."
    )
    equation = r"\mathbf{z}\sim\mathcal{N}(\mathbf{0},\mathbf{I}),\quad\min_n\|\mathbf{x}-\mathbf{x}_n\|"

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.quiz: Quiz | None = None
        self.new, self.show_answer = Button("New quiz"), Button("Answer")
        self.form = FormLine(WrittenOrGeneratedSettings, only=("written",))
        self.rows = GeneratedRows("Written or generated", (ASKED,))
        self.words = Wrapped("Result of the quiz")
        self.content = QWidget()
        self._lay_out()
        self.content.hide()
        self.notice = Notice(self)
        self.notice.say(LOADING)
        self.setFocusProxy(self.rows)
        self.new.clicked.connect(self._on_new)
        self.show_answer.clicked.connect(self._on_answer)
        self.form.changed.connect(self._on_form)
        self.rows.pointed.connect(self._on_pointed)
        self.rows.picked.connect(self._on_picked)

    def _lay_out(self) -> None:
        for button, command in ((self.new, NEW_QUIZ), (self.show_answer, ANSWER)):
            button.setToolTip(command.tip)
            button.setAccessibleDescription(command.tip)
        controls, inside, column, below = QHBoxLayout(), QVBoxLayout(self.content), QVBoxLayout(self), QHBoxLayout()
        controls.setContentsMargins(10, 6, 10, 0)
        controls.setSpacing(12)
        for widget in (self.new, self.form, self.show_answer):
            controls.addWidget(widget)
        controls.addStretch(1)
        inside.setContentsMargins(0, 0, 0, 6)
        inside.addLayout(controls)
        inside.addWidget(scrolling(self.rows, growing=True), 1)
        below.setContentsMargins(10, 0, 10, 0)
        below.addWidget(self.words)
        inside.addLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.content)

    # Actions of the user

    def _on_new(self) -> None:
        self.requested.emit(NEW_QUIZ)

    def _on_answer(self) -> None:
        self.requested.emit(ANSWER)

    def _on_form(self, chosen: WrittenOrGeneratedSettings, what: str, gesture: object) -> None:
        self.edited.emit(Edit(f"Change {what}", self.document.with_setting(chosen), gesture))

    def _on_pointed(self, i: int | None) -> None:
        self.hint_changed.emit("" if i is None else HINT)

    def _on_picked(self, i: int) -> None:
        voted = self.document[WrittenOrGeneratedSettings].with_vote(i)
        self.edited.emit(Edit("Mark image", self.document.with_setting(voted)))

    # Display

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self.form.show_part(document[WrittenOrGeneratedSettings])
        if self.quiz is not None:
            self._show(self.quiz)

    def draw(self, scene: Scene) -> None:
        self.quiz = scene.get(quiz)
        if self.quiz is not None:
            self.content.show()
            self.notice.say("")
            self._show(self.quiz)

    def fail(self, failure: Failure) -> None:
        self.quiz = None
        self.content.hide()
        self.notice.say(failure.reason)

    def _show(self, asked: Quiz) -> None:
        chosen = self.document[WrittenOrGeneratedSettings]
        votes = np.isin(np.arange(len(asked.written)), chosen.votes)
        self.show_answer.setText("Hide the answer" if chosen.answered else "Answer")
        nearest = (asked.nearest,) if chosen.answered and asked.nearest is not None else ()
        self.rows.show_headings((ASKED, NEAREST)[: 1 + len(nearest)])
        marked = asked.written if chosen.answered else votes
        self.rows.show_rows((asked.images, *nearest), _texts(asked, votes, answered=chosen.answered), marked)
        self.words.say(_result(asked, votes) if chosen.answered else "Mark the images that a person wrote.")
        self.caption_changed.emit(asked.unavailable or ("" if nearest or not chosen.answered else SEARCHING))


def _texts(asked: Quiz, votes: np.ndarray, *, answered: bool) -> tuple[tuple[str, str, str], ...]:
    """Return the texts under each image: its number, and what it is or what the audience holds it for."""
    if not answered:
        return tuple((f"{i}", "written?" if vote else "", "") for i, vote in enumerate(votes, 1))
    words = ("generated", "written")
    return tuple(
        (f"{i}", words[int(truth)], "✓" if truth == vote else "✗")
        for i, (truth, vote) in enumerate(zip(asked.written, votes, strict=True), 1)
    )


def _result(asked: Quiz, votes: np.ndarray) -> str:
    """Return how many images were written, and how many were held for what they are."""
    written, right = int(asked.written.sum()), int((asked.written == votes).sum())
    if not written:
        return f"Neither! All {len(votes)} images were generated. {right} of {len(votes)} marks are right."
    how = "was" if written == 1 else "were"
    return f"{written} of {len(votes)} {how} written by a person. {right} of {len(votes)} marks are right."
