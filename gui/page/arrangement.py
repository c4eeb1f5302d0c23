"""Arrangements: a page's docks laid out in more than one way, each of which is found again as it was left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import QByteArray, Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QTabWidget

from gui.page.panel import Panel, Place
from gui.page.titlebar import TitleBar

DIRECTIONS = {"right": Qt.Orientation.Horizontal, "below": Qt.Orientation.Vertical}


class Arranged(QMainWindow):
    """A dock for each kind of panel, and who of them is on the screen. What is in them is the business of a subclass.

    Panels without a place in the present arrangement are closed, and wait behind its tabs.
    """

    def __init__(self, name: str, kinds: Sequence[type[Panel]]) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setDockNestingEnabled(True)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.arrangement = ""
        self.laid_out = False  # only once it is shown are its sizes known
        self._kept: QByteArray | None = None
        self._left: dict[str, QByteArray] = {}  # by arrangement
        self._away: list[QDockWidget] = []
        self._seen: set[str] = set()
        self._is_arranging = False
        self.kinds = list(kinds)
        self.docks = {kind.title: self._dock(kind) for kind in self.kinds}

    def _dock(self, kind: type[Panel]) -> QDockWidget:
        dock = QDockWidget(kind.title, self)
        dock.toggleViewAction().setText(kind.title)
        dock.toggleViewAction().triggered.connect(self._on_toggled)
        dock.setObjectName(f"{self.objectName()}.{kind.__name__}")
        dock.setTitleBarWidget(TitleBar(dock, kind))
        dock.visibilityChanged.connect(self._on_visibility)
        dock.topLevelChanged.connect(self._on_floated)
        return dock

    def make(self, kind: type[Panel]) -> None:
        """Fill the dock of that kind, unless it is."""
        raise NotImplementedError

    def tell(self, title: str, seen: bool) -> None:
        """Tell a panel that it has come to the screen, or left it."""
        raise NotImplementedError

    # Who is seen

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

    def _on_toggled(self, opened: bool) -> None:
        """Who is opened by the menu comes to the front of those it shares its place with."""
        dock = self.sender().parent()
        assert isinstance(dock, QDockWidget)
        if opened:
            dock.raise_()

    def _title_of(self, dock: QDockWidget) -> str:
        return next(title for title, own in self.docks.items() if own is dock)

    def _see(self, title: str, seen: bool) -> None:
        (self._seen.add if seen else self._seen.discard)(title)
        if self._is_arranging:
            return
        self.tell(title, seen)
        if seen:
            QTimer.singleShot(0, self, self._make_what_is_seen)  # those behind a tab flash up when a page is shown

    def _make_what_is_seen(self) -> None:
        for kind in self.kinds:
            if kind.title in self._seen:
                self.make(kind)

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """Whoever only flashes up while docks are laid out is neither painted, nor made, nor told."""
        if self._is_arranging:
            yield
            return
        known, self._is_arranging = set(self._seen), True
        self.setUpdatesEnabled(False)
        try:
            yield
            layout = self.layout()
            if layout is not None and self.isVisible():  # else its size, which is shared out, is not the one to come
                layout.activate()
        finally:
            self.setUpdatesEnabled(True)
            self._is_arranging = False
        for title in self._seen ^ known:
            self.tell(title, title in self._seen)
        self._make_what_is_seen()

    # By their places

    @property
    def places(self) -> dict[type[Panel], Place]:
        """Those of the present arrangement, in order."""
        found = {kind: place for kind in self.kinds if (place := kind.place_in(self.arrangement)) is not None}
        return dict(sorted(found.items(), key=lambda item: item[1].order))

    def arrange(self) -> None:
        """Put every dock where it belongs by default in the present arrangement."""
        with self._quietly():
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
        """Where most tabs are, there is room for those that are opened besides."""
        tabs = Counter(place.beside for place in places.values() if place.how == "tab")
        most = tabs.most_common(1)[0][0] if tabs else next(reversed(places)).title
        for kind in self.kinds:
            if kind not in places:
                self.tabifyDockWidget(self.docks[most], self.docks[kind.title])
                self.docks[kind.title].hide()

    def _share(self, places: dict[type[Panel], Place]) -> None:
        """Give each dock its share of the page; those behind a tab have that of the one in front."""
        front = {kind: place for kind, place in places.items() if place.how != "tab"}
        docks = [self.docks[kind.title] for kind in front]
        self.resizeDocks(docks, [self.width() * place.width // 100 for place in front.values()], DIRECTIONS["right"])
        self.resizeDocks(docks, [self.height() * place.height // 100 for place in front.values()], DIRECTIONS["below"])

    def _dress_tabs(self) -> None:
        for tabs in self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            tabs.setDrawBase(False)
            tabs.setElideMode(Qt.TextElideMode.ElideNone)
            tabs.setUsesScrollButtons(True)

    # As they were left

    def knows(self, arrangement: str) -> bool:
        """Whether an arrangement has been laid out, so that it need not be restored from anywhere."""
        return arrangement in self._left or (arrangement == self.arrangement and self.laid_out)

    def show_arrangement(self, name: str, kept: QByteArray | None = None) -> None:
        """Lay the docks out otherwise: as they were left, else as they were `kept`, else by their places."""
        if name == self.arrangement and self.laid_out:
            return
        if self.laid_out:
            self._left[self.arrangement] = self.state()
        self.arrangement, self._kept, self.laid_out, self._away = name, kept, False, []
        for kind, place in self.places.items():
            if place.how != "tab":
                self.make(kind)
        if self.isVisible():
            self._lay_out()

    def _lay_out(self) -> None:
        self.laid_out = True
        with self._quietly():
            left = self._left.pop(self.arrangement, None)
            if left is None:  # otherwise all docks are known, and it is done in a third of the time
                self.arrange()
            if (layout := left or self._kept) is not None:
                self.restoreState(layout)
                self._dress_tabs()

    def layouts(self) -> dict[str, QByteArray]:
        """How each arrangement that was on the screen was left."""
        return {**self._left, self.arrangement: self.state()} if self.laid_out else dict(self._left)

    def state(self) -> QByteArray:
        """The layout, with the floating docks where they are even while another page is seen."""
        for dock in self._away:
            dock.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
            dock.show()
        state = self.saveState()
        for dock in self._away:
            dock.hide()
            dock.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen, on=False)
        return state

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """The shares are known only once the page has its size."""
        super().showEvent(event)
        if not self.laid_out:
            self._lay_out()
        for dock in self._away:
            dock.show()
        self._away = []

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Floating docks go and come with their page."""
        super().hideEvent(event)
        self._away += [dock for dock in self.docks.values() if dock.isFloating() and dock.isVisible()]
        for dock in self._away:
            dock.hide()
