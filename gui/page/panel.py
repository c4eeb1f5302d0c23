"""Panels: the dockable parts of a page, each a plot, image, table or form in its own file.

A panel behind a tab is created when it is first visible. A hidden panel receives neither documents nor scenes; it
receives the present document each time it becomes visible.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from engine.derived import ANYWHERE, Derived, Scene
from engine.document import Document
from engine.plane import Viewport
from gui.page.commands import Command
from gui.page.jobs import Failure
from gui.widgets.elided import Spans
from gui.widgets.veil import Veil


@dataclass(frozen=True)
class Place:
    """The place of a panel in the default layout of an arrangement.

    `how` is the direction from the panel titled `beside`, which has a lower `order`. `width` and `height` are shares of
    the window in percent. A page may have several arrangements; "" is the first. On a page that is small for its text a
    panel that `folds` is a tab of the largest group.
    """

    order: int
    beside: str = ""
    how: Literal["right", "below", "tab"] = "right"
    width: int = 100
    height: int = 100
    arrangement: str = ""
    folds: bool = False


class Panel(QWidget):
    """One dock of a page. Signals report the user's actions; methods receive the values to show.

    A subclass with a `place`, in a module of the page's packages of panels (`PageKind.rooms`), becomes a dock.
    """

    edited = Signal(object)  # an Edit
    probed = Signal(object)  # a Probe under the cursor; None when the cursor has left
    selected = Signal(object)  # a probe to highlight in all panels, wherever the cursor is; None for none
    viewport_changed = Signal(object, object)  # a Derived and its visible Viewport; None if the value is not needed
    navigated = Signal(str, object)  # a plane's name and the Viewport to which the user moved; None for "fit"
    requested = Signal(object)  # a Command, a panel class to show, or a request that a controller of the page accepts
    menu_wanted = Signal(object)  # the QPoint on the screen
    hint_changed = Signal(str)  # the actions of the mouse under the cursor
    refused = Signal(str)  # the reason why an action of the user was refused
    caption_changed = Signal(str)  # the text beside the title, such as the formula of the density

    title: ClassVar[str]
    place: ClassVar[Place]
    also: ClassVar[tuple[Place, ...]] = ()  # its places in other arrangements
    role: ClassVar[str] = ""  # a key of theme.ROLES, for the colour of the title bar
    shows: ClassVar[tuple[Derived[Any], ...]] = ()  # the derived values that it draws
    densities: ClassVar[tuple[Derived[Any], ...]] = ()  # those of `shows` that a figure computes with more pixels
    commands: ClassVar[tuple[Command, ...]] = ()
    sentence: ClassVar[str] = ""  # the explanation of the panel, for the "?" and for screen readers
    equation: ClassVar[str] = ""  # in LaTeX

    def __init__(self) -> None:
        super().__init__()
        self.drawn: dict[Derived[Any], Any] = {}  # the values on the screen
        self.seen = False
        self.probing = False  # whether its latest probe has not been withdrawn
        self.probed.connect(self._on_own_probe)
        self.subject: Any = None  # the document to which the values on the screen belong
        # The curves (n, 2) with which a sketch in this panel is compared, in the coordinates of its plot.
        self.sketched_curves: list[NDArray[np.float64]] = []
        self.veil = Veil(self)
        self.setAccessibleName(self.title)
        self.setAccessibleDescription(self.sentence)

    @classmethod
    def place_in(cls, arrangement: str) -> Place | None:
        """The place of the panel in an arrangement of its page; None if it has none."""
        return next((place for place in (cls.place, *cls.also) if place.arrangement == arrangement), None)

    def echo(self, document: Document) -> None:
        """Show at once the values of `document` that need no computation."""

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """The least height at a width. Qt takes the preferred one, with which low panels would scroll without need."""
        layout = self.layout()
        return layout.totalMinimumHeightForWidth(width) if layout is not None else -1

    def has_main(self, scene: Scene) -> bool:
        """Whether `scene` has the first value of `shows`, the main one."""
        return len(self.shows) > 0 and self.shows[0] in scene

    def has_news(self, scene: Scene) -> bool:
        """Whether `scene` has a value for this panel that is not drawn yet. Only then the view calls `draw`.

        The first value of `shows` is the main one: without it nothing is drawn, and the panel keeps what it shows.
        """
        return self.has_main(scene) and any(
            key in scene and self.drawn.get(key, self) is not scene.values[key] for key in self.shows
        )

    def is_current(self, document: Document) -> bool:
        """Whether the values on the screen belong to `document`; a panel without computed values is always current."""
        return self.subject is document or not any(self.viewport_of(key) for key in self.shows)

    def draw(self, scene: Scene) -> None:
        """Show the values of `scene`."""

    def reveal(self, answer: Any) -> None:
        """Show the answer of the probe under the cursor; None if there is no probe."""

    def select(self, place: Any) -> None:
        """Highlight the selected probe, which any panel may have selected; None for no selection."""

    def fail(self, failure: Failure) -> None:
        """Show the reason why there is no scene."""

    def follow(self, plane: str, viewport: Viewport | None) -> None:
        """Show the viewport to which another panel of the named plane has moved; with None fit the plot."""

    def appear(self, seen: bool) -> None:
        """Note that the panel has become visible or hidden. For Qt a panel behind another tab is still visible."""
        self.seen = seen
        if not seen:
            self.hint_changed.emit("")
            if self.probing:
                self.probed.emit(None)
        self.want()

    def _on_own_probe(self, place: Any) -> None:
        self.probing = place is not None

    def want(self) -> None:
        """Request the values that this panel shows, or withdraw the request while the panel is hidden."""
        for key in self.shows:
            self.viewport_changed.emit(key, self.viewport_of(key) if self.seen else None)

    def viewport_of(self, key: Derived[Any]) -> Viewport | None:
        """The viewport for which this panel needs a value; None if it does not need the value now."""
        return ANYWHERE

    def watch(self, key: Derived[Any], watched: bool) -> None:
        """Note that some panel has requested a value, or that no panel needs it any more."""

    def hear(self, report: Any) -> None:
        """Take a report of a controller of the page."""

    def resemble(self, other: Any) -> None:
        """Show what another panel of this class shows and neither document nor scene contains, for a figure."""

    def legend_entries(self) -> Spans:
        """The colours of the marks and their meanings, for a figure of this panel."""
        return []

    def choices(self) -> list[QAction]:
        """The actions that this panel adds to its menu."""
        return []
