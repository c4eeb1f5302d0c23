"""The panel Truth and data: the true function and the noise from which observations are drawn."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.document import Document
from engine.regression.data.truths import Source
from engine.regression.document import Regression
from gui.forms.forms import Form
from gui.page.commands import Command
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.widgets.controls import Button
from gui.widgets.scrolling import scrolling

NONE_TO_REMOVE = "No observation is used at this step, so none can be removed."


def draw_one(document: Regression) -> Regression:
    """Return the document with one more observation, drawn from the true function."""
    return document.with_drawn_points(1)


def draw_twenty(document: Regression) -> Regression:
    """Return the document with 20 more observations, drawn from the true function."""
    return document.with_drawn_points(20)


def remove_latest(document: Regression) -> Regression:
    """Return the document without its latest used observation. Raises ValueError if no observation is used."""
    if document.latest is None:
        raise ValueError(NONE_TO_REMOVE)
    return document.remove(document.latest)


def clear(document: Regression) -> Regression:
    """Return the document without observations and pins."""
    return document.clear()


DRAW_ONE = Command("Draw one observation", "Observe", edit=draw_one, keys="Ctrl+D", icon="draw_one", brings=False,
                   line=True, tip="Draw x at random, and t from the true function with noise")  # fmt: skip
DRAW_TWENTY = Command("Draw 20 observations", "Observe", edit=draw_twenty, keys="Ctrl+Shift+D", icon="draw_many",
                      brings=False, tip="Draw 20 observations from the true function with noise")  # fmt: skip
REMOVE_LATEST = Command("Remove the latest observation", "Observe", edit=remove_latest, keys="Ctrl+Backspace",
                        brings=False, line=True, tip="Remove the latest observation up to this step")  # fmt: skip
CLEAR = Command("Clear", "Observe", edit=clear, keys="Ctrl+Shift+Backspace", icon="clear", brings=False,
                tip="Remove all observations and pins")  # fmt: skip


class TruthAndData(Panel):
    """The panel Truth and data."""

    title = "Truth and data"
    commands = (DRAW_ONE, DRAW_TWENTY, REMOVE_LATEST, CLEAR)
    role = "truth"
    place = Place(5, "Model", "below", 24, 42, folds=True)
    sentence = (
        "The true function and the noise from which observations are drawn. The model does not know them. Drawn "
        "observations have x from a uniform distribution over the given range."
    )
    equation = r"x\sim\mathcal{U}(x_{\mathrm{from}},x_{\mathrm{to}}),\quad t\sim\mathcal{N}(f(x),\ \sigma^2)"

    def __init__(self) -> None:
        super().__init__()
        self.document = Regression()
        self.source = Form(Source)
        self.one, self.twenty, buttons = Button("Draw 1"), Button("Draw 20"), QWidget()
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        for button, command in ((self.one, DRAW_ONE), (self.twenty, DRAW_TWENTY)):
            button.setAccessibleName(command.text)
            button.setToolTip(command.text)
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolling(self.source, buttons))
        self.source.changed.connect(self._on_source)
        self.one.clicked.connect(self._on_one)
        self.twenty.clicked.connect(self._on_twenty)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Regression)
        self.document = document
        self.source.show_part(document.source)

    def _on_source(self, source: Source, what: str, gesture: object) -> None:
        self.edited.emit(Edit(f"Change {what}", replace(self.document, source=source), gesture))

    def _on_one(self) -> None:
        self.requested.emit(DRAW_ONE)

    def _on_twenty(self) -> None:
        self.requested.emit(DRAW_TWENTY)
