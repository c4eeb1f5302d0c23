"""The notes window, for the lecturer alone: notes, answer, the next step's title, and the time."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import QTimer, QUrl
from PySide6.QtGui import QCloseEvent, QTextDocument
from PySide6.QtWidgets import QLabel, QTextBrowser, QVBoxLayout, QWidget

from engine.lecture.answers import Given, verdict
from gui.lecture.curtain import Curtain
from gui.lecture.player import Player


class Text(QTextBrowser):
    """Text in Markdown from a lecture file. It loads no images and opens no links."""

    def __init__(self) -> None:
        super().__init__()
        self.setOpenLinks(False)
        self.setAccessibleName("Notes")

    def loadResource(self, kind: int, name: QUrl | str) -> Any:  # noqa: N802
        """Load nothing: a lecture file must not read other files."""
        return None

    def say(self, text: str) -> None:
        """Show a text. HTML in it is shown as it is written."""
        self.document().setMarkdown(text, QTextDocument.MarkdownFeature.MarkdownNoHTML)


class Notes(QWidget):
    """A second window. It draws no plots, so that it costs nothing while the lecture runs."""

    def __init__(self, player: Player, curtain: Curtain) -> None:
        super().__init__()
        self.player, self.curtain = player, curtain
        self.setWindowTitle("Notes – Bayescape")
        self.setProperty("lecture", True)  # the keys of the lecture work here as well
        self.resize(560, 520)
        self.head, self.clock, self.following, self.text = QLabel(), QLabel(), QLabel(), Text()
        column = QVBoxLayout(self)
        for widget in (self.head, self.clock, self.text, self.following):
            column.addWidget(widget)
        for label in (self.head, self.following):
            label.setWordWrap(True)
        self._begun: float | None = None
        self.timer = QTimer(self)
        self.timer.setInterval(1000)
        self.timer.timeout.connect(self.tick)
        player.moved.connect(self.refresh)

    def toggle(self) -> None:
        """Open or close the window."""
        self.setVisible(self.isHidden())
        if self.isVisible():
            self._begun = self._begun if self._begun is not None else time.monotonic()
            self.timer.start()
            self.refresh()
        else:
            self.timer.stop()

    def refresh(self) -> None:
        """Show the notes of the present step."""
        course = self.player.course
        if course is None or self.isHidden():
            return
        step = course.step
        build = f", build {course.build + 1} of {len(course.stages)}" if len(course.stages) > 1 else ""
        self.head.setText(f"{course.number} {step.title}{build}")
        question = step.question
        asked = f"**Question:** {question.ask}\n\n{verdict(question, Given())}" if question else ""
        parts = (step.notes, f"**Try:** {step.try_}" if step.try_ else "", asked)
        self.text.say("\n\n".join(part for part in parts if part))
        following = course.following
        self.following.setText(f"Next: {following.title}" if following else "This is the last step.")
        self.tick()

    def tick(self) -> None:
        """Update the time: elapsed, and planned up to the end of the present step."""
        course = self.player.course
        if course is None or self._begun is None:
            return
        elapsed = (time.monotonic() - self._begun) / 60
        shown = [step for step in course.steps[: course.index + 1] if step.id not in course.unavailable]
        planned = sum(step.minutes for step in shown)
        dark = f"   The screen is {self.curtain.colour}." if self.curtain.colour else ""
        self.clock.setText(f"{elapsed:.0f} min elapsed, {planned:.0f} min planned up to here.{dark}")

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        self.timer.stop()
        super().closeEvent(event)
