"""Truth and data: where drawn observations come from."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.document import Document
from engine.regression.data.truths import Source
from engine.regression.document import Regression
from gui.forms.forms import Form
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.widgets.scrolling import scrolling


class TruthAndData(Panel):
    """Truth and data."""

    title = "Truth and data"
    role = "truth"
    place = Place(5, "Model", "below", 19, 42)
    sentence = "The truth that observations are drawn from, unknown to the model, and how they scatter about it."
    equation = r"x\sim\mathcal{U}(x_{\mathrm{from}},x_{\mathrm{to}}),\quad t\sim\mathcal{N}(f(x),\ \sigma^2)"

    def __init__(self) -> None:
        super().__init__()
        self.document = Regression()
        self.source = Form(Source)
        self.one, self.twenty, buttons = QPushButton("Draw 1"), QPushButton("Draw 20"), QWidget()
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        for button, what in ((self.one, "Draw a point from the truth"), (self.twenty, "Draw 20 points from the truth")):
            button.setAccessibleName(what)
            button.setToolTip(what)
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
        self.edited.emit(Edit("Draw a point", self.document.draw(1)))

    def _on_twenty(self) -> None:
        self.edited.emit(Edit("Draw 20 points", self.document.draw(20)))
