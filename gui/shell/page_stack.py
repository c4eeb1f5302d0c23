"""The page stack: the pages of the window, each built when it is first needed, and the tabs that select a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import QStackedWidget

from engine.document import Document
from gui.page.arrangement import LECTURE
from gui.page.commands import Command, Owned
from gui.page.page import Page
from gui.page.panel import Panel
from gui.page.store import Edit
from gui.page.view import PageKind, View
from gui.pages import PAGES, TITLES, arrangement_of, page_of, tab_of
from gui.shell import layouts, stepping
from gui.shell.navigation import fill_page, next_panel, next_tab
from gui.shell.settings import Settings
from gui.shell.tabs import Tabs

LONGEST_WAIT = 300  # milliseconds that the other pages wait for the pictures of the page in front
PAINTING = 30  # milliseconds in which pictures that have arrived are painted


class PageStack(QStackedWidget):
    """Shows the page of the tab in front, in the arrangement of that tab."""

    built = Signal(object)  # a Page
    fronting = Signal()  # another tab is about to come to the front
    fronted = Signal()  # another tab has come to the front
    noticed = Signal(str)  # a sentence: a layout could not be restored
    replacing = Signal()  # the documents of the user are about to be replaced, by those of a file for example

    def __init__(self, settings: Settings, kind_of: Callable[[str], PageKind]) -> None:
        super().__init__()
        self.settings, self.kind_of = settings, kind_of
        self.tabs = Tabs()
        self.pages: dict[str, Page] = {}
        self.initial: dict[str, Callable[[], Document | None]] = {}  # by page, instead of the new document
        self.reopened: set[str] = set()  # the pages that began with their `initial` document
        self.set_aside: dict[str, Document] = {}  # by page: the documents of the user while a lecture shows others
        self._painted = False
        self._is_complete = False  # whether all pages are built or about to be, or the window has closed
        self._rest: Iterator[None] = iter(())  # the building that is left

    # The pages

    @property
    def page(self) -> Page:
        """The page in front."""
        return self.page_in(self.tabs.front)

    @property
    def view(self) -> View:
        """The view of the page in front."""
        return self.page.view

    @property
    def title(self) -> str:
        """The title of the tab in front."""
        return TITLES[self.tabs.front]

    def page_in(self, tab: str) -> Page:
        """The page of a tab, built at the first call."""
        name = page_of(tab)
        if name not in self.pages:
            kind = self.kind_of(name)
            view = View(kind)
            page = Page(view, self._first_document(name) or (kind.first or kind.document)(), self)
            self.addWidget(view)
            self.pages[name] = page
            self._arrange(tab)
            self.built.emit(page)
        return self.pages[name]

    def _first_document(self, name: str) -> Document | None:
        document = self.initial.pop(name)() if name in self.initial else None
        if document is not None:
            self.reopened.add(name)
        return document

    def own_document(self, name: str) -> Document:
        """The user's document of a page that has been built, also while a lecture shows another one."""
        return self.set_aside.get(name, self.pages[name].store.document)

    def build_all(self) -> None:
        """Build all pages that have not been built."""
        for name in PAGES:
            self.page_in(name)

    def page_for(self, document: Document) -> str:
        """The name of the page whose documents have the type of `document`."""
        return next(name for name in PAGES if isinstance(document, self.kind_of(name).document))

    def bring(self, tab: str) -> None:
        """Bring a tab to the front and show its page in the arrangement of the tab."""
        with QSignalBlocker(self.tabs):  # the page is shown once, also if the tab is in front already
            self.tabs.bring(tab)
        self.on_tab()

    def bring_rows(self, tab: str, rows: tuple[tuple[str, ...], ...], *, anew: bool = False) -> None:
        """Bring a tab to the front and show rows of panels of its page, for a step of a lecture."""
        self.fronting.emit()
        page = self.page_in(tab)
        with page.held():
            page.view.show_rows(rows, anew=anew)
            if tab != self.tabs.front or self.currentWidget() is not page.view:
                with QSignalBlocker(self.tabs):  # a tab that the user chooses shows its own arrangement
                    self.tabs.bring(tab)
                self._front(page)

    def bring_page(self, page: str, arrangement: str = "") -> None:
        """Bring a page to the front in an arrangement. A page that is in front keeps its present arrangement."""
        if page != page_of(self.tabs.front):
            self.bring(tab_of(page, arrangement))

    def on_tab(self) -> None:
        """Show the page of the tab in front."""
        self.fronting.emit()
        page = self.page
        with page.held():  # each panel that appears asks for its values
            self._arrange(self.tabs.front)
            self._front(page)

    def _front(self, page: Page) -> None:
        self.setCurrentWidget(page.view)
        self.fronted.emit()
        if self._painted:
            page.open()

    def open(self) -> None:
        """Start the computations of the page in front, and build the other pages after its pictures.

        The window calls this after the first paint.
        """
        self._painted = True
        self.page.settled.connect(self._on_pictures)
        QTimer.singleShot(0, self, self._on_arranged)
        QTimer.singleShot(LONGEST_WAIT, self, self._build_the_rest)
        self.page.open()

    def _on_pictures(self) -> None:
        if not self._is_complete:
            QTimer.singleShot(PAINTING, self, self._build_the_rest)

    def _build_the_rest(self) -> None:
        if not self._is_complete:
            self._is_complete = True
            self._rest = self._build_in_pieces()
            self._build_next_piece()

    def _build_in_pieces(self) -> Iterator[None]:
        """Build the pages that have not been built; yield wherever an event of the user may come first."""
        for name in PAGES:
            if name not in self.pages:
                for module in self.kind_of(name).modules():
                    yield
                    import_module(module)
                yield
                self.page_in(name)

    def _build_next_piece(self) -> None:
        is_left = next(self._rest, self) is None
        if is_left:
            QTimer.singleShot(0, self, self._build_next_piece)

    def close_pages(self) -> None:
        """Stop all computations of all pages."""
        self._is_complete, self._rest = True, iter(())
        for page in self.pages.values():
            page.close()

    # Layouts

    def _arrange(self, tab: str) -> None:
        """Lay out the page of a tab in the arrangement of the tab, and report a layout that cannot be restored."""
        if notice := layouts.show(self.settings, self.pages[page_of(tab)].view, arrangement_of(tab)):
            self.noticed.emit(notice)
        if self._painted and self.settings.restoring:
            QTimer.singleShot(0, self, self._on_arranged)

    def _on_arranged(self) -> None:
        self.settings.restoring = False

    def reset_layout(self) -> None:
        """Restore the default layout of the page in front."""
        self.view.arrange()

    # Commands

    def commands(self) -> tuple[Owned, ...]:
        """The commands of all pages that have been built, in the order of the pages."""
        return tuple(owned for name in PAGES if name in self.pages for owned in self.pages[name].view.commands)

    def subject(self, owned: Owned) -> Any:
        """The argument of `checked` and `unavailable`: the document of the command's page, or else its owner."""
        return self.pages[owned.page].store.document if owned.page else owned.owner

    def why_not(self, owned: Owned) -> str:
        """The reason why a command is unavailable; empty if it is available."""
        reason = owned.command.why_not(self.subject(owned))
        if owned.page and not reason:
            reason = stepping.why_not(owned.command, self.pages[owned.page].view.position)
        return reason

    def is_checked(self, owned: Owned) -> bool:
        """Whether a checkable command is checked."""
        return owned.command.checked is not None and owned.command.checked(self.subject(owned))

    def run(self, owned: Owned) -> None:
        """Bring the page of a command to the front, and the tab with its panel if it is not open, then run it."""
        place = getattr(owned.owner, "place", None)
        self.bring_page(owned.page, place.arrangement if place else "")
        if place is not None and owned.command.brings and not _has_open(self.view, owned.owner):
            self.bring(tab_of(owned.page, place.arrangement))
        self.view.run(owned)

    def commit(self, edit: Edit) -> None:
        """Show the page of an edit's document and apply the edit, undoably."""
        self.bring_page(self.page_for(edit.document))
        self.page.store.commit(edit)


