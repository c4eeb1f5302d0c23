"""Overlays: what is laid over the plane, what it means, and the numbers that come with it."""

from __future__ import annotations

import math

from engine.latent.scene import Scene
from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from engine.document import Document
from engine.latent.document import Latent
from engine.latent.plane.kernel_regression import Correlations
from engine.latent.plane.overlays.factor_contours import FactorContours
from engine.latent.plane.overlays.overlay import Finding, Laid, OverlaySettings
from engine.part import Part
from gui.forms.forms import Form
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.shell import theme
from gui.widgets.numbers import shown
from gui.widgets.scrolling import scrolling

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
HEADINGS = ("Factor", "r(z₀)", "r(z₁)", "R²")
WAITING = "It appears on the plane as it is computed, while the plane is on the screen."


class Overlays(Panel):
    """Overlays."""

    title = "Overlays"
    draws = "overlay"
    place = Place(15, "Model and data", "tab", 28, 46)
    sentence = (
        "Lays over the plane where images land against where the prior expects them, how badly they are drawn again, "
        "how fast the picture changes with z, or where pictures that were generated have how much of their factors. "
        "The colours are explained below the plane."
    )
    equation = (
        r"\bar q(\mathbf{z})=\frac1n\sum_{i=1}^{n}q_\phi(\mathbf{z}\mid\mathbf{x}_i),\quad"
        r"\sqrt{\det\mathbf{J}^{\top}\mathbf{J}},\ "
        r"\mathbf{J}=\frac{\partial\boldsymbol{\pi}_\theta}{\partial\mathbf{z}}"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.form, self.digits = Form(OverlaySettings, only=("kind", "opacity")), Form(Latent, only=("show_digits",))
        self.meaning, self.numbers = QLabel(), QLabel()
        self.table = FactorTable()
        for label in (self.meaning, self.numbers):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.numbers.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.numbers.setAccessibleName("Numbers of the overlay")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolling(self.form, self.meaning, self.numbers, self.table, self.digits))
        self.form.changed.connect(self._on_form)
        self.digits.changed.connect(self._on_digits)
        self.table.ticked.connect(self._on_ticked)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        known, self.document = self.document, document
        self.form.show_part(document[OverlaySettings])
        self.digits.show_part(document)
        self.table.show_chosen(document[OverlaySettings].factors)
        if not self.meaning.text() or type(known[OverlaySettings].kind) is not type(document[OverlaySettings].kind):
            self._tell(None)

    def draw(self, scene: Scene) -> None:
        self._tell(scene.pictures.get(self.draws))

    def _tell(self, laid: Laid | None) -> None:
        kind = self.document[OverlaySettings].kind
        current = laid if laid is not None and type(laid.overlay) is type(kind) else None
        waiting = WAITING if kind.quantity or isinstance(kind, FactorContours) else ""
        text = "\n".join(map(told, current.findings)) if current else waiting
        self.meaning.setText((current.lacking if current else "") or kind.meaning)
        self.numbers.setText(text)
        self.numbers.setVisible(bool(text))
        self.table.show_correlations(current.correlations if current else None)

    def _on_form(self, part: Part, what: str, gesture: object) -> None:
        assert isinstance(part, OverlaySettings)
        words = "Change the overlay" if what == "Kind" else f"Change the overlay's {what.lower()}"
        self.edited.emit(Edit(words, replace(self.document, overlay=part), gesture))

    def _on_digits(self, document: Part, what: str, gesture: object) -> None:
        assert isinstance(document, Latent)
        self.edited.emit(Edit(f"Change {what}", document, gesture))

    def _on_ticked(self, factor: int, on: bool) -> None:
        factors = tuple(sorted({*self.document[OverlaySettings].factors, factor} - (set() if on else {factor})))
        overlay = replace(self.document[OverlaySettings], factors=factors)
        self.edited.emit(Edit("Show or hide a factor", replace(self.document, overlay=overlay)))


def told(finding: Finding) -> str:
    """A finding in words: 'KL(q̄‖p) 0.61 ± 0.02 nats'."""
    error = "" if finding.error is None else f" ± {shown(finding.error, 3)}"
    value = f"{finding.value:,.0f}" if not finding.unit else shown(finding.value, 3)
    unit = f"\N{NO-BREAK SPACE}{finding.unit}" if finding.unit else ""
    return f"{finding.name[:1].upper()}{finding.name[1:]}: {value}{error}{unit}"


class FactorTable(QWidget):
    """A row for each factor: a tick and a colour for its contours, and how it goes with the axes."""

    ticked = Signal(int, bool)

    def __init__(self) -> None:
        super().__init__()
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(12)
        self.grid.setVerticalSpacing(3)
        self.boxes: list[QCheckBox] = []
        self.values: list[list[QLabel]] = []
        self.note = QLabel()
        self.note.setWordWrap(True)
        self._chosen: tuple[int, ...] = ()
        for column, heading in enumerate(HEADINGS):
            label = QLabel(heading)
            label.setAlignment(RIGHT if column else Qt.AlignmentFlag.AlignLeft)
            self.grid.addWidget(label, 0, column)
        self.grid.setColumnStretch(0, 1)
        self.hide()

    def show_correlations(self, found: Correlations | None) -> None:
        """Fill in the numbers, or hide it all."""
        self.setVisible(found is not None)
        if found is None:
            return
        if [box.text() for box in self.boxes] != list(found.names):
            self._make_rows(found.names)
        for row, pair, both in zip(self.values, found.pearson, found.determination, strict=True):
            for label, number in zip(row, (*pair, both), strict=True):
                label.setText("–" if math.isnan(number) else f"{number:z.2f}".replace("-", "−"))
        self.note.setText(
            f"r: Pearson's correlation with an axis, over the means of {found.n:,} held-out images. "
            "R²: how much of its variance the best line in both explains."
        )

    def show_chosen(self, factors: tuple[int, ...]) -> None:
        """Tick the factors whose contours are drawn."""
        self._chosen = factors
        for i, box in enumerate(self.boxes):
            box.setChecked(i in factors)

    def _make_rows(self, names: tuple[str, ...]) -> None:
        for widget in (*self.boxes, *(label for row in self.values for label in row)):
            widget.deleteLater()
        self.boxes, self.values = [], []
        for i, name in enumerate(names):
            box, labels = QCheckBox(name), [QLabel() for _ in HEADINGS[1:]]
            box.setIcon(_swatch(theme.CLASSES[i % len(theme.CLASSES)]))
            box.setToolTip(f"Show or hide the contours of {name}")
            box.setProperty("factor", i)
            box.clicked.connect(self._on_clicked)
            self.grid.addWidget(box, i + 1, 0)
            for column, label in enumerate(labels, 1):
                label.setAlignment(RIGHT)
                label.setAccessibleName(f"{HEADINGS[column]}, {name}")
                self.grid.addWidget(label, i + 1, column)
            self.boxes.append(box)
            self.values.append(labels)
        self.grid.addWidget(self.note, len(names) + 1, 0, 1, len(HEADINGS))
        self.show_chosen(self._chosen)

    def _on_clicked(self, on: bool) -> None:
        self.ticked.emit(self.sender().property("factor"), on)


def _swatch(colour: str) -> QIcon:
    """A short thick line, as the contours are."""
    pixmap = QPixmap(32, 32)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.fillRect(2, 12, 28, 8, QColor(colour))
    painter.end()
    return QIcon(pixmap)
