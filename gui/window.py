"""The main window: its tabs and pages, menus, tool bar, status bar, and the road on which errors are shown."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QFontMetrics, QKeySequence, QPaintEvent, QUndoGroup
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QMainWindow,
    QSizePolicy,
    QStackedWidget,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from engine import session
from engine.document import Document
from engine.lecture import steps
from gui.page.page import Page
from gui.page.store import Edit
from gui.pages import KINDS, TITLES, arrangement_of, page_of, view_kind, view_kinds
from gui.plots.plot import Plot
from gui.shell import layouts, theme
from gui.shell.about import about_text, keys_text, show_text
from gui.shell.drops import Drops
from gui.shell.export import save_picture, write_file
from gui.shell.lecture import add_steps
from gui.shell.menus import Actions, Command
from gui.shell.settings import Settings
from gui.shell.status import Status
from gui.shell.tabs import Tabs
from gui.widgets.banner import Banner
from gui.widgets.elided import Elided

APPEARANCES = ("system", "light", "dark")


class Window(QMainWindow):
    """Bayescape's window. `painted` is emitted once, when the first page has been on the screen."""

    painted = Signal()

    def __init__(self, settings: Settings, front: str = "regression", appearance: str = "") -> None:
        super().__init__()
        self.settings, self.appearance = settings, appearance  # one for this run alone goes before the kept one
        self._painted = False
        self._apply_theme()
        self.setWindowIcon(theme.icon("bayescape"))
        self.resize(1600, 900)
        self.group = QUndoGroup(self)
        self.banner, self.tabs, self.stack, self.status = Banner(self), Tabs(), QStackedWidget(), Status()
        self.bar, self.position = QToolBar("Tools"), Elided("Observations taken into account")
        self.pages: dict[str, Page] = {}
        self._build_centre()
        self._build_bar()
        self._build_menus()
        self.drops = Drops(self)
        self.drops.dropped.connect(self.open_file)
        self.setStatusBar(self.status)
        self._take_icons()
        if notice := layouts.restore(settings, self):
            self.banner.say(notice)
        self.show_page(front)
        self.tabs.currentChanged.connect(self._on_tab)

    # Making

    def _page(self, tab: str) -> Page:
        """A tab's page, built when it is first asked for: the front one at once, the others after the first paint."""
        name = page_of(tab)
        if name in self.pages:
            return self.pages[name]
        kind = view_kind(name)
        view = kind()
        page = Page(view, kind.start(), self)
        self.group.addStack(page.store.stack)
        page.failed.connect(self.banner.show_failure)
        page.store.changed.connect(self._on_changed)
        view.readout_changed.connect(self.status.tell)
        view.hint_changed.connect(self.status.hint)
        view.refused.connect(self.banner.say)
        view.switched.connect(self.actions_made.show_switched)
        self.stack.addWidget(view)
        self.panel_menus[name].addActions(view.panel_actions())
        self.pages[name] = page
        self._arrange(tab)
        return page

    def _arrange(self, tab: str) -> None:
        """Lay out a tab's page as it is arranged there."""
        if notice := layouts.show(self.settings, self.pages[page_of(tab)].view, arrangement_of(tab)):
            self.banner.say(notice)
        if self._painted and self.settings.restoring:
            QTimer.singleShot(0, self, self._on_arranged)

    def _on_arranged(self) -> None:
        self.settings.restoring = False

    def _build_centre(self) -> None:
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self.stack, 1)
        self.setCentralWidget(centre)

    def _build_bar(self) -> None:
        self.bar.setObjectName("tools")
        self.bar.setMovable(False)
        self.bar.addWidget(self.tabs)
        self.bar.addSeparator()
        self.undo, self.redo = self.group.createUndoAction(self, "Undo"), self.group.createRedoAction(self, "Redo")
        self.undo.setShortcut(QKeySequence(QKeySequence.StandardKey.Undo))
        self.redo.setShortcut(QKeySequence(QKeySequence.StandardKey.Redo))
        self.bar.addActions([self.undo, self.redo])
        self.bar.addSeparator()
        self.addToolBar(self.bar)

    def _build_menus(self) -> None:
        self.actions_made = Actions(self, self.bar, self._on_command)
        menus = self.actions_made.menus
        menus["Edit"].insertActions(menus["Edit"].actions()[0], [self.undo, self.redo])
        self.panel_menus = {name: menus["View"].addMenu(f"Panels of {TITLES[name]}") for name in KINDS}
        appearance, colours = self.settings.text("appearance", APPEARANCES[0], APPEARANCES), theme.colours()
        self.actions_made.add_choice("View", "Appearance", APPEARANCES, appearance, self._on_appearance)
        self.actions_made.add_choice("View", "Colour map", theme.MAPS, colours, self._on_colours)
        add_steps(menus["Lecture"], self.bar, self.open_step)
        self.position.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.position_shown = self.bar.insertWidget(self.actions_made.action("step_forward"), self.position)
        self._size_position()

    def _size_position(self) -> None:
        """Of fixed size: a tool bar that is laid out again with every click costs as much as a picture."""
        self.position.setFixedWidth(QFontMetrics(QApplication.font()).horizontalAdvance("888 of 888"))

    def _on_command(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        command: Command = action.data()
        owner = self.pages[command.page].view if command.page else self
        getattr(owner, command.verb)()

    # Pages

    @property
    def page(self) -> Page:
        """The page in front."""
        return self._page(self.tabs.front)

    def show_page(self, tab: str) -> None:
        """Bring a tab to the front, with its page as it is arranged there."""
        self.tabs.bring(tab)
        self._on_tab()

    def _go_to(self, page: str) -> None:
        """Bring a page to the front, arranged as it is if it is there."""
        if page != page_of(self.tabs.front):
            self.show_page(page)

    def show_regression(self) -> None:
        """The Regression page."""
        self.show_page("regression")

    def show_latent(self) -> None:
        """The Latent page."""
        self.show_page("latent")

    def show_unboxing(self) -> None:
        """The Latent page, arranged for the posterior of one image."""
        self.show_page("unboxing")

    def _on_tab(self) -> None:
        page = self._page(self.tabs.front)
        self._arrange(self.tabs.front)
        self.stack.setCurrentWidget(page.view)
        self.group.setActiveStack(page.store.stack)
        self.actions_made.show_page(self.page.view.name)
        self.setWindowTitle(f"{TITLES[self.tabs.front]} – Bayescape")
        self.status.tell([])
        self._on_changed()
        if self._painted:
            self.page.open()

    def _on_changed(self, _: Document | None = None) -> None:
        position = self.page.view.position
        self.position.say(f"{position[0]} of {position[1]}" if position else "")
        self.position_shown.setVisible(position is not None)
        self.actions_made.show_position(position)

    # What the File menu does

    def new(self) -> None:
        """This page afresh."""
        self.page.store.commit(Edit("New", self.page.view.start()))

    def open(self) -> None:
        """Ask for a file and open it."""
        suffixes = (".json", *(suffix for kind in view_kinds() for suffix in kind.takes))
        kinds = f"All that can be opened ({' '.join(f'*{suffix}' for suffix in suffixes)});;All files (*)"
        name, _ = QFileDialog.getOpenFileName(self, "Open", "", kinds)
        if name:
            self.open_file(Path(name))

    def open_file(self, path: Path) -> None:
        """Open a session, or what a page takes in, a folder too. A bad file changes nothing and is explained."""
        if taker := next((kind for kind in view_kinds() if kind.accepts(path)), None):
            self._go_to(taker.name)
            self.page.view.take_file(path)
            return
        try:
            if path.stat().st_size > session.LARGEST:
                raise ValueError(f"It is larger than {session.LARGEST >> 20} MB.")
            self.open_session(session.decode(path.read_bytes()))
        except (OSError, ValueError) as error:
            self.banner.say(f"{path.name} was not opened. {error}")

    def open_session(self, opened: session.Session) -> None:
        """Make a session's document the present one of its page, undoably, and show that page."""
        self._commit(Edit(opened.title or "Open", opened.document))

    def open_step(self, number: int) -> None:
        """A step of the lecture, counted from 1."""
        self.open_session(steps()[number - 1])

    def _commit(self, edit: Edit) -> None:
        kind = next(kind for kind in view_kinds() if isinstance(edit.document, kind.start))
        self._go_to(kind.name)
        self._page(kind.name).store.commit(edit)

    def save(self) -> None:
        """Ask for a file and write this page's document to it."""
        name, _ = QFileDialog.getSaveFileName(self, "Save as", f"{self.page.view.name}.json", "Session (*.json)")
        if not name:
            return
        try:
            write_file(Path(name), session.encode(session.Session(self.page.store.document)))
        except OSError as error:
            self.banner.say(str(error))

    def save_picture(self) -> None:
        """Ask for a file and write what the window shows to it."""
        save_picture(self, TITLES[self.tabs.front])

    # What the View and Help menus do

    def reset_layout(self) -> None:
        """Every panel of this page where it belongs."""
        self.page.view.arrange()

    def fit(self) -> None:
        """Every picture as it starts."""
        for plot in self.page.view.findChildren(Plot):
            plot.fit()

    def larger(self) -> None:
        """Text one size up."""
        self._resize_text(1)

    def smaller(self) -> None:
        """Text one size down."""
        self._resize_text(-1)

    def _resize_text(self, by: int) -> None:
        now = theme.SIZES.index(self.settings.number("text", 1.0, theme.SIZES))
        self.settings.keep("text", theme.SIZES[min(max(now + by, 0), len(theme.SIZES) - 1)])
        self._dress()

    def present(self) -> None:
        """Full screen and back."""
        self.showNormal() if self.isFullScreen() else self.showFullScreen()

    def show_keys(self) -> None:
        """What the mouse and keys do."""
        show_text(self, "What the mouse and keys do", keys_text())

    def about(self) -> None:
        """Versions and licences."""
        show_text(self, "About Bayescape", about_text())

    # The look

    def _on_appearance(self, choice: str) -> None:
        self.settings.keep("appearance", choice)
        self.appearance = ""
        self._dress()

    def _on_colours(self, name: str) -> None:
        self.settings.keep("colours", name)
        self._dress()

    def _apply_theme(self) -> None:
        theme.use_colours(self.settings.text("colours", theme.MAPS[0], theme.MAPS))
        kept = self.settings.text("appearance", APPEARANCES[0], APPEARANCES)
        theme.apply(self.appearance or kept, self.settings.number("text", 1.0, theme.SIZES))

    def _dress(self) -> None:
        self._apply_theme()
        self._take_icons()
        self._size_position()
        for plot in self.findChildren(Plot):
            plot.dress()

    def _take_icons(self) -> None:
        self.undo.setIcon(theme.icon("undo"))
        self.redo.setIcon(theme.icon("redo"))
        self.actions_made.recolour()

    def on_system_scheme(self) -> None:
        """The desktop turned light or dark."""
        self._dress()

    # From the first paint to the last

    def _on_painted(self) -> None:
        self.page.open()
        self.painted.emit()
        QTimer.singleShot(0, self, self._build_the_rest)

    def _build_the_rest(self) -> None:
        for name in KINDS:
            self._page(name)
        self.settings.restoring = False

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self._on_painted)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        layouts.keep(self.settings, self, [page.view for page in self.pages.values()])
        self.settings.restoring = False
        for page in self.pages.values():
            page.close()
        super().closeEvent(event)
