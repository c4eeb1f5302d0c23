"""The view: a page's panels as docks, that say what the user did and are told what to show while they are seen."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, TypeVar

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QTabWidget

from engine.document import Document
from engine.plane import Viewport
from gui.page.jobs import Failure
from gui.page.panel import Panel
from gui.page.store import Edit
from gui.page.titlebar import TitleBar
from gui.shell.elided import Spans

P = TypeVar("P", bound=Panel)
DIRECTIONS = {"right": Qt.Orientation.Horizontal, "below": Qt.Orientation.Vertical}


def panel_kinds(package: ModuleType) -> Iterator[type[Panel]]:
    """Every panel in the modules of `package`, in the order of their places."""
    found: set[type[Panel]] = set()
    for module in pkgutil.iter_modules(package.__path__):
        loaded = importlib.import_module(f"{package.__name__}.{module.name}")
        kinds = [kind for kind in vars(loaded).values() if isinstance(kind, type) and issubclass(kind, Panel)]
        found |= {kind for kind in kinds if "place" in vars(kind)}
    yield from sorted(found, key=lambda kind: kind.place.order)


class View(QMainWindow):
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
        super().__init__()
        self.setObjectName(self.name)
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setDockNestingEnabled(True)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.document: Document | None = None
        self._away: list[QDockWidget] = []
        self.laid_out = self.was_shown = False  # only once it is shown are its sizes known
        self._frames: dict[str, dict[Panel, Viewport]] = {}
        self.scene: Any = None
        self.selection: Any = None  # a place, highlighted in all panels; no part of the document
        self.panels: dict[str, Panel] = {}  # by title; those behind a tab are made when they are first seen
        self._seen: set[str] = set()
        self.kinds = list(panel_kinds(self.package))
        self.docks = {kind.title: self._dock(kind) for kind in self.kinds}
        for kind in self.kinds:
            if kind.place.how != "tab":
                self.panel(kind)

    def _dock(self, kind: type[Panel]) -> QDockWidget:
        dock = QDockWidget(kind.tab or kind.title, self)
        dock.toggleViewAction().setText(kind.title)
        dock.setObjectName(f"{self.name}.{kind.__name__}")
        dock.setTitleBarWidget(TitleBar(dock, kind))
        dock.visibilityChanged.connect(self._on_visibility)
        dock.topLevelChanged.connect(self._on_floated)
        return dock

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

    def _on_visibility(self, seen: bool) -> None:
        dock = self.sender()
        assert isinstance(dock, QDockWidget)
        self._see(self._title_of(dock), seen)

    def _on_floated(self, floating: bool) -> None:
        """Qt does not say that a dock comes to the screen if it was behind a tab."""
        dock = self.sender()
        assert isinstance(dock, QDockWidget)
        title = self._title_of(dock)
        if floating and title not in self._seen and dock.isVisible():
            self._see(title, True)

    def _title_of(self, dock: QDockWidget) -> str:
        return next(title for title, own in self.docks.items() if own is dock)

    def _see(self, title: str, seen: bool) -> None:
        (self._seen.add if seen else self._seen.discard)(title)
        panel = self.panels.get(title)
        if panel is None:
            QTimer.singleShot(0, self, self._make_what_is_seen)  # while docks are laid out, all of them flash up
        elif seen:
            self._expose(panel)
        else:
            panel.appear(False)

    def _make_what_is_seen(self) -> None:
        for kind in self.kinds:
            if kind.title in self._seen:
                self.panel(kind)

    @property
    def _seen_panels(self) -> list[Panel]:
        return [panel for title, panel in self.panels.items() if title in self._seen]

    def arrange(self) -> None:
        """Put every dock where it belongs by default."""
        for dock in self.docks.values():
            dock.setFloating(False)
            self.removeDockWidget(dock)
        for kind in self.kinds:
            dock, beside = self.docks[kind.title], self.docks.get(kind.place.beside)
            if beside is None:
                self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
            elif kind.place.how == "tab":
                self.tabifyDockWidget(beside, dock)
            else:
                self.splitDockWidget(beside, dock, DIRECTIONS[kind.place.how])
            dock.show()
        for kind in self.kinds:
            if kind.place.how != "tab":
                self.docks[kind.title].raise_()
        for tabs in self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            tabs.setDrawBase(False)
            tabs.setElideMode(Qt.TextElideMode.ElideNone)
            tabs.setUsesScrollButtons(True)
        self._share()

    def _share(self) -> None:
        """Give each dock its share of the page; those behind a tab have that of the one in front."""
        kinds = [kind for kind in self.kinds if kind.place.how != "tab"]
        docks = [self.docks[kind.title] for kind in kinds]
        widths = [self.width() * kind.place.width // 100 for kind in kinds]
        heights = [self.height() * kind.place.height // 100 for kind in kinds]
        self.resizeDocks(docks, widths, DIRECTIONS["right"])
        self.resizeDocks(docks, heights, DIRECTIONS["below"])

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """The shares are known only once the page has its size."""
        super().showEvent(event)
        self.was_shown = True
        if not self.laid_out:
            self.laid_out = True
            self.arrange()
        for dock in self._away:
            dock.show()
        self._away = []

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Floating docks go and come with their page."""
        super().hideEvent(event)
        self._away += [dock for dock in self.docks.values() if dock.isFloating() and dock.isVisible()]
        for dock in self._away:
            dock.hide()

    def state(self) -> QByteArray:
        """The layout, with the floating docks where they are even while another page is seen."""
        for dock in self._away:
            dock.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
            dock.show()
        return self.saveState()

    def restore(self, layout: QByteArray) -> None:
        """Arrange the docks as they were kept, with their own shares."""
        self.arrange()
        self.laid_out = self.restoreState(layout)
        if not self.isVisible():
            self._away = [dock for dock in self.docks.values() if dock.isFloating() and not dock.isHidden()]
            for dock in self._away:
                dock.hide()

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
