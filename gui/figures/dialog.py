"""The dialog “Export figure”: the look of a figure with its preview, and the ways to use it."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QRect, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QPixmap, QResizeEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.part import Part
from gui.figures.figure import Figure
from gui.figures.files import KINDS, chosen_path, content_of, filters, image_of
from gui.figures.look import Choices, Look, saved_choices
from gui.figures.maker import Maker, Parts
from gui.figures.page_figure import PageFigure
from gui.forms.forms import Form
from gui.page.jobs import Failure
from gui.page.page import Page
from gui.page.panel import Panel
from gui.shell.export import write_file
from gui.shell.settings import Settings
from gui.widgets.controls import Button, Combo
from gui.widgets.scrolling import scrolling
from gui.widgets.value_label import ValueLabel

WHOLE = "Whole page"
COMPUTING = "Computing…"
PAUSE = 250  # milliseconds after a change until the figure is made again
PREVIEW = QSize(420, 360)


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
        self.maker = Maker(page, self)
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setInterval(PAUSE)
        self._lay_out()
        self._connect()
        self.form.show_part(self.choices)
        self.make()

    def _lay_out(self) -> None:
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
        both.addLayout(left, 2)
        both.addLayout(right, 3)
        below.addStretch(1)
        for button in (self.copy, self.save, self.close_button):
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
        self.form.show_part(choices)
        self.settings.keep("figure", msgspec.json.encode(choices).decode())
        self.figure = None
        self._say(COMPUTING)
        self.timer.start()

    def _on_made(self, figure: Parts) -> None:
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
        title = self.panels.currentText().strip("×∝ ")
        name, kind = QFileDialog.getSaveFileName(self, "Export figure", f"{title}.png", filters(KINDS))
        if name:
            self._write(name, kind)

    def _write(self, name: str, kind: str) -> None:
        assert self.figure is not None
        paths = self.choices.text == "as paths"
        try:
            path = chosen_path(name, kind, KINDS)
            write_file(path, content_of(self.figure, path.suffix.lower(), scale=self.choices.scale, paths=paths))
        except (OSError, ValueError) as error:
            self.words.setText(str(error))
        else:
            self.words.setText(f"{path.name} was saved.")

    def done(self, result: int) -> None:
        """Stop the computation, and close."""
        self.timer.stop()
        self.maker.close()
        self.figure = None
        super().done(result)


def figure_of(page: Page, title: str, look: Look) -> Parts:
    """Return the figure of a panel of a page, or of the whole page, without its values.

    Raises ValueError, in one sentence, if the page has nothing to show.
    """
    view = page.view
    document = page.store.document
    if title == WHOLE:
        return PageFigure(_on_screen(page), document, look)
    kind = next(kind for kind in view.kinds if kind.title == title)
    like = view.panels.get(title)
    return Figure(kind, document, look, like)


def _on_screen(page: Page) -> list[tuple[Panel, QRect]]:
    """The visible panels of a page and their rectangles."""
    view = page.view
    titles = [title for title in view.panels if title in view.seen_titles and not view.docks[title].isFloating()]
    return [(view.panels[title], view.docks[title].geometry()) for title in titles]
