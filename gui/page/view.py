"""The view: a page's panels as docks, made once, that say what the user did and are told what to show."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import reduce
from types import ModuleType
from typing import Any, ClassVar

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QTabWidget

from engine.document import Document
from engine.plane import Viewport
from gui.page.jobs import Failure
from gui.page.panel import Panel
from gui.page.store import Edit
from gui.page.titlebar import TitleBar
from gui.shell.elided import Spans

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

    title: ClassVar[str]
    name: ClassVar[str]
    package: ClassVar[ModuleType]
    start: ClassVar[type[Document]]

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
        self.panels = [kind() for kind in panel_kinds(self.package)]
        self.docks = {panel.title: self._dock(panel) for panel in self.panels}

    def _dock(self, panel: Panel) -> QDockWidget:
        dock = QDockWidget(panel.title, self)
        dock.setObjectName(f"{self.name}.{type(panel).__name__}")
        dock.setWidget(panel)
        bar = TitleBar(dock, panel)
        dock.setTitleBarWidget(bar)
        panel.edited.connect(self.edited)
        panel.probed.connect(self.probed)
        panel.hinted.connect(self.hinted)
        panel.refused.connect(self.refused)
        panel.framed.connect(self._on_framed)
        panel.steered.connect(self._on_steered)
        panel.menu_wanted.connect(bar.pop_menu)
        dock.visibilityChanged.connect(panel.appear)
        return dock

    def arrange(self) -> None:
        """Put every dock where it belongs by default."""
        for dock in self.docks.values():
            dock.setFloating(False)
            self.removeDockWidget(dock)
        for panel in self.panels:
            dock, beside = self.docks[panel.title], self.docks.get(panel.place.beside)
            if beside is None:
                self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
            elif panel.place.how == "tab":
                self.tabifyDockWidget(beside, dock)
            else:
                self.splitDockWidget(beside, dock, DIRECTIONS[panel.place.how])
            dock.show()
        for panel in self.panels:
            if panel.place.how != "tab":
                self.docks[panel.title].raise_()
        for tabs in self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            tabs.setDrawBase(False)
        self._share()

    def _share(self) -> None:
        """Give each dock its share of the page."""
        docks = [self.docks[panel.title] for panel in self.panels]
        widths = [self.width() * panel.place.width // 100 for panel in self.panels]
        heights = [self.height() * panel.place.height // 100 for panel in self.panels]
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

    def panel_actions(self) -> list[QAction]:
        """One action a dock, which shows or hides it."""
        return [dock.toggleViewAction() for dock in self.docks.values()]

    # Told by the page

    def echo(self, document: Document) -> None:
        """Show at once what needs no computing."""
        self.document = document
        for panel in self.panels:
            panel.echo(document)

    def draw(self, scene: Any) -> None:
        """Show a scene."""
        for panel in self.panels:
            panel.draw(scene)

    def reveal(self, answer: Any) -> None:
        """Show what is under the cursor, in the panels and in words."""
        for panel in self.panels:
            panel.reveal(answer)
        self.told.emit(self.words(answer))

    def fail(self, failure: Failure) -> None:
        """Say why there is no scene."""
        for panel in self.panels:
            panel.fail(failure)

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

    def _on_steered(self, name: str, viewport: Viewport | None) -> None:
        """Panels that look at the same plane move together."""
        for panel in self.panels:
            if panel is not self.sender():
                panel.follow(name, viewport)
