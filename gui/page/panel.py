"""Panels: the dockable parts of a page, each a picture or a form in a file of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from engine.document import Document
from engine.plane import Viewport
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
    """One dock of a page. It says what the user did by signals and is told what to show by setters.

    A subclass with a `place` in a module of the page's package becomes a dock by itself.
    """

    edited = Signal(object)  # an Edit
    probed = Signal(object)  # a place under the cursor; None when it has left
    selected = Signal(object)  # a place to highlight in all panels, whatever is under the cursor; None for none
    framed = Signal(str, object)  # a viewport's name and the Viewport now on the screen; None when nothing of it is
    steered = Signal(str, object)  # the same when the user moved there; None for "fit"
    menu_wanted = Signal(object)  # the place on the screen
    hinted = Signal(str)  # what the mouse does here
    refused = Signal(str)  # why what the user did was not taken
    asked = Signal(str)  # for a verb of its view, by name
    captioned = Signal(str)  # what stands beside the title, such as the density's formula

    title: ClassVar[str]
    place: ClassVar[Place]
    also: ClassVar[tuple[Place, ...]] = ()  # where it goes in other arrangements
    tab: ClassVar[str] = ""  # what stands on its tab, if the title is too long for one among many
    role: ClassVar[str] = ""  # whose colour it carries
    draws: ClassVar[str] = ""  # the picture that is all it draws, if it is one
    sentence: ClassVar[str] = ""  # what it shows, for the "?" and for a screen reader
    equation: ClassVar[str] = ""  # in LaTeX

    def __init__(self) -> None:
        super().__init__()
        self.drawn: Any = None  # the part that is on the screen
        self.setAccessibleName(self.title)
        self.setAccessibleDescription(self.sentence)

    @classmethod
    def place_in(cls, arrangement: str) -> Place | None:
        """Where it goes in an arrangement of its page; None if it has no place there."""
        return next((place for place in (cls.place, *cls.also) if place.arrangement == arrangement), None)

    def echo(self, document: Document) -> None:
        """Show at once what can be shown of `document` without computing."""

    def part(self, scene: Any) -> Any:
        """What of `scene` this panel draws. It is told to draw only when that is another object than before."""
        return scene.pictures.get(self.draws, self.drawn) if self.draws else scene

    def draw(self, scene: Any) -> None:
        """Show `scene`."""

    def reveal(self, answer: Any) -> None:
        """Show what is under the cursor; None when there is nothing."""

    def select(self, place: Any) -> None:
        """Highlight what is selected, in whichever panel that was; None for nothing."""

    def fail(self, failure: Failure) -> None:
        """Say why there is no scene."""

    def follow(self, plane: str, viewport: Viewport | None) -> None:
        """Look where another panel looks on the plane of that name; None: fit."""

    def appear(self, seen: bool) -> None:
        """Told when the panel comes to the screen or leaves it. Behind another tab it still counts as visible to Qt."""

    def watch(self, name: str, watched: bool) -> None:
        """Told when a panel begins to look at the picture of that name, and when none does any more."""

    def choices(self) -> list[QAction]:
        """The panel's own entries for its menu."""
        return []
