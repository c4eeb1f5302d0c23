"""The lecture bar, under the tool bar: number, title, sentences and equation of the step, and four buttons."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QByteArray, QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from engine.lecture.lecture import Step
from gui.lecture.player import Player
from gui.shell import theme
from gui.widgets.controls import Button, CheckBox
from gui.widgets.mathtext import svg

WIDEST = 0.36  # of the bar, for the equation
UNLIMITED = 2**24 - 1  # pixels, Qt's largest height: no limit
NARROWEST = 26  # average characters, for the sentences


class Equation(QWidget):
    """One equation, made smaller if it is wider than a share of the bar. Faulty LaTeX is shown as it is written."""

    def __init__(self) -> None:
        super().__init__()
        self.latex = ""
        self._size = QSize()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def say(self, latex: str, widest: int) -> None:
        """Show an equation in at most `widest` pixels."""
        self.latex = latex
        self.setAccessibleName(f"Equation: {latex}")
        self.setVisible(bool(latex))
        size = self._renderer().defaultSize()
        scale = min(1.0, widest / max(size.width(), 1))
        self._size = size * scale
        self.updateGeometry()
        self.update()

    def _renderer(self) -> QSvgRenderer:
        points = self.fontMetrics().height() * 1.05
        try:
            content = svg(self.latex, points, theme.ink().name())
        except Exception:
            content = svg(
                rf"\mathtt{{{''.join(c for c in self.latex if c.isalnum())[:40]}}}", points, theme.ink().name()
            )
        return QSvgRenderer(QByteArray(content))

    def sizeHint(self) -> QSize:  # noqa: N802
        return self._size

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if self.latex:
            self._renderer().render(QPainter(self), QRectF(0, 0, *self._size.toTuple()))


class LectureBar(QFrame):
    """Shows the present step in words. It is as high as its text needs and never wider than the window."""

    next_wanted = Signal()
    restore_wanted = Signal()
    question_wanted = Signal()
    steps_wanted = Signal()

    def __init__(self, player: Player) -> None:
        super().__init__()
        self.player = player
        self.setObjectName("lecture")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName("Lecture")
        self.back, self.number, self.forward = Button("‹"), Button(""), Button("›")
        self.words, self.prompt, self.equation = _label(), _label(), Equation()
        self.attempt, self.ask, self.reset, self.end = Button("Try"), Button("?"), Button("R"), Button("×")
        self.did_it = CheckBox("Did it")
        self._name_buttons()
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 3, 6, 3)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self.words)
        tried = QHBoxLayout()
        tried.addWidget(self.prompt, 1)
        tried.addWidget(self.did_it)
        column.addLayout(tried)
        for button in (self.back, self.number, self.forward):
            row.addWidget(button)
        row.addLayout(column, 1)
        row.addWidget(self.equation)
        for button in (self.attempt, self.ask, self.reset, self.end):
            row.addWidget(button)
        self.prompt.hide()
        self.did_it.hide()
        player.moved.connect(self.refresh)

    def _name_buttons(self) -> None:
        for button, name, slot in (
            (self.back, "Back (PgUp)", self.player.back),
            (self.number, "Show or hide the panel Steps (O)", self.steps_wanted),
            (self.forward, "Next (PgDown)", self.next_wanted),
            (self.attempt, "What to try in this step", self._on_try),
            (self.ask, "Question, then answer (Q)", self.question_wanted),
            (self.reset, "Restore this step (R)", self.restore_wanted),
            (self.end, "Leave the lecture (Esc)", self.player.leave),
        ):
            button.setToolTip(name)
            button.setAccessibleDescription(name)
            button.clicked.connect(slot)
        self.attempt.setCheckable(True)
        self.did_it.setToolTip("Tick it when you have tried it. Many steps notice it by themselves.")
        self.did_it.clicked.connect(self._on_did_it)
        for button, name in ((self.back, "Back"), (self.forward, "Next"), (self.ask, "Question"), (self.end, "Leave")):
            button.setAccessibleName(name)
        self.reset.setAccessibleName("Restore this step")

    def refresh(self) -> None:
        """Show the present step, and whether the user has changed it."""
        course, step = self.player.course, self.player.step
        if course is None:
            return
        builds = len(course.stages)
        at = f" ({course.build + 1} of {builds})" if builds > 1 else ""
        text = self.player.text
        self.number.setText(f"{course.number} •" if self.player.changed else course.number)
        self.number.setAccessibleName(f"Step {course.number}{', changed' if self.player.changed else ''}")
        self.words.setText(f"<b>{escape(step.title)}{at}.</b> {escape(text)}")
        self.setAccessibleDescription(f"{step.title}. {text}")
        self.prompt.setText(f"<b>Try:</b> {escape(step.try_)}")
        self._refresh_try(step)
        self.ask.setEnabled(step.question is not None)
        self._fit_buttons()
        self._fit_equation(step)
        self._fit_height()

    def _fit_equation(self, step: Step) -> None:
        """Show the equation, unless large text in a narrow bar would leave no room for the sentences."""
        self.equation.say(step.equation, round(WIDEST * self.width()))
        taken = sum(button.width() + 8 for button in self.findChildren(Button))
        room = self.width() - taken - self.equation.sizeHint().width()
        if room < NARROWEST * self.fontMetrics().averageCharWidth():
            self.equation.hide()

    def _refresh_try(self, step: Step) -> None:
        """Show what to try, and whether it was done: a tick."""
        assert self.player.course is not None
        done, shown = step.id in self.player.course.memory.done, bool(step.try_) and self.attempt.isChecked()
        self.prompt.setVisible(shown)
        self.did_it.setVisible(shown)
        self.did_it.setChecked(done)
        self.attempt.setEnabled(bool(step.try_))
        self.attempt.setText("Try ✓" if done else "Try")
        self.attempt.setAccessibleName("Try, done" if done else "Try")

    def _on_did_it(self, on: bool) -> None:
        """Keep whether the user says that the present step was tried."""
        assert self.player.course is not None
        done = self.player.course.memory.done
        (done.add if on else done.discard)(self.player.step.id)
        self.player.moved.emit()

    def _fit_height(self) -> None:
        """Give the sentences the height that they need: a layout of wrapped labels gives them less, or far more."""
        for label in (self.words, self.prompt):
            label.setMinimumHeight(0)
            label.setMaximumHeight(UNLIMITED)
        layout = self.layout()
        if layout is not None:
            layout.activate()
        for label in (self.words, self.prompt):
            label.setFixedHeight(max(0, label.heightForWidth(label.width())))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        if self.player.course is not None:
            self._fit_equation(self.player.step)
            QTimer.singleShot(0, self, self._fit_height)  # the labels have their new widths then

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self.player.course is not None:
            QTimer.singleShot(0, self, self.refresh)  # the labels and buttons have the new font then

    def _fit_buttons(self) -> None:
        """Make the buttons as narrow as their texts, so that the sentences have the room."""
        for button in self.findChildren(Button):
            widest = {self.number: "888/888 •", self.attempt: "Try ✓"}.get(button, button.text())
            button.setFixedWidth(button.fontMetrics().horizontalAdvance(widest) + 18)

    def _on_try(self) -> None:
        """Show or hide what to try."""
        self.refresh()


def _label() -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.RichText)  # every text from a file is escaped
    label.setWordWrap(True)
    label.setMinimumWidth(120)
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return label