def _has_open(view: View, kind: type[Panel]) -> bool:
    """Whether a panel has a place in the present arrangement, is opened in it, or may be: a lecture has any."""
    is_open = view.docks[kind.title].toggleViewAction().isChecked()
    return is_open or kind in view.places or view.arrangement == LECTURE


def _show(tab: str) -> Callable[[PageStack], None]:
    return lambda stack: stack.bring(tab)


def _is_front(tab: str) -> Callable[[PageStack], bool]:
    return lambda stack: stack.tabs.front == tab


SHOW_TABS = tuple(
    Command(title, "View", run=_show(tab), checked=_is_front(tab), keys=f"Ctrl+{n}", tip=f"Show the page {title}")
    for n, (tab, title) in enumerate(TITLES.items(), 1)
)
RESET_LAYOUT = Command("Reset layout", "View", run=PageStack.reset_layout, keys="Ctrl+Shift+R",
                       tip="Restore the default layout of this page")  # fmt: skip
NAVIGATION = (
    Command("Next panel", "View/Go to", run=lambda stack: next_panel(stack.view, 1), keys="F6",
            tip="Move the focus to the next panel"),
    Command("Previous panel", "View/Go to", run=lambda stack: next_panel(stack.view, -1), keys="Shift+F6",
            tip="Move the focus to the previous panel"),
    Command("Next tab", "View/Go to", run=lambda stack: next_tab(stack.view, 1), keys="Ctrl+PgDown",
            tip="Show the next tab of the panel with the focus"),
    Command("Previous tab", "View/Go to", run=lambda stack: next_tab(stack.view, -1), keys="Ctrl+PgUp",
            tip="Show the previous tab of the panel with the focus"),
    Command("Fill the page with this panel, or return", "View/Go to", run=lambda stack: fill_page(stack.view),
            keys="Shift+F11", line=True, tip="The panel with the focus fills the page; again: the layout before"),
)  # fmt: skip
