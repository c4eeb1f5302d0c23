"""Walk: from place to place of the plane, along a path, as a film of what is decoded on the way."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QSlider, QVBoxLayout, QWidget

from engine.document import Document
from engine.latent.document import Latent
from engine.latent.scene import LatentPlace, Scene
from engine.latent.walk import Walk as Route
from engine.latent.walk import Walked
from engine.plane import Viewport
from gui.page.forms import Form
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.film import Film
from gui.shell.elided import Elided
from gui.shell.numbers import shown
from gui.shell.progress import Progress
from gui.shell.scrolling import scrolling

TICK = 80  # milliseconds a frame
OPTIONS = ("by_click", "path", "spacing", "frames")
EMPTY = (
    "A walk goes from waypoint to waypoint. Tick “Click in the plane: add a waypoint” and click there, take the "
    "pins, or let it start and end at encoded images."
)
NOWHERE = "There is no walk yet: it needs two waypoints. Tick “Click in the plane: add a waypoint” and click there."


class Walk(Panel):
    """Walk."""

    title = "Walk"
    role = "hovered"
    draws = "walk"
    place = Place(8, "Samples", "tab", 50, 54)
    sentence = (
        "What is decoded on a path through the plane. Under the decoder's metric a small step is as long as the change "
        "it makes to the decoded picture; the shortest path changes it least. Lengths in pictures are of pixel values "
        "from 0 to 1, all changes added up."
    )
    equation = (
        r"\mathrm{length}=\int\sqrt{\dot{\mathbf{z}}^{\top}\mathbf{G}(\mathbf{z})\,\dot{\mathbf{z}}}\;dt,\quad"
        r"\mathbf{G}(\mathbf{z})=\mathbf{J}^{\top}\mathbf{J},\quad"
        r"\mathbf{J}=\frac{\partial\boldsymbol{\pi}_\theta(\mathbf{z})}{\partial\mathbf{z}}"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.walked: Walked | None = None
        self.frame = 0
        self.timer = QTimer(self)
        self.timer.setInterval(TICK)
        self.timer.timeout.connect(self._on_tick)
        self.film, self.form = Film("Frames of the walk", EMPTY), Form(Route, only=OPTIONS)
        self.slider, self.words, self.progress = QSlider(Qt.Orientation.Horizontal), Elided("Frame"), Progress()
        self.play = self._button("Play", "Show the frames one after the other, or stop", self._on_play)
        self.form.changed.connect(self._on_changed)
        self.film.chosen.connect(self._on_chosen)
        self.progress.cancelled.connect(self._on_cancelled)
        self.slider.setAccessibleName("Frame of the walk")
        self.slider.valueChanged.connect(self._on_slid)
        self._build()
        self._show_frame()

    def _build(self) -> None:
        self.frames = scrolling(self.film)
        side = scrolling(self.form, self._buttons())
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.frames, 1)
        row.addWidget(side, 1)
        below = QHBoxLayout()
        below.setContentsMargins(10, 2, 10, 6)
        below.addWidget(self.play)
        below.addWidget(self.slider, 3)
        below.addWidget(self.words, 2)
        below.addWidget(self.progress, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row, 1)
        column.addLayout(below)

    def _buttons(self) -> QWidget:
        self.of_pins = self._button("From the pins", "Make the pinned places the waypoints", self._on_pins)
        self.clear = self._button("Clear", "Remove all waypoints", self._on_clear)
        self.starts = self._button("Start at image", "Start where the chosen image is encoded", self._on_starts)
        self.ends = self._button("End at image", "End where the chosen image is encoded", self._on_ends)
        self.strip = self._button("Strip…", "Save all frames side by side, as PNG or SVG", self._on_asked)
        self.moving = self._button("Animation…", "Save them as animated GIF, PNG or WebP", self._on_asked)
        self.strip.setProperty("verb", "export_walk_strip")
        self.moving.setProperty("verb", "export_walk_animation")
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        both = (self.of_pins, self.clear, self.starts, self.ends, self.strip, self.moving)
        for i, button in enumerate(both):
            grid.addWidget(button, *divmod(i, 2))
        return holder

    def _button(self, text: str, tip: str, slot: object) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.clicked.connect(slot)
        return button

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self.form.show_part(document.walk)
        self.of_pins.setEnabled(len(document.pins) > 1)
        self.clear.setEnabled(bool(document.walk.waypoints))
        self._enable()

    def _enable(self) -> None:
        subject = self.walked is not None and self.walked.subject is not None
        self.starts.setEnabled(subject)
        self.ends.setEnabled(subject and bool(self.document.walk.waypoints))
        for widget in (self.play, self.slider, self.strip, self.moving):
            widget.setEnabled(self.length > 1)

    @property
    def length(self) -> int:
        """How many frames there are."""
        return len(self.walked.ink) if self.walked else 0

    def draw(self, scene: Scene) -> None:
        self.walked = scene.pictures[self.draws]
        assert self.walked is not None
        self.film.show_ink(self.walked.ink)
        self._enable()
        if not self.length:
            self.halt()
            self.captioned.emit("")
        else:
            self.captioned.emit(in_words(self.walked))
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, self.length - 1))
        self.slider.blockSignals(False)
        self._show_frame()

    def _show_frame(self) -> None:
        self.frame = min(self.frame, max(0, self.length - 1))
        self.film.show_current(self.frame)
        self.slider.blockSignals(True)
        self.slider.setValue(self.frame)
        self.slider.blockSignals(False)
        self.words.say(f"frame {self.frame + 1} of {self.length}" if self.length else "")

    def _go_to(self, frame: int) -> None:
        """Make a frame the present one, which is ringed on the plane and decoded large."""
        if self.walked is None or not self.length:
            return
        self.frame = frame % self.length
        self._show_frame()
        square = self.film.square(self.frame)
        self.frames.ensureVisible(square.center().x(), square.center().y(), 0, square.height())
        across, up = self.walked.places[self.frame]
        self.probed.emit(LatentPlace(float(across), float(up)))

    def appear(self, seen: bool) -> None:
        self.framed.emit(self.draws, Viewport(0, 1, 0, 1) if seen else None)
        if not seen:
            self.halt()

    def halt(self) -> None:
        """Play no more."""
        self.timer.stop()
        self.play.setText("Play")

    def _on_play(self) -> None:
        self.play_or_halt()

    def play_or_halt(self) -> None:
        """Walk on from the present frame, or stand still."""
        if self.timer.isActive():
            self.halt()
        elif not self.length:
            self.refused.emit(NOWHERE)
        else:
            self.timer.start()
            self.play.setText("Pause")

    def _on_tick(self) -> None:
        self._go_to(self.frame + 1)

    def _on_slid(self, frame: int) -> None:
        self._go_to(frame)

    def _on_chosen(self, frame: int) -> None:
        self.halt()
        self._go_to(frame)

    def _on_asked(self) -> None:
        self.asked.emit(self.sender().property("verb"))

    def _on_cancelled(self) -> None:
        self.asked.emit("cancel_export")

    def _on_changed(self, walk: Route, what: str, gesture: object) -> None:
        self._edit(f"Change {what}", walk, gesture)

    def _edit(self, text: str, walk: Route, gesture: object = None) -> None:
        self.edited.emit(Edit(text, self.document.with_walk(walk), gesture))

    def _on_pins(self) -> None:
        self.take_pins()

    def take_pins(self) -> None:
        """Walk from pin to pin."""
        if len(self.document.pins) < 2:
            self.refused.emit("There are no two pins to walk between: click in the plane to pin pictures.")
            return
        try:
            self._edit("Walk from pin to pin", self.document.walk.through(*self.document.pins))
        except ValueError as refusal:
            self.refused.emit(str(refusal))

    def take_clicks(self) -> None:
        """Let clicks in the plane add waypoints, or pins again."""
        walk = self.document.walk
        self._edit("Change what a click adds", replace(walk, by_click=not walk.by_click))

    def _on_clear(self) -> None:
        self._edit("Remove all waypoints", self.document.walk.through())

    def _on_starts(self) -> None:
        assert self.walked is not None and self.walked.subject is not None
        self._edit("Start the walk at the image", self.document.walk.starting(self.walked.subject))

    def _on_ends(self) -> None:
        assert self.walked is not None and self.walked.subject is not None
        self._edit("End the walk at the image", self.document.walk.ending(self.walked.subject))


def in_words(walked: Walked) -> str:
    """How long the walk is, and how long the same would be on other paths."""
    found = walked.lengths
    return (
        f"length {shown(found.in_z, 3)} in z, {shown(found.seen, 3)} in pictures "
        f"(straight {shown(found.straight, 3)}, spherical {shown(found.spherical, 3)})"
    )
