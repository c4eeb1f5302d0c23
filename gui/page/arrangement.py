"""Arrangements: several layouts of the docks of one page. Each arrangement keeps the user's changes.

A saved layout is restored when its arrangement is first shown, because the sizes are unknown before. Docks without a
place in the present arrangement are closed. A dock that becomes visible only while a layout is restored is neither
painted nor filled, and its panel receives no `appear` call.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import QByteArray, QEvent, Qt, QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QTabWidget

from gui.page.dock_sizes import DIRECTIONS, DockSizes
from gui.page.panel import Panel, Place
from gui.page.titlebar import TitleBar
from gui.widgets.underline import underline

SIZE = struct.Struct("<HH")  # width and height of the page, before the state of the docks
SETTLED = 150  # milliseconds after which the panels have their sizes for a new text size


class Arranged(QMainWindow):
    """A main window with one dock for each panel class, which tracks the visible docks. A subclass creates the panels.

    Panels without a place in the present arrangement are closed; opened from the menu they join a group of tabs.
    """

    def __init__(self, name: str, kinds: Sequence[type[Panel]]) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setDockNestingEnabled(True)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.arrangement = ""
        self.laid_out = False  # the sizes are unknown until the window is shown
        self._saved: QByteArray | None = None  # the layout of the last run
        self._left: dict[str, QByteArray] = {}  # the layouts of this run, by arrangement
        self._away: list[QDockWidget] = []  # floating docks that are hidden with their page
        self._seen: set[str] = set()  # the titles of the visible docks
        self._is_arranging = False
        self._settling = QTimer(self, singleShot=True, interval=SETTLED)
        self._settling.timeout.connect(self._share_again)
        self.kinds = list(kinds)
        self.docks = {kind.title: self._dock(kind) for kind in self.kinds}
        self._sizes = DockSizes(self, self.docks)

    def _dock(self, kind: type[Panel]) -> QDockWidget:
        dock = QDockWidget(kind.title, self)
        dock.toggleViewAction().setText(kind.title)
        dock.toggleViewAction().triggered.connect(self._on_toggled)
        dock.setObjectName(f"{self.objectName()}.{kind.__name__}")
        dock.setTitleBarWidget(TitleBar(dock, kind))
        dock.visibilityChanged.connect(self._on_visibility)
        dock.topLevelChanged.connect(self._on_floated)
        dock.dockLocationChanged.connect(self._on_moved)
        return dock

    def make(self, kind: type[Panel]) -> None:
        """Create the panel of a class in its dock, unless it exists."""
        raise NotImplementedError

    def notify(self, title: str, seen: bool) -> None:
        """Notify the panel of a dock that the dock has become visible or invisible."""
        raise NotImplementedError

    # Visible docks

    def _on_visibility(self, seen: bool) -> None:
        dock = self.sender()
        assert isinstance(dock, QDockWidget)
        self._set_seen(self._title_of(dock), seen)

    def _on_floated(self, floating: bool) -> None:
        """Update a floated dock: Qt sends no visibility signal if the dock was behind a tab."""
        dock = self.sender()
        assert isinstance(dock, QDockWidget)
        title = self._title_of(dock)
        if floating and title not in self._seen and dock.isVisible():
            self._set_seen(title, True)

    def _on_toggled(self, opened: bool) -> None:
        """Raise a dock that was opened from the View menu above its tab group."""
        dock = self.sender().parent()
        assert isinstance(dock, QDockWidget)
        if opened:
            dock.raise_()

    def _title_of(self, dock: QDockWidget) -> str:
        return next(title for title, own in self.docks.items() if own is dock)

    def _set_seen(self, title: str, seen: bool) -> None:
        (self._seen.add if seen else self._seen.discard)(title)
        if self._is_arranging:
            return
        self.notify(title, seen)
        if seen:
            QTimer.singleShot(0, self, self._make_seen)  # docks behind a tab are visible briefly when a page is shown

    def _make_seen(self) -> None:
        for kind in self.kinds:
            if kind.title in self._seen:
                self.make(kind)

    @contextmanager
    def _batched(self) -> Iterator[None]:
        """Postpone painting, creation and notification of panels until all docks are laid out."""
        if self._is_arranging:
            yield
            return
        before, self._is_arranging = set(self._seen), True
        self.setUpdatesEnabled(False)
        try:
            yield
            layout = self.layout()
            if layout is not None and self.isVisible():  # a hidden window does not have its final size
                layout.activate()
        finally:
            self.setUpdatesEnabled(True)
            self._is_arranging = False
        for title in self._seen ^ before:
            self.notify(title, title in self._seen)
        self._make_seen()

    # Default layouts

    @property
    def places(self) -> dict[type[Panel], Place]:
        """The places of the present arrangement, in ascending order."""
        places = {kind: place for kind in self.kinds if (place := kind.place_in(self.arrangement)) is not None}
        return dict(sorted(places.items(), key=lambda item: item[1].order))

    def arrange(self) -> None:
        """Apply the default layout of the present arrangement."""
        with self._batched():
            for dock in self.docks.values():
                dock.setFloating(False)
                self.removeDockWidget(dock)
            places = self.places
            for kind, place in places.items():
                self._put(self.docks[kind.title], place)
            self._close_others(places)
            for kind, place in places.items():
                if place.how != "tab":
                    self.docks[kind.title].raise_()
            self._share(places)
            self._dress_tabs()
        self._sizes.store(self._seen)

    def _put(self, dock: QDockWidget, place: Place) -> None:
        beside = self.docks.get(place.beside)
        if beside is None:
            self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
        elif place.how == "tab":
            self.tabifyDockWidget(beside, dock)
        else:
            self.splitDockWidget(beside, dock, DIRECTIONS[place.how])
        dock.show()

    def _close_others(self, places: dict[type[Panel], Place]) -> None:
        """Close the docks without a place, as tabs of the largest group, where they appear if they are opened."""
        tabs = Counter(place.beside for place in places.values() if place.how == "tab")
        most = tabs.most_common(1)[0][0] if tabs else next(reversed(places)).title
        for kind in self.kinds:
            if kind not in places:
                self.tabifyDockWidget(self.docks[most], self.docks[kind.title])
                self.docks[kind.title].hide()

    def _share(self, places: dict[type[Panel], Place]) -> None:
        """Give each dock its share of the page. Docks behind a tab have the size of the dock in front."""
        front = {kind: place for kind, place in places.items() if place.how != "tab"}
        docks = [self.docks[kind.title] for kind in front]
        self.resizeDocks(docks, [self.width() * place.width // 100 for place in front.values()], DIRECTIONS["right"])
        self.resizeDocks(docks, [self.height() * place.height // 100 for place in front.values()], DIRECTIONS["below"])

    def _dress_tabs(self) -> None:
        for tabs in self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            tabs.setDrawBase(False)
            tabs.setElideMode(Qt.TextElideMode.ElideNone)
            tabs.setUsesScrollButtons(True)
            underline(tabs)

    # Layouts of the user

    def has_layout(self, arrangement: str) -> bool:
        """Whether an arrangement has been shown in this run, so that no saved layout is needed."""
        return arrangement in self._left or (arrangement == self.arrangement and self.laid_out)

    def show_arrangement(self, name: str, saved: QByteArray | None = None) -> None:
        """Show an arrangement: with its layout of this run, or else the layout `saved`, or else the default layout."""
        if name == self.arrangement and self.laid_out:
            return
        if self.laid_out:
            self._left[self.arrangement] = self.state()
        self.arrangement, self._saved, self.laid_out, self._away = name, saved, False, []
        for kind, place in self.places.items():
            if place.how != "tab":
                self.make(kind)
        if self.isVisible():
            self._lay_out()

    def _lay_out(self) -> None:
        self.laid_out = True
        with self._batched():
            left = self._left.pop(self.arrangement, None)
            if left is None:  # to restore a layout of this run takes a third of the time
                self.arrange()
            if (layout := left or self._saved) is not None:
                self._restore(layout)
                self._dress_tabs()
        self._sizes.store(self._seen)
        self._settling.start()  # the panels that are made now need other sizes

    def _restore(self, layout: QByteArray) -> None:
        """Restore a layout at the size at which it was saved. At any other size Qt shares the room unequally.

        The window may still have another size: it is maximised after it is shown.
        """
        content, now = bytes(layout.data()), self.size()
        self.resize(*SIZE.unpack_from(content))
        _fit_docks(self)
        self.restoreState(QByteArray(content[SIZE.size :]))
        _fit_docks(self)
        self.resize(now)

    # The sizes that the user sees at first, or has set, come back to the pixel after any change of window or text size

    def _share_again(self) -> None:
        if not self._is_arranging and self.laid_out:
            self._sizes.restore(self._seen)

    def _on_moved(self) -> None:
        if not self._is_arranging:
            self._sizes.store_soon(self._seen)

    def event(self, event: QEvent) -> bool:
        """Store the sizes after the user has moved the border between two docks."""
        done = super().event(event)
        if event.type() == QEvent.Type.MouseButtonRelease:
            self._sizes.store(self._seen)
        return done

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._share_again()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Share the page again when the size of the text has changed, with which the docks need another size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._settling.start()

    def layouts(self) -> dict[str, QByteArray]:
        """The present layout of each arrangement that has been shown."""
        return {**self._left, self.arrangement: self.state()} if self.laid_out else dict(self._left)

    def state(self) -> QByteArray:
        """The size and the layout of the page. Floating docks count as visible although another page hides them."""
        for dock in self._away:
            dock.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
            dock.show()
        state = self.saveState()
        for dock in self._away:
            dock.hide()
            dock.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen, on=False)
        return QByteArray(SIZE.pack(self.width(), self.height()) + state.data())

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Lay out the docks when the page has its size, and show its floating docks."""
        super().showEvent(event)
        if not self.laid_out:
            self._lay_out()
        for dock in self._away:
            dock.show()
        self._away = []

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Hide the floating docks with their page."""
        super().hideEvent(event)
        self._away += [dock for dock in self.docks.values() if dock.isFloating() and dock.isVisible()]
        for dock in self._away:
            dock.hide()


def _fit_docks(page: QMainWindow) -> None:
    """Lay out the docks of a page now, at its present size."""
    if (layout := page.layout()) is not None:
        layout.activate()
