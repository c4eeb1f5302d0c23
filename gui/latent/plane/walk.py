"""The panel Walk: the images decoded on a path through the latent plane, from waypoint to waypoint."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from engine.derived import Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.model import Pixels8
from engine.latent.plane.walk import Walked, WalkSettings, toggle_clicks, walk_through_pins, walked
from engine.latent.probes import LatentPlace
from gui.forms.form_line import FormLine
from gui.forms.forms import Form
from gui.latent.plane.export_requests import CancelExport, Moving, Strip
from gui.page.commands import Command
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.images.film import Film
from gui.widgets import motion
from gui.widgets.controls import Button, Slider
from gui.widgets.elided import Elided
from gui.widgets.notice import Notice
from gui.widgets.numbers import shown
from gui.widgets.progress import Progress
from gui.widgets.rows.flow import flowing
from gui.widgets.rows.stacking import Stacking, stacked
from gui.widgets.scrolling import scrolling

TICK = 80  # milliseconds that a frame is shown
SIDE = 48  # pixels on a side of a frame
OPTIONS = ("path", "spacing", "frames")
EMPTY = (
    "No path yet. Tick the box above, then click, or press Enter, at two places in the plane. "
    "Or choose “From the pins” under “Waypoints”."
)
NOWHERE = "No path yet: a path needs two waypoints. Add them in the panel Walk."
MENU = "View/Walk"


def adds_waypoints(document: Latent) -> bool:
    """Return whether a click in the plane adds a waypoint instead of a pin."""
    return document[WalkSettings].by_click


BY_CLICK = Command("Add waypoints by clicking", MENU, edit=toggle_clicks, checked=adds_waypoints,
                   tip="A click in the plane adds a waypoint instead of a pin")  # fmt: skip


def walk_around(document: Latent) -> Latent:
    """Return the document with a walk around the middle of the prior, through one latent of each quadrant."""
    corners = ((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0))
    return document.with_setting(document[WalkSettings].through(*corners))


AROUND = Command("Walk around the middle", MENU, edit=walk_around, tip="A closed path, one σ from the middle")
FROM_PINS = Command("Walk from pin to pin", MENU, edit=walk_through_pins, tip="Use the pins as waypoints")


class Walk(Panel):
    """The panel Walk."""

    title = "Walk"
    role = "hovered"
    shows = (walked,)
    place = Place(8, "Samples", "tab", 50, 54)
    sentence = (
        "The images decoded on a path through the latent plane. Under the decoder's metric, the length of a small step "
        "is the change of the decoded image, so the shortest path changes the image least. Lengths in images are "
        "sums of changes of pixel values between 0 and 1."
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
        self.film = Film("Frames of the walk", "", side=SIDE)
        self.by_click, self.form = Form(WalkSettings, only=("by_click",)), FormLine(WalkSettings, only=OPTIONS)
        self.slider, self.words, self.progress = Slider(), Elided("Frame"), Progress()
        self.play = Button("Play")
        self._connect()
        self._build()
        self._show_frame()

    def _connect(self) -> None:
        self.play.setToolTip("Play or pause the interpolation")
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
        self.strip = self._action("As a strip…", self._on_strip)
        self.moving = self._action("As an animation…", self._on_moving)

    def _action(self, text: str, slot: object) -> QAction:
        action = QAction(text, self)
        action.triggered.connect(slot)
        return action

    def _build(self) -> None:
        self.frames = scrolling(self.film)
        waypoints = _menu("Waypoints", self.of_pins, self.starts, self.ends, self.clear)
        first = flowing(self.by_click, waypoints, _menu("Save", self.strip, self.moving), gap=8, margins=(10, 0, 10, 0))
        second = flowing(self.form, margins=(10, 0, 10, 0))
        playing = QWidget()
        playing.setLayout(_row((self.play, 0), (self.slider, 3), (self.words, 1)))
        frames = stacked(self.frames, self.progress, playing)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.addWidget(Stacking(("Choices", stacked(first, second), 0), ("Frames", frames, 1), front=1))
        self.notice = Notice(self.frames)
        self.notice.offer(EMPTY, "Walk around the middle", AROUND)
        self.notice.asked.connect(self.requested)
        self.notice.say(EMPTY)

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
        has_image = self.walked is not None and self.walked.encoded_at is not None
        self.starts.setEnabled(has_image)
        self.ends.setEnabled(has_image and bool(self.document[WalkSettings].waypoints))
        for control in (self.play, self.slider, self.strip, self.moving):
            control.setEnabled(self.length > 1)

    @property
    def length(self) -> int:
        """The number of frames."""
        return len(self.walked.ink) if self.walked else 0

    def draw(self, scene: Scene) -> None:
        self.walked = scene.get(walked)
        if self.walked is None:
            return
        self.film.show_ink(self.walked.ink)
        self._enable()
        self.notice.say("" if self.length else EMPTY)
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
        """Make `frame` the current one: it is ringed in the plane and decoded large."""
        if self.walked is None or not self.length:
            return
        self.frame = frame % self.length
        self._show_frame()
        square = self.film.square(self.frame)
        self.frames.ensureVisible(square.center().x(), square.center().y(), 0, square.height())
        across, up = self.walked.places[self.frame]
        self.probed.emit(LatentPlace(float(across), float(up)))

    def appear(self, seen: bool) -> None:
        super().appear(seen)
        if not seen:
            self.halt()

    def halt(self) -> None:
        """Stop playing."""
        self.timer.stop()
        self.play.setText("Play")

    def _on_play(self) -> None:
        self.requested.emit(PLAY)

    def play_or_halt(self) -> None:
        """Play the frames from the current one on, or pause. Raises ValueError if the walk has no frames."""
        if self.timer.isActive():
            self.halt()
        else:
            self._frames()
            if motion.is_reduced():
                self._go_to(self.length - 1)
                return
            self.timer.start()
            self.play.setText("Pause")

    def _on_tick(self) -> None:
        self._go_to(self.frame + 1)

    def _on_slid(self, frame: int) -> None:
        self._go_to(frame)

    def _on_chosen(self, frame: int) -> None:
        self.halt()
        self._go_to(frame)

    def _frames(self) -> Pixels8:
        """Return the frames as they are shown. Raises ValueError if there are none."""
        if self.walked is None or not self.length:
            raise ValueError(NOWHERE)
        return self.walked.ink

    def export_strip(self) -> None:
        """Save the frames side by side in a file."""
        self.requested.emit(Strip(self._frames(), "walk"))

    def export_animation(self) -> None:
        """Save the frames as an animation."""
        self.requested.emit(Moving(self._frames(), TICK, "walk"))

    def _on_strip(self) -> None:
        self.requested.emit(STRIP)

    def _on_moving(self) -> None:
        self.requested.emit(ANIMATION)

    def _on_cancelled(self) -> None:
        self.requested.emit(CancelExport())

    def _on_changed(self, walk: WalkSettings, what: str, gesture: object) -> None:
        self._edit(f"Change {what}", walk, gesture)

    def _edit(self, text: str, walk: WalkSettings, gesture: object = None) -> None:
        self.edited.emit(Edit(text, self.document.with_setting(walk), gesture))

    def _on_pins(self) -> None:
        self.requested.emit(FROM_PINS)

    def _on_clear(self) -> None:
        self._edit("Remove all waypoints", self.document[WalkSettings].through())

    def _on_starts(self) -> None:
        assert self.walked is not None and self.walked.encoded_at is not None
        self._edit("Start the walk at the image", self.document[WalkSettings].starting(self.walked.encoded_at))

    def _on_ends(self) -> None:
        assert self.walked is not None and self.walked.encoded_at is not None
        self._edit("End the walk at the image", self.document[WalkSettings].ending(self.walked.encoded_at))


PLAY = Command("Play or pause the walk", MENU, run=Walk.play_or_halt, tip="Play or pause the interpolation")
STRIP = Command("Walk as a strip…", "File/Export", run=Walk.export_strip, line=True,
                tip="Save the frames as PNG or SVG")  # fmt: skip
ANIMATION = Command("Walk as an animation…", "File/Export", run=Walk.export_animation,
                    tip="Save the frames as animated GIF, PNG or WebP")  # fmt: skip
Walk.commands = (PLAY, BY_CLICK, AROUND, FROM_PINS, STRIP, ANIMATION)


def in_words(walk: Walked) -> str:
    """Return a text with the lengths of the path, of the straight path and of the spherical path."""
    lengths = walk.lengths
    if lengths is None:
        return "computing the length"
    return (
        f"length {shown(lengths.seen, 3)} in images (straight {shown(lengths.straight, 3)}, "
        f"spherical {shown(lengths.spherical, 3)}), {shown(lengths.in_z, 3)} in z"
    )


def _menu(text: str, *actions: QAction) -> Button:
    """Return a button that opens a menu with these actions."""
    button = Button(text)
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
