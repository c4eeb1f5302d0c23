"""The view: the panels of a page as docks, and its controllers.

Hovering is a probe; selecting is not. The selection stays while the cursor is elsewhere, is sent to all panels, and
follows its observation when other observations are added or removed. The document does not contain the selection.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent
from PySide6.QtWidgets import QDockWidget

from engine.derived import Derived, Scene
from engine.document import Document
from engine.plane import Viewport
from gui.page.arrangement import Arranged
from gui.page.commands import Command, Owned
from gui.page.controller import Controller
from gui.page.jobs import Failure
from gui.page.panel import Panel
from gui.page.panel_area import PanelArea
from gui.page.store import Edit
from gui.page.summary import describe
from gui.page.titlebar import TitleBar
from gui.widgets.elided import Spans

PATIENCE = 400  # milliseconds after which old values are veiled until the new ones are computed
P = TypeVar("P", bound=Panel)
PAUSE = 400  # milliseconds without a change, after which the panels are described


@dataclass(frozen=True)
class PageKind:
    """The description of a page: its document class, the packages with its panels, its controllers and functions."""

    name: str
    title: str
    document: type[Document]
    rooms: tuple[str, ...]  # the packages whose modules contain the panels
    controllers: tuple[type[Controller], ...]
    readout: Callable[[Any, Any], Spans]  # (document, answer) -> the read-out in the status bar
    position: Callable[[Any, str], tuple[int, int] | None]  # (document, arrangement) -> steps taken, total
    first: Callable[[], Document] | None = None  # makes the document with which the page starts; else document()
    new: Callable[[], Document] | None = None  # makes the document of File ▸ New; else document()
    # (document before, document after, selection before) -> selection after
    carry: Callable[[Any, Any, Any], Any] = lambda _before, _after, selection: selection
    # (document, arrangement) -> the title of the panel that a new arrangement brings to the front, or ""
    front: Callable[[Any, str], str] = lambda _document, _arrangement: ""

    def modules(self) -> Iterator[str]:
        """Yield the names of the modules with its panels. Each may be imported before the next one is asked for."""
        for room in self.rooms:
            package = importlib.import_module(room)
            yield from (m.name for m in pkgutil.iter_modules(package.__path__, f"{room}.") if not m.ispkg)

    @cached_property
    def panels(self) -> tuple[type[Panel], ...]:
        """All panel classes of the page, by arrangement and order."""
        kinds = {kind for module in self.modules() for kind in _panels_in(module)}
        return tuple(sorted(kinds, key=lambda kind: (kind.place.arrangement, kind.place.order)))

    def accepts(self, path: Path) -> bool:
        """Whether a controller of this page opens this file or folder."""
        return any(kind.accepts_file(path) for kind in self.controllers)


def _panels_in(module: str) -> Iterator[type[Panel]]:
    kinds = vars(importlib.import_module(module)).values()
    return (k for k in kinds if isinstance(k, type) and issubclass(k, Panel) and "place" in vars(k))


class View(Arranged):
    """The panels and controllers of one page. It uses neither the store nor threads."""

    edited = Signal(object)
    probed = Signal(object)
    viewport_changed = Signal(object, object)
    hint_changed = Signal(str)
    readout_changed = Signal(object)  # Spans for the status bar
    refused = Signal(str)
    outdated = Signal()  # something outside the document has changed, so the values must be computed again
    running = Signal(object, bool)  # a Command, and whether the process that it has started runs
    menu_opened = Signal(object, object)  # a panel class and its menu, to which the receiver adds entries

    def __init__(self, kind: PageKind) -> None:
        super().__init__(kind.name, list(kind.panels))
        self.kind, self.name, self.title = kind, kind.name, kind.title
        self.document: Any = None
        self._viewports: dict[Derived[Any], dict[Panel | Controller, Viewport]] = {}
        self.scene: Scene | None = None
        self._late = QTimer(self)  # runs out if values take longer than PATIENCE
        self._late.setSingleShot(True)
        self._late.setInterval(PATIENCE)
        self._late.timeout.connect(self._veil)
        self.selection: Any = None  # a probe, highlighted in all panels
        self._describing = QTimer(self, singleShot=True, interval=PAUSE)
        self._describing.timeout.connect(self._on_describe)
        self.panels: dict[str, Panel] = {}  # by title; a panel behind a tab is created when it is first visible
        self.controllers = [controller(self) for controller in kind.controllers]
        for controller in self.controllers:
            controller.edited.connect(self.edited)
            controller.refused.connect(self.refused)
            controller.outdated.connect(self.outdated)
            controller.running.connect(self.running)
            controller.requested.connect(self._on_requested)
            controller.brought.connect(self.bring)
            controller.viewport_changed.connect(self._on_viewport_changed)
            controller.reported.connect(self._on_reported)

    def panel(self, kind: type[P]) -> P:
        """The panel of a class, created at the first call."""
        if kind.title not in self.panels:
            self._fill(self.docks[kind.title], kind())
        panel = self.panels[kind.title]
        assert isinstance(panel, kind)
        return panel

    def controller(self, kind: type[Any]) -> Any:
        """The controller of a class."""
        return next(controller for controller in self.controllers if isinstance(controller, kind))

    def _fill(self, dock: QDockWidget, panel: Panel) -> None:
        self.panels[panel.title] = panel
        dock.setWidget(PanelArea(panel))
        bar = dock.titleBarWidget()
        assert isinstance(bar, TitleBar)
        bar.take(panel)
        bar.menu_opened.connect(self.menu_opened)
        panel.edited.connect(self.edited)
        panel.probed.connect(self.probed)
        panel.selected.connect(self.select)
        panel.hint_changed.connect(self.hint_changed)
        panel.refused.connect(self.refused)
        panel.requested.connect(self._on_requested)
        panel.viewport_changed.connect(self._on_viewport_changed)
        panel.navigated.connect(self._on_navigated)
        if panel.title in self._seen:
            self._expose(panel)

    def _expose(self, panel: Panel) -> None:
        """Update a panel that becomes visible with the present document, scene and selection."""
        if self.document is not None:
            panel.echo(self.document)
        panel.appear(True)
        self._late.start()
        if self.scene is not None and self.scene.document is self.document:
            panel.drawn = {}
            self._draw(panel, self.scene)
        panel.select(self.selection)

    def make(self, kind: type[Panel]) -> None:
        self.panel(kind)

    def notify(self, title: str, seen: bool) -> None:
        panel = self.panels.get(title)
        if panel is None:
            return
        if seen:
            self._expose(panel)
        else:
            panel.appear(False)

    @property
    def _seen_panels(self) -> list[Panel]:
        """The visible panels that have been updated. A scene may arrive before all visible panels are updated."""
        return [panel for panel in self.panels.values() if panel.seen]

    @property
    def seen_titles(self) -> frozenset[str]:
        """The titles of the visible panels."""
        return frozenset(self._seen)

    def bring(self, kind: type[P]) -> P:
        """Open the panel of a class, raise it above its tab group, and return it."""
        if self.is_filled and kind.title not in self._seen:
            self.unfill()
        self.docks[kind.title].show()
        self.docks[kind.title].raise_()
        return self.panel(kind)

    def panel_actions(self, *, elsewhere: bool = False) -> list[QAction]:
        """One action for each dock of the present arrangement, or for each other dock: it shows or hides the dock."""
        here = {kind.title for kind in self.places}
        return [dock.toggleViewAction() for title, dock in self.docks.items() if (title in here) is not elsewhere]

    # Commands

    @cached_property
    def commands(self) -> tuple[Owned, ...]:
        """The commands of all panels and controllers of this page."""
        panels = [Owned(command, kind, self.name, kind.title) for kind in self.kinds for command in kind.commands]
        others = [Owned(c, owner, self.name, owner.title) for owner in self.controllers for c in owner.commands]
        return (*panels, *others)

    def run(self, owned: Owned) -> None:
        """Run a command of this page, or emit the reason why it is unavailable."""
        command, owner = owned.command, owned.owner
        try:
            if reason := command.why_not(self.document):
                raise ValueError(reason)
            if isinstance(owner, type) and (command.brings or command.run is not None):
                owner = self.bring(owner) if command.brings else self.panel(owner)
            if command.edit is not None:
                self.edited.emit(Edit(command.text, command.edit(self.document)))
            elif command.run is not None:
                command.run(owner)
        except ValueError as refusal:
            self.refused.emit(str(refusal))

    def _on_requested(self, request: Any) -> None:
        """Run the requested command, show the requested panel, or pass the request to its controller."""
        if isinstance(request, type) and issubclass(request, Panel):
            self.bring(request)
            return
        if isinstance(request, Command):
            self.run(next(owned for owned in self.commands if owned.command is request))
            return
        next(controller for controller in self.controllers if controller.accepts(request)).take(request, self.sender())

    def _on_reported(self, report: Any) -> None:
        for panel in self.panels.values():
            panel.hear(report)

    def take_file(self, path: Path) -> None:
        """Pass a file to the controller that opens it."""
        next(controller for controller in self.controllers if controller.accepts_file(path)).take_file(path)

    def leave(self) -> None:
        """Stop all activities of the controllers, because the window closes."""
        for controller in self.controllers:
            controller.close()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        for controller in self.controllers:
            controller.hide()

    # Called by Page

    def echo(self, document: Any) -> None:
        """Show a new document. Values that need computation follow with `draw`."""
        before, self.document = self.document, document
        self._late.start()
        for controller in self.controllers:
            controller.echo(document)
        for panel in self._seen_panels:
            panel.echo(document)
        if before is not None and self.selection is not None:
            place = self.kind.carry(before, document, self.selection)
            if place != self.selection:
                self.select(place)

    def draw(self, scene: Scene) -> None:
        """Show a scene in all visible panels."""
        self.scene = scene
        for controller in self.controllers:
            controller.draw(scene)
        for panel in self._seen_panels:
            self._draw(panel, scene)

    def _veil(self) -> None:
        """Veil the panels that show values of another document, because the new ones are not computed yet."""
        for panel in self._seen_panels:
            if panel.drawn and not panel.is_current(self.document):
                panel.veil.fall()

    def _draw(self, panel: Panel, scene: Scene) -> None:
        if panel.has_main(scene):
            panel.subject = scene.document
            panel.veil.hide()
        if panel.has_news(scene):
            panel.drawn |= {key: scene.values[key] for key in panel.shows if key in scene}
            panel.draw(scene)
            self._describing.start()

    def _on_describe(self) -> None:
        """Describe the visible panels for screen readers, after the last of several quick changes."""
        for panel in self._seen_panels:
            bar = self.docks[panel.title].titleBarWidget()
            assert isinstance(bar, TitleBar)
            describe(panel, bar.caption.text())

    def reveal(self, answer: Any) -> None:
        """Show the answer of a probe in the panels and in the read-out."""
        for panel in self._seen_panels:
            panel.reveal(answer)
        self.readout_changed.emit(self.kind.readout(self.document, answer) if answer is not None else [])

    def select(self, place: Any) -> None:
        """Highlight a probe in all panels, and request its answer."""
        self.selection = place
        for panel in self._seen_panels:
            panel.select(place)
        self.probed.emit(place)

    def fail(self, failure: Failure) -> None:
        """Show the reason why there is no scene."""
        for panel in self._seen_panels:
            panel.subject = self.document
            panel.veil.hide()
            panel.fail(failure)

    @property
    def position(self) -> tuple[int, int] | None:
        """The number of steps taken and the total; None if the page has no steps."""
        return self.kind.position(self.document, self.arrangement) if self.document is not None else None

    def arrange(self) -> None:
        super().arrange()
        if self.document is not None and (title := self.kind.front(self.document, self.arrangement)):
            self.docks[title].raise_()

    # Slots for signals of the panels

    def _on_viewport_changed(self, key: Derived[Any], viewport: Viewport | None) -> None:
        """Request a value once for the union of the viewports of all panels and controllers that need it."""
        sender = self.sender()
        assert isinstance(sender, Panel | Controller)
        viewports = self._viewports.setdefault(key, {})
        if viewport is None:
            viewports.pop(sender, None)
        else:
            viewports[sender] = viewport
        self.viewport_changed.emit(key, reduce(Viewport.union, viewports.values()) if viewports else None)
        for panel in self.panels.values():
            panel.watch(key, bool(viewports))

    def _on_navigated(self, plane: str, viewport: Viewport | None) -> None:
        """Pass a viewport to all other panels, so that panels of the same plane move together."""
        for panel in self.panels.values():
            if panel is not self.sender():
                panel.follow(plane, viewport)


Kinds = Mapping[str, PageKind]
