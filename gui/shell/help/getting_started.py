"""The box Getting started: three steps, each with a button that does it in the window behind."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from gui.widgets.bold import embolden
from gui.widgets.controls import Button
from gui.widgets.scrolling import scrolling

# (title, text, text of the button, text of the command that the button runs)
STEPS = (
    (
        "1. Make an observation",
        "Click in Data space, or press Ctrl+D. Prior × likelihood becomes the posterior, and the line moves to the "
        "observation. Drag the point: all plots follow.",
        "Draw an observation",
        "Draw one observation",
    ),
    (
        "2. Step through the observations",
        "Space steps forward and Shift+Space steps back. Each step shows what one observation adds. The lecture in "
        "the menu Lecture has prepared steps.",
        "Step back",
        "Back",
    ),
    (
        "3. See the same rule over images",
        "On the page Latent space the unknowns are two latents, and the data are images. Select an image in the panel "
        "Gallery; the page Exact posterior shows its posterior.",
        "Show Latent space",
        "Latent space",
    ),
)


class GettingStarted(QDialog):
    """Shows the steps. The window behind stays usable, so that each step can be tried."""

    def __init__(self, parent: QWidget, run: Callable[[str], None]) -> None:
        super().__init__(parent)
        self.setWindowTitle("Getting started")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.buttons: list[Button] = []
        parts: list[QWidget] = []
        for title, text, name, command in STEPS:
            heading, words, button = QLabel(title), QLabel(text), Button(name)
            embolden(heading)
            words.setWordWrap(True)
            words.setTextFormat(Qt.TextFormat.PlainText)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, command=command: run(command))
            self.buttons.append(button)
            parts += [heading, words, button]
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(scrolling(*parts))
        column.addWidget(close)
        metrics = self.fontMetrics()
        size = QSize(60 * metrics.averageCharWidth(), 32 * metrics.height())
        self.resize(size.boundedTo(parent.size() * 0.9))
        self.buttons[0].setFocus()
