"""The dialog “Export figure”: the look of a figure with its preview, and the ways to use it."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QPixmap, QResizeEvent
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from engine.derived import PENDING, Pending
from engine.latent.plane.animation import Kind, animation
from engine.latent.plane.movie import MISSING, has_movies
from engine.part import Part
from gui.figures.files import KINDS, ask_for_path, content_of, image_of
from gui.figures.filming import Filming
from gui.figures.look import SIZE_FIELDS, Choices, saved_choices
from gui.figures.maker import WHOLE, Maker, Parts, figure_of
from gui.forms.forms import Form
from gui.page.jobs import Failure, Latest
from gui.page.page import Page
from gui.shell.export import write_file
from gui.shell.settings import Settings
from gui.widgets.controls import Button, Combo
from gui.widgets.progress import Progress
from gui.widgets.scrolling import scrolling
from gui.widgets.value_label import ValueLabel

MOVING = {".gif": "Animated GIF", ".webp": "Animated WebP", ".png": "Animated PNG"}
MOVING |= {".mp4": "MP4 film"} if has_movies() else {}
KINDS_OF_FILMS: dict[str, Kind] = {".gif": "gif", ".webp": "webp", ".png": "png", ".mp4": "mp4"}
BEAT = 800  # milliseconds of a frame
DRAWN = 0.9  # the fraction of the work on an animation that is done before the file is encoded
COMPUTING = "Computing…"
PAUSE = 250  # milliseconds after a change until the figure is made again
LARGE = 28  # pixels of a line of text from which the labels stand above their fields
PREVIEW = QSize(300, 240)


class FigureDialog(QDialog):
    """Makes the figure again after each change. The picture is copied or saved by its buttons."""

    def __init__(self, parent: QWidget, page: Page, settings: Settings, title: str) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Export figure")
        self.page, self.settings, self.choices = page, settings, saved_choices(settings)
        self.figure: Parts | None = None  # complete
        self.panels = Combo([WHOLE, *(kind.title for kind in page.view.places)])
        self.panels.setCurrentText(title)
        self.form, self.preview, self.words = Form(Choices), QLabel(), ValueLabel("Size of the figure")
        self.copy, self.save, self.close_button = Button("&Copy picture"), Button("&Save…"), Button("Close")
        self.animate, self.progress = Button("Save s&teps as animation…"), Progress()
        self.filming: Filming | None = None
        self.film_path = Path()
        self.encoder = Latest("animation", parent=self)
        self.maker = Maker(page, self)
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setInterval(PAUSE)
        self._lay_out()
        self._connect()
        self._show_choices()
        self.make()

    def _lay_out(self) -> None:
        if self.fontMetrics().height() > LARGE:
            self.form.rows.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        self.preview.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.preview.setMinimumSize(PREVIEW)
        self.preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.preview.setAccessibleName("Preview of the figure")
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        label = QLabel("&Panel")
        label.setBuddy(self.panels)
        choice = QHBoxLayout()
        choice.addWidget(label)
        choice.addWidget(self.panels, 1)
        left, right, both, below = QVBoxLayout(), QVBoxLayout(), QHBoxLayout(), QHBoxLayout()
        left.addLayout(choice)
        left.addWidget(scrolling(self.form), 1)
        right.addWidget(self.preview, 1)
        right.addWidget(self.words)
        right.addWidget(self.progress)
        both.addLayout(left, 4)
        both.addLayout(right, 5)
        below.addStretch(1)
        self.animate.setToolTip(f"A frame for each step from no observation to all. {'' if has_movies() else MISSING}")
        for button in (self.animate, self.copy, self.save, self.close_button):
            button.setAutoDefault(False)
            below.addWidget(button)
        self.save.setDefault(True)
        column = QVBoxLayout(self)
        column.addLayout(both, 1)
        column.addLayout(below)
        room = self.screen().availableGeometry().size()
        self.resize(QSize(940, 560).boundedTo(room * 0.95))

    def _connect(self) -> None:
        self.panels.activated.connect(self._on_panel)
        self.form.changed.connect(self._on_form)
        self.timer.timeout.connect(self.make)
        self.maker.made.connect(self._on_made)
        self.maker.failed.connect(self._on_failed)
        self.copy.clicked.connect(self.copy_picture)
        self.save.clicked.connect(self.save_figure)
        self.close_button.clicked.connect(self.reject)
        self.animate.clicked.connect(self.save_animation)
        self.progress.cancelled.connect(self._on_cancelled)
        self.encoder.delivered.connect(self._on_encoded)
        self.encoder.failed.connect(self._on_not_filmed)

    # The figure

    def make(self) -> None:
        """Make the figure of the chosen panel."""
        self.figure = None
        self._say(COMPUTING)
        try:
            figure = figure_of(self.page, self.panels.currentText(), self.choices.look())
        except ValueError as reason:
            self._say(str(reason))
        else:
            self.maker.make(figure)

    def _on_panel(self) -> None:
        self.make()

    def _on_form(self, choices: Part, _: str, __: object) -> None:
        assert isinstance(choices, Choices)
        self.choices = choices
        self._show_choices()
        self.settings.keep("figure", msgspec.json.encode(choices).decode())
        self.figure = None
        self._say(COMPUTING)
        self.timer.start()

    def _show_choices(self) -> None:
        """Show the choices; the fields of a width of one's own only while it is chosen."""
        self.form.show_part(self.choices)
        self.form.show_rows(SIZE_FIELDS, self.choices.has_own_size)

    def _on_made(self, figure: Parts) -> None:
        if self.timer.isActive():
            return  # the choices have changed since
        self.figure = figure
        width, height = figure.size_mm
        image = image_of(figure, self.choices.scale)
        pixels = f"as PNG {image.width():,} × {image.height():,} pixels"
        self._say(f"{width:.4g} × {height:.4g} mm, {pixels}.")
        self._show_preview()

    def _show_preview(self) -> None:
        if self.figure is None:
            return
        ratio = self.devicePixelRatioF()
        width, height = self.figure.size_mm
        scale = min(self.preview.width() / width, self.preview.height() / height) * 25.4 / 96
        picture = QPixmap.fromImage(image_of(self.figure, scale * ratio))
        picture.setDevicePixelRatio(ratio)
        self.preview.setPixmap(picture)

    def _on_failed(self, failure: Failure) -> None:
        self._say(failure.reason)

    def _say(self, words: str) -> None:
        """Show the size of the figure, or why there is none."""
        self.words.setText(words)
        for button in (self.copy, self.save):
            button.setEnabled(self.figure is not None)
        if self.figure is None:
            self.preview.clear()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._show_preview)

    # Its uses

    def copy_picture(self) -> None:
        """Copy the figure to the clipboard, as an image."""
        if self.figure is not None:
            QGuiApplication.clipboard().setImage(image_of(self.figure, self.choices.scale))
            self.words.setText("The picture is on the clipboard.")

    def save_figure(self) -> None:
        """Open a file dialog, and write the figure in the format of the chosen name."""
        if self.figure is None:
            return
        paths = self.choices.text == "as paths"
        try:
            path = ask_for_path(self, "figure", "Export figure", self.panels.currentText().strip("×∝ "), KINDS)
            if path is None or self.figure is None:
                return
            write_file(path, content_of(self.figure, path.suffix.lower(), scale=self.choices.scale, paths=paths))
        except (OSError, ValueError) as error:
            self.words.setText(str(error))
        else:
            self.words.setText(f"{path.name} was saved.")

    # The animation

    def save_animation(self) -> None:
        """Open a file dialog, and write a figure for each step of the observations as an animation."""
        self._stop_filming()
        title = self.panels.currentText()
        try:
            filming = Filming(self.page, title, self.choices.look(), self)
            path = ask_for_path(self, "animation", "Save steps as animation", title.strip("×∝ "), MOVING)
            if path is None:
                return
            self.film_path = path
        except ValueError as reason:
            self.words.setText(str(reason))
            return
        self.filming = filming
        filming.progressed.connect(self._on_progressed)
        filming.filmed.connect(self._on_filmed)
        filming.failed.connect(self._on_not_filmed)
        self.animate.setEnabled(False)
        self._on_progressed(0.0)
        filming.start()

    def _on_progressed(self, fraction: float) -> None:
        self.progress.tell(f"Drawing {self.film_path.name}", DRAWN * fraction)

    def _on_filmed(self, frames: NDArray[np.uint8]) -> None:
        self.progress.tell(f"Writing {self.film_path.name}", DRAWN)
        self.encoder.submit(partial(_encoded, self.film_path, frames))

    def _on_encoded(self, words: str | None) -> None:
        self._stop_filming()
        if words:
            self.words.setText(words)

    def _on_not_filmed(self, failure: Failure) -> None:
        self._stop_filming()
        self.words.setText(failure.reason)

    def _on_cancelled(self) -> None:
        self._stop_filming()
        if not self.encoder.idle:
            self.encoder.submit(_nothing)
        self.words.setText("The animation was cancelled. No file was written.")

    def _stop_filming(self) -> None:
        self.progress.tell("", None)
        self.animate.setEnabled(True)
        if self.filming is not None:
            self.filming.close()
            self.filming.deleteLater()
            self.filming = None

    def done(self, result: int) -> None:
        """Stop the computation, and close."""
        self.timer.stop()
        self._stop_filming()
        self.encoder.close(wait=False)  # an animation takes seconds, and is not written then
        self.maker.close()
        self.figure = None
        super().done(result)


def _nothing() -> None:
    """Do nothing: the job that replaces a cancelled one."""


def _encoded(path: Path, frames: NDArray[np.uint8]) -> Generator[Pending, None, str]:
    """Write an animation, in the worker thread; return what was done. Raises ValueError, in one sentence."""
    content = animation(frames, KINDS_OF_FILMS[path.suffix.lower()], BEAT)
    yield PENDING  # a cancelled animation is not written
    try:
        write_file(path, content)
    except OSError as error:
        raise ValueError(str(error)) from error
    return f"{path.name} was saved."
