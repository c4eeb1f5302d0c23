"""Arrangements: several layouts of the docks of one page. Each arrangement keeps the user's changes.

A saved layout is restored when its arrangement is first shown, because the sizes are unknown before. Docks without a
place in the present arrangement are closed. A dock that becomes visible only while a layout is restored is neither
painted nor filled, and its panel receives no `appear` call.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from PySide6.QtCore import QByteArray, QPoint, Qt, QTimer
from PySide6.QtGui import QCursor, QHideEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QTabWidget

from gui.page.dock import Dock, title_of
from gui.page.dock_sizes import DockSizes, Shares
from gui.page.panel import Panel, Place
from gui.page.places import folded, in_rows, is_small, key_of, leader_of, tabs_of
from gui.page.separators import leave_separator
from gui.page.stale_tabs import StaleTabs
from gui.page.titlebar import TitleBar
from gui.widgets.tab_style import dress_tabs

LECTURE = "lecture"  # the arrangement of a lecture step: computed from rows of panels, never saved
SIZE = struct.Struct("<HH")  # width and height of the page, before the state of the docks
ASIDE = 24  # pixels by which a panel moves when it is floated by a button
DIRECTIONS = {"right": Qt.Orientation.Horizontal, "below": Qt.Orientation.Vertical}


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
        self.is_small = False  # for the size of its text, so that some panels are folded into tabs
        self.rows: tuple[tuple[str, ...], ...] = ()  # of titles, in the arrangement LECTURE
        self._saved: Mapping[str, QByteArray] = {}  # the layouts of the last run, by key
        self._left: dict[str, QByteArray] = {}  # the layouts of this run, by key
        self._shares: dict[str, Shares] = {}  # of the docks when the page became small or large, by key
        self._away: list[QDockWidget] = []  # floating docks that are hidden with their page
        self._seen: set[str] = set()  # the titles of the visible docks
        self._is_arranging = False
        self._unfilled: QByteArray | None = None  # the layout to return to, while one panel fills the page
        self.kinds = list(kinds)
        self.docks = {kind.title: self._dock(kind) for kind in self.kinds}
        self.sizes = DockSizes(
            self, self.docks, self._seen, lambda: self.laid_out and not (self._is_arranging or self.is_filled)
        )
        StaleTabs(self)
        for timer in (self.sizes.settling, self.sizes.resting):
            timer.timeout.connect(self._on_settled)

    def _dock(self, kind: type[Panel]) -> QDockWidget:
        dock = Dock(kind.title, self)
        dock.setObjectName(f"{self.objectName()}.{kind.__name__}")
        bar = TitleBar(dock, kind)
        bar.filled.connect(self._on_filled)
        dock.setTitleBarWidget(bar)
        dock.visibilityChanged.connect(self._on_visibility)
        dock.topLevelChanged.connect(self._on_floated)
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
        self._set_seen(title_of(dock), seen)

    def _on_floated(self, floating: bool) -> None:
        """Update a floated dock: Qt sends no visibility signal if the dock was behind a tab."""
        dock = self.sender()
        assert isinstance(dock, QDockWidget)
        title = title_of(dock)
        if floating and not dock.titleBarWidget().isAncestorOf(QApplication.widgetAt(QCursor.pos()) or self):
            dock.move(dock.pos() + QPoint(ASIDE, ASIDE))
        if floating and title not in self._seen and dock.isVisible():
            self._set_seen(title, True)

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
        leave_separator(self)
        self.setUpdatesEnabled(False)
        try:
            yield
            layout = self.layout()
            if layout is not None and self.isVisible():  # a hidden window does not have its final size
                layout.activate()
        finally:
            self.setUpdatesEnabled(True)
            self._is_arranging = False
        changed = self._seen ^ before
        for title in (kind.title for kind in self.kinds if kind.title in changed):  # in the order of their places
            self.notify(title, title in self._seen)
        self._make_seen()

    # One panel that fills the page

    @property
    def is_filled(self) -> bool:
        """Whether one panel fills the page."""
        return self._unfilled is not None

    def fill(self, title: str) -> None:
        """Let the panel with this title fill the page; if a panel fills it already, return to the layout before."""
        if self._unfilled is not None:
            self.unfill()
            return
        self._unfilled = self.state()
        with self._batched():
            for name, dock in self.docks.items():
                if not dock.isFloating():
                    dock.setVisible(name == title)
            self.docks[title].raise_()

    def unfill(self) -> None:
        """Return to the layout before a panel filled the page; without one, change nothing."""
        if (layout := self._unfilled) is not None:
            self._unfilled = None
            with self._batched():
                self._restore(layout)
                dress_tabs(self)

    def _on_filled(self) -> None:
        bar = self.sender()
        assert isinstance(bar, TitleBar)
        self.fill(bar.kind.title)

    # Default layouts

    @property
    def places(self) -> dict[type[Panel], Place]:
        """The places of the present arrangement, in ascending order."""
        if self.arrangement == LECTURE:
            by_title = {kind.title: kind for kind in self.kinds}
            return {by_title[title]: place for title, place in in_rows(self.rows)}
        places = {kind: place for kind in self.kinds if (place := kind.place_in(self.arrangement)) is not None}
        places = dict(sorted(places.items(), key=lambda item: item[1].order))
        return folded(places) if self.is_small else places

    def arrange(self) -> None:
        """Apply the default layout of the present arrangement."""
        self._unfilled = None
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
            dress_tabs(self)
        self.sizes.remember()

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
        most = leader_of(places)
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

    # Layouts of the user

    def has_layout(self, arrangement: str) -> bool:
        """Whether an arrangement has been shown in this run, so that no saved layout is needed."""
        keys = {key_of(arrangement, small) for small in (False, True)}
        return not keys.isdisjoint(self._left) or (arrangement == self.arrangement and self.laid_out)

    def show_arrangement(self, name: str, saved: Mapping[str, QByteArray] | None = None) -> None:
        """Show an arrangement: with its layout of this run, or else one of `saved`, or else the default layout.

        The saved layouts have the keys of `key_of`.
        """
        if name == self.arrangement and self.laid_out:
            return
        self._begin(name, saved or {})

    def show_rows(self, rows: tuple[tuple[str, ...], ...], *, anew: bool = False) -> None:
        """Show rows of panels, by their titles, as the arrangement LECTURE. The layouts of the user do not change.

        If these rows are shown already, the user's changes of them stay, unless `anew`.
        """
        if rows != self.rows or self.arrangement != LECTURE or anew:
            self.rows = rows
            self._begin(LECTURE, {})

    def _keep_layout(self) -> None:
        if self.laid_out and self.arrangement != LECTURE:
            self._left[key_of(self.arrangement, self.is_small)] = self.state()

    def _begin(self, name: str, saved: Mapping[str, QByteArray]) -> None:
        """Begin an arrangement, whose docks are laid out as soon as the page has its size."""
        self._keep_layout()
        self._unfilled = None
        self.arrangement, self.laid_out, self._away = name, False, []
        self._saved = {**self._saved, **saved}
        self.is_small = False
        for kind, place in self.places.items():
            if place.how != "tab":
                self.make(kind)
        if self.isVisible():
            self._lay_out()

    def _lay_out(self) -> None:
        self.laid_out = True
        self.is_small = self.arrangement != LECTURE and is_small(self)
        key = key_of(self.arrangement, self.is_small)
        with self._batched():
            left = self._left.pop(key, None)
            if left is None:  # to restore a layout of this run takes a third of the time
                self.arrange()
            if (layout := left or self._saved.get(key)) is not None:
                self._restore(layout)
                dress_tabs(self)
        if layout is None:
            self.sizes.remember()
        self.sizes.settling.start()  # the panels that are made now need other sizes

    def _on_settled(self) -> None:
        """Lay out the page again if it has become small for its text, or large enough again."""
        is_ready = self.isVisible() and self.laid_out and not self.is_filled and self.arrangement != LECTURE
        if not is_ready or is_small(self) == self.is_small:
            return
        front = self._seen & tabs_of(self.places)
        self._keep_layout()
        self._shares[key_of(self.arrangement, self.is_small)] = self.sizes.shares()
        self._lay_out()
        for title in front:
            self.docks[title].raise_()
        if (shares := self._shares.get(key_of(self.arrangement, self.is_small))) is not None:
            self.sizes.use(shares)  # those of the layout are of a text of the other size

    def _restore(self, layout: QByteArray) -> None:
        """Restore a layout at the size at which it was saved. At any other size Qt shares the room unequally.

        The window may still have another size: it is maximised after it is shown.
        """
        content, now = bytes(layout.data()), self.size()
        self.resize(*SIZE.unpack_from(content))
        lay_out(self)
        self.restoreState(QByteArray(content[SIZE.size :]))
        lay_out(self)
        self.sizes.store()
        self.resize(now)

    def layouts(self) -> dict[str, QByteArray]:
        """The present layout of each arrangement that has been shown, by the keys of `key_of`."""
        is_kept = self.laid_out and self.arrangement != LECTURE
        present = {key_of(self.arrangement, self.is_small): self.state()} if is_kept else {}
        return {**self._left, **present}

    def state(self) -> QByteArray:
        """The size and the layout of the page, as it is while no panel fills it.

        Floating docks count as visible although another page hides them.
        """
        if self._unfilled is not None:
            return self._unfilled
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


def lay_out(window: QMainWindow) -> None:
    """Lay out the docks at once, and not when the event loop comes to it."""
    if (layout := window.layout()) is not None:
        layout.activate()
