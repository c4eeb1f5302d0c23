"""Walk: from place to place of the plane, along a path, as a film of what is decoded on the way."""

from __future__ import annotations

from engine.latent.scene import LatentPlace, Scene
from msgspec.structs import replace
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSlider, QVBoxLayout, QWidget

from engine.document import Document
from engine.latent.document import Latent
from engine.latent.plane.walk import Walked, WalkSettings
from engine.plane import Viewport
from gui.forms.form_line import FormLine
from gui.forms.forms import Form
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.images.film import Film
from gui.widgets.elided import Elided
from gui.widgets.numbers import shown
from gui.widgets.progress import Progress
from gui.widgets.scrolling import scrolling

TICK = 80  # milliseconds a frame
SIDE = 48  # pixels of a frame
OPTIONS = ("path", "spacing", "frames")
EMPTY = (
    "A walk goes from waypoint to waypoint. Tick “Click in the plane: add a waypoint” and click there; under "
    "“Waypoints”, take the pins, or let it start and end where images are encoded."
)
NOWHERE = "There is no walk yet: it needs two waypoints. Tick “Click in the plane: add a waypoint” and click there."


class Walk(Panel):
    """Walk."""

    title = "Walk"
    role = "hovered"
    draws = "walk"
    place = Place(7, "Samples", "tab", 50, 54)
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
        self.film = Film("Frames of the walk", EMPTY, side=SIDE)
        self.by_click, self.form = Form(WalkSettings, only=("by_click",)), FormLine(WalkSettings, only=OPTIONS)
        self.slider, self.words, self.progress = QSlider(Qt.Orientation.Horizontal), Elided("Frame"), Progress()
        self.play = QPushButton("Play")
        self._connect()
        self._build()
        self._show_frame()

    def _connect(self) -> None:
        self.play.setToolTip("Show the frames one after the other, or stop")
        self.play.clicked.connect(self._on_play)
        self.slider.setAccessibleName("Frame of the walk")
        self.slider.valueChanged.connect(self._on_slid)
        self.film.chosen.connect(self._on_chosen)
        self.progress.cancelled.connect(self._on_cancelled)
        for form in (self.by_click, self.form):
            form.changed.connect(self._on_changed)
        self.of_pins = self._action("From the pins", self._on_pins)
        self.starts = self._action("Start where the image is encoded", self._on_starts)
        self.ends = self._action("End where the image is encoded", self._on_ends)
        self.clear = self._action("Remove all", self._on_clear)
        self.strip = self._action("As a strip…", self._on_asked, "export_walk_strip")
        self.moving = self._action("As an animation…", self._on_asked, "export_walk_animation")

    def _action(self, text: str, slot: object, verb: str = "") -> QAction:
        action = QAction(text, self)
        action.setProperty("verb", verb)
        action.triggered.connect(slot)
        return action

    def _build(self) -> None:
        self.frames = scrolling(self.film)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(4)
        column.addLayout(
            _row(
                (self.by_click, 1),
                (_menu("Waypoints", self.of_pins, self.starts, self.ends, self.clear), 0),
                (_menu("Save", self.strip, self.moving), 0),
            )
        )
        column.addLayout(_row((self.form, 1)))
        column.addWidget(self.frames, 1)
        column.addLayout(_row((self.progress, 1)))
        column.addLayout(_row((self.play, 0), (self.slider, 3), (self.words, 1)))

    def choices(self) -> list[QAction]:
        return [self.of_pins, self.starts, self.ends, self.clear, self.strip, self.moving]

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self.by_click.show_part(document[WalkSettings])
        self.form.show_part(document[WalkSettings])
        self.of_pins.setEnabled(len(document.pins) > 1)
        self.clear.setEnabled(bool(document[WalkSettings].waypoints))
        self._enable()

    def _enable(self) -> None:
        subject = self.walked is not None and self.walked.subject is not None
        self.starts.setEnabled(subject)
        self.ends.setEnabled(subject and bool(self.document[WalkSettings].waypoints))
        for one in (self.play, self.slider, self.strip, self.moving):
            one.setEnabled(self.length > 1)

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
            self.caption_changed.emit("")
        else:
            self.caption_changed.emit(in_words(self.walked))
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
        self.viewport_changed.emit(self.draws, Viewport(0, 1, 0, 1) if seen else None)
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

    def _on_changed(self, walk: WalkSettings, what: str, gesture: object) -> None:
        self._edit(f"Change {what}", walk, gesture)

    def _edit(self, text: str, walk: WalkSettings, gesture: object = None) -> None:
        self.edited.emit(Edit(text, self.document.with_setting(walk), gesture))

    def _on_pins(self) -> None:
        self.take_pins()

    def take_pins(self) -> None:
        """Walk from pin to pin."""
        if len(self.document.pins) < 2:
            self.refused.emit("There are no two pins to walk between: click in the plane to pin pictures.")
            return
        try:
            self._edit("Walk from pin to pin", self.document[WalkSettings].through(*self.document.pins))
        except ValueError as refusal:
            self.refused.emit(str(refusal))

    def take_clicks(self) -> None:
        """Let clicks in the plane add waypoints, or pins again."""
        walk = self.document[WalkSettings]
        self._edit("Change what a click adds", replace(walk, by_click=not walk.by_click))

    def _on_clear(self) -> None:
        self._edit("Remove all waypoints", self.document[WalkSettings].through())

    def _on_starts(self) -> None:
        assert self.walked is not None and self.walked.subject is not None
        self._edit("Start the walk at the image", self.document[WalkSettings].starting(self.walked.subject))

    def _on_ends(self) -> None:
        assert self.walked is not None and self.walked.subject is not None
        self._edit("End the walk at the image", self.document[WalkSettings].ending(self.walked.subject))


def in_words(walked: Walked) -> str:
    """How long the walk is, and how long it would be on other paths."""
    found = walked.lengths
    return (
        f"{shown(found.seen, 3)} in pictures (straight {shown(found.straight, 3)}, "
        f"spherical {shown(found.spherical, 3)}), {shown(found.in_z, 3)} in z"
    )


def _menu(text: str, *actions: QAction) -> QPushButton:
    """A button that opens a menu."""
    button = QPushButton(text)
    menu = QMenu(button)
    menu.addActions(actions)
    button.setMenu(menu)
    return button


def _row(*widgets: tuple[QWidget, int]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(10, 0, 10, 0)
    row.setSpacing(8)
    for widget, share in widgets:
        row.addWidget(widget, share)
    return row
