"""The view: a page's panels as docks, that say what the user did and are told what to show while they are seen."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget

from engine.document import Document
from engine.plane import Viewport
from gui.page.arrangement import Arranged
from gui.page.jobs import Failure
from gui.page.panel import Panel
from gui.page.store import Edit
from gui.page.titlebar import TitleBar
from gui.widgets.elided import Spans

P = TypeVar("P", bound=Panel)


def panel_kinds(package: ModuleType) -> Iterator[type[Panel]]:
    """Every panel in the modules of `package`, in the order of their places."""
    found: set[type[Panel]] = set()
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        loaded = importlib.import_module(module.name)
        kinds = [kind for kind in vars(loaded).values() if isinstance(kind, type) and issubclass(kind, Panel)]
        found |= {kind for kind in kinds if "place" in vars(kind)}
    yield from sorted(found, key=lambda kind: (kind.place.arrangement, kind.place.order))


class View(Arranged):
    """One page's panels. Knows no store and no thread."""

    edited = Signal(object)
    probed = Signal(object)
    framed = Signal(str, object)
    hinted = Signal(str)
    told = Signal(object)  # Spans for the status bar
    refused = Signal(str)
    outdated = Signal()  # what the scene was made from has changed, though the document has not
    switched = Signal(str, bool)  # a verb of the menus: whether what it starts is under way

    title: ClassVar[str]
    name: ClassVar[str]
    package: ClassVar[ModuleType]
    start: ClassVar[type[Document]]
    takes: ClassVar[tuple[str, ...]] = ()  # what the names of the files end with that `take_file` is for

    def __init__(self) -> None:
        super().__init__(self.name, list(panel_kinds(self.package)))
        self.document: Document | None = None
        self._frames: dict[str, dict[Panel, Viewport]] = {}
        self.scene: Any = None
        self.selection: Any = None  # a place, highlighted in all panels; no part of the document
        self.panels: dict[str, Panel] = {}  # by title; those behind a tab are made when they are first seen

    def panel(self, kind: type[P]) -> P:
        """The panel of that kind, made when it is first asked for."""
        if kind.title not in self.panels:
            self._fill(self.docks[kind.title], kind())
        panel = self.panels[kind.title]
        assert isinstance(panel, kind)
        return panel

    def _fill(self, dock: QDockWidget, panel: Panel) -> None:
        self.panels[panel.title] = panel
        dock.setWidget(panel)
        bar = dock.titleBarWidget()
        assert isinstance(bar, TitleBar)
        bar.take(panel)
        panel.edited.connect(self.edited)
        panel.probed.connect(self.probed)
        panel.selected.connect(self.select)
        panel.hinted.connect(self.hinted)
        panel.refused.connect(self.refused)
        panel.asked.connect(self._on_asked)
        panel.framed.connect(self._on_framed)
        panel.steered.connect(self._on_steered)
        if panel.title in self._seen:
            self._expose(panel)

    def _expose(self, panel: Panel) -> None:
        """Catch up with what a panel has missed while it was not seen."""
        if self.document is not None:
            panel.echo(self.document)
        panel.appear(True)
        if self.scene is not None and self.scene.document is self.document:
            panel.drawn = None
            self._draw(panel, self.scene)
        panel.select(self.selection)

    def make(self, kind: type[Panel]) -> None:
        self.panel(kind)

    def tell(self, title: str, seen: bool) -> None:
        panel = self.panels.get(title)
        if panel is None:
            return
        if seen:
            self._expose(panel)
        else:
            panel.appear(False)

    @property
    def _seen_panels(self) -> list[Panel]:
        return [panel for title, panel in self.panels.items() if title in self._seen]

    def bring(self, kind: type[P]) -> P:
        """The panel of that kind, in front of those it shares its place with, even if it was closed."""
        self.docks[kind.title].show()
        self.docks[kind.title].raise_()
        return self.panel(kind)

    def panel_actions(self) -> list[QAction]:
        """One action a dock, which shows or hides it."""
        return [dock.toggleViewAction() for dock in self.docks.values()]

    # Told by the page

    def echo(self, document: Document) -> None:
        """Show at once what needs no computing."""
        self.document = document
        for panel in self._seen_panels:
            panel.echo(document)

    def draw(self, scene: Any) -> None:
        """Show a scene."""
        self.scene = scene
        for panel in self._seen_panels:
            self._draw(panel, scene)

    def _draw(self, panel: Panel, scene: Any) -> None:
        part = panel.part(scene)
        if part is not panel.drawn:
            panel.drawn = part
            panel.draw(scene)

    def reveal(self, answer: Any) -> None:
        """Show what is under the cursor, in the panels and in words."""
        for panel in self._seen_panels:
            panel.reveal(answer)
        self.told.emit(self.words(answer))

    def select(self, place: Any) -> None:
        """Highlight a place in all panels, and tell what there is to tell of it."""
        self.selection = place
        for panel in self._seen_panels:
            panel.select(place)
        self.probed.emit(place)

    def fail(self, failure: Failure) -> None:
        """Say why there is no scene."""
        for panel in self._seen_panels:
            panel.fail(failure)

    @classmethod
    def accepts(cls, path: Path) -> bool:
        """Whether `take_file` is for this file or folder."""
        return path.name.lower().endswith(cls.takes)

    def take_file(self, path: Path) -> None:
        """Take in a file that was opened or dropped here."""

    def leave(self) -> None:
        """End what is under way: the window closes."""

    @property
    def position(self) -> tuple[int, int] | None:
        """How many steps are taken, of how many; None for a page without steps."""
        return None

    def words(self, answer: Any) -> Spans:
        """The read-out line for `answer`."""
        return []

    def edit(self, text: str, document: Document, gesture: object = None) -> None:
        """Say that the user did something."""
        self.edited.emit(Edit(text, document, gesture))

    # Said by the panels

    def _on_asked(self, verb: str) -> None:
        getattr(self, verb)()

    def _on_framed(self, name: str, viewport: Viewport | None) -> None:
        """Panels that look at the same plane are computed for together; what no panel looks at is not computed."""
        sender = self.sender()
        assert isinstance(sender, Panel)
        frames = self._frames.setdefault(name, {})
        if viewport is None:
            frames.pop(sender, None)
        else:
            frames[sender] = viewport
        self.framed.emit(name, reduce(Viewport.union, frames.values()) if frames else None)
        for panel in self.panels.values():
            panel.watch(name, bool(frames))

    def _on_steered(self, name: str, viewport: Viewport | None) -> None:
        """Panels that look at the same plane move together."""
        for panel in self.panels.values():
            if panel is not self.sender():
                panel.follow(name, viewport)
