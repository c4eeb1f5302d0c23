"""Panels: the dockable parts of a page, each a picture or a form in a file of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from engine.derived import ANYWHERE, Derived, Scene
from engine.document import Document
from engine.plane import Viewport
from gui.page.commands import Command
from gui.page.jobs import Failure


@dataclass(frozen=True)
class Place:
    """Where a panel goes in the default layout: `how` it lies `beside` an earlier one, in ascending `order`.

    `width` and `height` are its shares of the window. A page may have several arrangements; "" is the first one.
    """

    order: int
    beside: str = ""
    how: Literal["right", "below", "tab"] = "right"
    width: int = 100
    height: int = 100
    arrangement: str = ""


class Panel(QWidget):
    """One dock of a page. It says what the user did by signals and shows what it is given by setters.

    A subclass with a `place` in a module of the page's rooms becomes a dock by itself.
    """

    edited = Signal(object)  # an Edit
    probed = Signal(object)  # a Probe under the cursor; None when the cursor has left
    selected = Signal(object)  # a place to highlight in all panels, whatever is under the cursor; None for none
    viewport_changed = Signal(object, object)  # a Derived and the Viewport on the screen; None if nothing of it is
    navigated = Signal(str, object)  # a plane's name and the Viewport to which the user moved; None for "fit"
    requested = Signal(object)  # a Command, or a request that a controller of the page accepts
    menu_wanted = Signal(object)  # the place on the screen
    hint_changed = Signal(str)  # what the mouse does here
    refused = Signal(str)  # why an action of the user was refused
    caption_changed = Signal(str)  # what stands beside the title, such as the density's formula

    title: ClassVar[str]
    place: ClassVar[Place]
    also: ClassVar[tuple[Place, ...]] = ()  # where it goes in other arrangements
    role: ClassVar[str] = ""  # whose colour it carries
    shows: ClassVar[tuple[Derived[Any], ...]] = ()  # the derived values that it draws
    commands: ClassVar[tuple[Command, ...]] = ()
    sentence: ClassVar[str] = ""  # what it shows, for the "?" and for a screen reader
    equation: ClassVar[str] = ""  # in LaTeX

    def __init__(self) -> None:
        super().__init__()
        self.drawn: dict[Derived[Any], Any] = {}  # the values on the screen
        self.seen = False
        self.setAccessibleName(self.title)
        self.setAccessibleDescription(self.sentence)

    @classmethod
    def place_in(cls, arrangement: str) -> Place | None:
        """Where it goes in an arrangement of its page; None if it has no place there."""
        return next((place for place in (cls.place, *cls.also) if place.arrangement == arrangement), None)

    def echo(self, document: Document) -> None:
        """Show at once what can be shown of `document` without computing."""

    def has_news(self, scene: Scene) -> bool:
        """Whether a value that this panel shows differs from the one on the screen: only then `draw` is called."""
        return any(key in scene and self.drawn.get(key, self) is not scene.values[key] for key in self.shows)

    def draw(self, scene: Scene) -> None:
        """Show the values of `scene`."""

    def reveal(self, answer: Any) -> None:
        """Show what is under the cursor; None when there is nothing."""

    def select(self, place: Any) -> None:
        """Highlight what is selected, in whichever panel that was; None for nothing."""

    def fail(self, failure: Failure) -> None:
        """Say why there is no scene."""

    def follow(self, plane: str, viewport: Viewport | None) -> None:
        """Look where another panel looks on the plane of that name; None: fit."""

    def appear(self, seen: bool) -> None:
        """Called when the panel comes to the screen or leaves it. Behind another tab it is still visible to Qt."""
        self.seen = seen
        self.want()

    def want(self) -> None:
        """Ask for the values that this panel shows, or withdraw the request while the panel is not seen."""
        for key in self.shows:
            self.viewport_changed.emit(key, self.viewport_of(key) if self.seen else None)

    def viewport_of(self, key: Derived[Any]) -> Viewport | None:
        """The viewport for which this panel wants a value; None if it does not want it now."""
        return ANYWHERE

    def watch(self, key: Derived[Any], watched: bool) -> None:
        """Called when a panel begins to want a value, and when no panel wants it any more."""

    def hear(self, report: Any) -> None:
        """Called with every report of a controller of the page."""

    def choices(self) -> list[QAction]:
        """The panel's own entries for its menu."""
        return []
