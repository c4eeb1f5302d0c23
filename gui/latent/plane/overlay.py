"""The panel Overlay: the quantity shown over the latent plane, its meaning, and its numerical summary."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from engine.derived import Derived, Scene
from engine.document import Document
from engine.latent.datasets.faces import Faces
from engine.latent.document import Latent
from engine.latent.plane.kernel_regression import Correlations
from engine.latent.plane.overlays.overlay import (
    OVERLAYS,
    Finding,
    Laid,
    Nothing,
    Overlay,
    OverlaySettings,
    overlay,
    with_overlay,
)
from engine.latent.plane.plane import PlaneSettings
from engine.latent.training.models import shipped_with
from engine.part import Part
from engine.plane import Viewport
from gui.forms.forms import Form
from gui.latent.training.models import OPEN_SHIPPED
from gui.page.commands import choices
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.shell import theme
from gui.widgets.controls import Button, CheckBox
from gui.widgets.numbers import shown
from gui.widgets.plain_tip import plain_tip
from gui.widgets.scrolling import scrolling
from gui.widgets.value_label import ValueLabel

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
HEADINGS = ("Factor", "r(z₀)", "r(z₁)", "R²")
OPEN_FACES = OPEN_SHIPPED[shipped_with(lambda card: isinstance(card.recipe.data, Faces))]
WAITING = "Computing… The overlay appears in the panel The plane, as long as that panel is visible."


def overlay_of(document: Latent) -> Overlay:
    """Return the chosen overlay."""
    return document[OverlaySettings].kind


class OverlayPanel(Panel):
    """The panel Overlay."""

    title = "Overlay"
    shows = (overlay,)
    commands = tuple(
        dataclasses.replace(command, brings=False)
        for command in choices(OVERLAYS, "View/Overlay", with_overlay, chosen=overlay_of)
    )
    place = Place(17, "Encoded image", "tab", 28, 46)
    sentence = (
        "A quantity shown over the latent plane: the aggregate posterior against the prior, the reconstruction error, "
        "the decoder sensitivity, or the factors of generated faces. The colour bar is below the plane."
    )
    equation = (
        r"\bar q(\mathbf{z})=\frac1n\sum_{i=1}^{n}q_\phi(\mathbf{z}\mid\mathbf{x}_i),\quad"
        r"\sqrt{\det\mathbf{J}^{\top}\mathbf{J}},\ "
        r"\mathbf{J}=\frac{\partial\boldsymbol{\pi}_\theta}{\partial\mathbf{z}}"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.form = Form(OverlaySettings, only=("kind", "opacity"))
        self.test_images = Form(PlaneSettings, only=("show_test_images", "show_labels"))
        self.meaning, self.numbers = QLabel(), ValueLabel("Numbers of the overlay")
        self.table, self.faces = FactorTable(), Button("Open the shipped model of faces")
        self.faces.setToolTip("Its images are generated from known factors")
        self.faces.clicked.connect(self._on_faces)
        self.faces.hide()
        for label in (self.meaning, self.numbers):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.numbers.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolling(self.form, self.meaning, self.faces, self.numbers, self.table, self.test_images))
        self.form.changed.connect(self._on_form)
        self.test_images.changed.connect(self._on_test_images)
        self.table.ticked.connect(self._on_ticked)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        before, self.document = self.document, document
        self.form.show_part(document[OverlaySettings])
        self.test_images.show_part(document[PlaneSettings])
        self.table.show_chosen(document[OverlaySettings].factors)
        self.table.show_axes(document.slice.names)
        if not self.meaning.text() or type(before[OverlaySettings].kind) is not type(document[OverlaySettings].kind):
            self._write(None)

    def viewport_of(self, key: Derived[Any]) -> Viewport | None:
        """Return None: the viewport of the overlay is that of the panel The plane."""
        return None

    def draw(self, scene: Scene) -> None:
        self._write(scene.get(overlay))

    def _write(self, laid: Laid | None) -> None:
        """Write the meaning and the numbers of the overlay, or why the numbers are not ready."""
        kind = self.document[OverlaySettings].kind
        current = laid if laid is not None and type(laid.overlay) is type(kind) else None
        waiting = "" if isinstance(kind, Nothing) else WAITING
        text = "\n".join(map(in_words, current.findings)) if current else waiting
        self.meaning.setText((current.unavailable if current else "") or kind.meaning)
        self.faces.setVisible(current is not None and bool(current.unavailable))
        self.numbers.setText(text)
        self.numbers.setVisible(bool(text))
        self.table.show_correlations(current.correlations if current else None)

    def _on_faces(self) -> None:
        self.requested.emit(OPEN_FACES)

    def _on_form(self, part: Part, what: str, gesture: object) -> None:
        assert isinstance(part, OverlaySettings)
        words = "Change the overlay" if what == "Kind" else f"Change the overlay's {what.lower()}"
        self.edited.emit(Edit(words, self.document.with_setting(part), gesture))

    def _on_test_images(self, part: Part, what: str, gesture: object) -> None:
        assert isinstance(part, PlaneSettings)
        self.edited.emit(Edit(what, self.document.with_setting(part), gesture))

    def _on_ticked(self, factor: int, on: bool) -> None:
        factors = tuple(sorted({*self.document[OverlaySettings].factors, factor} - (set() if on else {factor})))
        chosen = replace(self.document[OverlaySettings], factors=factors)
        self.edited.emit(Edit("Show or hide a factor", self.document.with_setting(chosen)))


def in_words(finding: Finding) -> str:
    """Return a finding as text, for example 'KL(q̄‖p): 0.61 ± 0.02 nats'."""
    error = "" if finding.error is None else f" ± {shown(finding.error, 3)}"
    value = f"{finding.value:,.0f}" if not finding.unit else shown(finding.value, 3)
    unit = f"\N{NO-BREAK SPACE}{finding.unit}" if finding.unit else ""
    return f"{finding.name[:1].upper()}{finding.name[1:]}: {value}{error}{unit}"


class FactorTable(QWidget):
    """A table with one row for each factor: a check box and a colour for its contours, and its correlations."""

    ticked = Signal(int, bool)

    def __init__(self) -> None:
        super().__init__()
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(12)
        self.grid.setVerticalSpacing(3)
        self.boxes: list[CheckBox] = []
        self.values: list[list[ValueLabel]] = []
        self.note = QLabel()
        self.note.setWordWrap(True)
        self._chosen: tuple[int, ...] = ()
        self.headings = [QLabel(heading) for heading in HEADINGS]
        for column, label in enumerate(self.headings):
            label.setAlignment(RIGHT if column else Qt.AlignmentFlag.AlignLeft)
            self.grid.addWidget(label, 0, column)
        self.grid.setColumnStretch(0, 1)
        self.hide()

    def show_correlations(self, correlations: Correlations | None) -> None:
        """Show the correlations of each factor with z₀ and z₁, and R²; hide the table for None."""
        self.setVisible(correlations is not None)
        if correlations is None:
            return
        if [box.text() for box in self.boxes] != list(correlations.names):
            self._make_rows(correlations.names)
        for row, pair, both in zip(self.values, correlations.pearson, correlations.determination, strict=True):
            for label, number in zip(row, (*pair, both), strict=True):
                label.setText("–" if math.isnan(number) else f"{number:z.2f}".replace("-", "−"))
        self.note.setText(
            f"r: Pearson correlation with an axis, over the encoder means of {correlations.n:,} test images. "
            "R²: fraction of the variance that a linear function of both axes explains."
        )

    def show_axes(self, names: tuple[str, str]) -> None:
        """Name the two coordinates of the plane."""
        for label, name in zip(self.headings[1:3], names, strict=True):
            label.setText(f"r({name})")

    def show_chosen(self, factors: tuple[int, ...]) -> None:
        """Check the boxes of the factors whose contours are drawn."""
        self._chosen = factors
        for i, box in enumerate(self.boxes):
            box.setChecked(i in factors)

    def _make_rows(self, names: tuple[str, ...]) -> None:
        for widget in (*self.boxes, *(label for row in self.values for label in row)):
            widget.deleteLater()
        self.boxes, self.values = [], []
        for i, name in enumerate(names):
            box, labels = CheckBox(name), [ValueLabel(f"{heading}, {name}") for heading in HEADINGS[1:]]
            box.setIcon(_swatch(theme.classes()[i % len(theme.CLASSES)]))
            box.setToolTip(plain_tip(f"Show or hide the contours of {name}"))
            box.setProperty("factor", i)
            box.clicked.connect(self._on_clicked)
            self.grid.addWidget(box, i + 1, 0)
            for column, label in enumerate(labels, 1):
                label.setAlignment(RIGHT)
                self.grid.addWidget(label, i + 1, column)
            self.boxes.append(box)
            self.values.append(labels)
        self.grid.addWidget(self.note, len(names) + 1, 0, 1, len(HEADINGS))
        self.show_chosen(self._chosen)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            for i, box in enumerate(self.boxes):
                box.setIcon(_swatch(theme.classes()[i % len(theme.CLASSES)]))

    def _on_clicked(self, on: bool) -> None:
        self.ticked.emit(self.sender().property("factor"), on)


def _swatch(colour: str) -> QIcon:
    """Return an icon with a short thick line in the colour of the contours."""
    pixmap = QPixmap(32, 32)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.fillRect(2, 12, 28, 8, QColor(colour))
    painter.end()
    return QIcon(pixmap)
