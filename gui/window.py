"""The main window with its pages, menus, tool bar, status bar and banner.

Only the front page is built before the first paint. The other page is built after the pictures of the front page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPaintEvent, QUndoGroup
from PySide6.QtWidgets import QApplication, QMainWindow, QToolBar, QVBoxLayout, QWidget

from engine.session import Session
from gui.figures.figures import FIGURE_COMMANDS, Figures
from gui.lecture.authoring.author import AUTHOR_COMMANDS, Author
from gui.lecture.authoring.saver import SAVER_COMMANDS, Saver
from gui.lecture.commands import KEYS, LECTURE_COMMANDS
from gui.lecture.mode import LectureMode
from gui.page.commands import Command, Key, Owned
from gui.page.jobs import Failure
from gui.page.page import Page
from gui.page.stepper import BACK, FORWARD
from gui.page.view import PageKind
from gui.pages import page_kind
from gui.paper.paper import PAPER_COMMANDS, Paper
from gui.plots.plot import Plot
from gui.shell import layouts, lecture, theme
from gui.shell.appearance import COLOUR_MAPS, LOOKS, TEXT_COMMANDS, Appearance
from gui.shell.drops import Drops
from gui.shell.files import FILE_COMMANDS, Files
from gui.shell.help.help import HELP_COMMANDS, Help
from gui.shell.menus import Menus
from gui.shell.navigation import next_control
from gui.shell.page_stack import NAVIGATION, RESET_LAYOUT, SHOW_TABS, PageStack
from gui.shell.palette.finder import FIND, Finder
from gui.shell.preferences.command import PREFERENCES
from gui.shell.preferences.preferences import Chooser
from gui.shell.sessions.current_session import SAVE_COMMANDS, CurrentSession
from gui.shell.sessions.recent import OPEN_RECENT, Recent
from gui.shell.settings import Settings
from gui.shell.status import Status
from gui.widgets import file_dialogs
from gui.widgets.banner import Banner


class Window(QMainWindow):
    """Bayescape's window. `painted` is emitted once, when the first page has been on the screen."""

    painted = Signal()
    closing = Signal()  # the window closes now

    def __init__(
        self,
        settings: Settings,
        front: str = "regression",
        appearance: str = "",
        kind_of: Callable[[str], PageKind] = page_kind,
        begin: Callable[[PageStack, CurrentSession], None] = lambda _stack, _session: None,
    ) -> None:
        super().__init__()
        self.settings = settings
        self.appearance = Appearance(settings, appearance, self)  # before any widget reads a colour
        self._painted = False
        self.setWindowIcon(theme.icon("bayescape"))
        self.resize(1600, 900)
        self.group = QUndoGroup(self)
        self.status, self.bar = Status(), QToolBar("Tools")
        self.stack = PageStack(settings, kind_of)
        self.tabs = self.stack.tabs
        file_dialogs.remember_in(settings)
        self.session, self.recent = CurrentSession(self, self.stack, settings), Recent(self, settings)
        self.files = Files(self, self.stack, self.session)
        begin(self.stack, self.session)  # before the first page is built
        self.figures = Figures(self, self.stack, settings)
        self._build_centre()
        self._build_bar()
        self._build_commands()
        self.setStatusBar(self.status)
        self.drops = Drops(self)
        self._connect()
        self._take_icons()
        if notice := layouts.restore(settings, self):
            self.banner.say(notice)
        self.show_page(front)
        self.tabs.currentChanged.connect(self.stack.on_tab)

    # Construction

    def _build_centre(self) -> None:
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.stack, 1)
        self.banner = Banner(centre)
        self.setCentralWidget(centre)
        self.lecture = LectureMode(self, self.stack, self.bar, column, self.settings.folder)
        self.lecture.use_keys(KEYS)
        self.author = Author(self, self.lecture.player)
        self.saver = Saver(self, self.lecture.player, self.session)
        self.paper = Paper(self, self.stack, self.settings, self.lecture)

    def _build_bar(self) -> None:
        self.bar.setObjectName("tools")
        self.bar.setMovable(False)
        self.bar.addWidget(self.tabs)
        self.bar.addSeparator()
        self.undo, self.redo = self.group.createUndoAction(self, "Undo"), self.group.createRedoAction(self, "Redo")
        self.bar.addActions([self.undo, self.redo])
        self.bar.addSeparator()
        self.addToolBar(self.bar)

    def _build_commands(self) -> None:
        self.menus = Menus(self.menuBar(), self.bar, self.stack)
        self.finder = Finder(self, self.settings, self.stack, self.menus)
        self.chooser = Chooser(self, self.settings, self.appearance, self.menus)
        self.help = Help(self, self.stack, self.menus, self.settings)
        undo, redo = Owned(UNDO, self.group), Owned(REDO, self.group)
        self.menus.adopt(undo, self.undo)
        self.menus.adopt(redo, self.redo)
        steps = self._owned(lecture.step_commands(), self.files)
        files = (
            *self._owned(FILE_COMMANDS, self.files),
            Owned(OPEN_RECENT, self.recent),
            *self._owned(SAVE_COMMANDS, self.session),
        )
        first = (*files, undo, redo, *self._owned(SHOW_TABS, self.stack))
        last = (
            *self._owned(FIGURE_COMMANDS, self.figures),
            Owned(PREFERENCES, self.chooser),
            *self._owned((CLOSE, QUIT), self),
            *self._owned((RESET_LAYOUT, *NAVIGATION), self.stack),
            *self._owned((*TEXT_COMMANDS, *LOOKS, *COLOUR_MAPS), self.appearance),
            Owned(FULL_SCREEN, self),
            *self._owned(LECTURE_COMMANDS, self.lecture),
            *self._owned(PAPER_COMMANDS, self.paper),
            *self._owned(AUTHOR_COMMANDS, self.author),
            *self._owned(SAVER_COMMANDS, self.saver),
            *steps,
            Owned(FIND, self.finder),
            *self._owned(HELP_COMMANDS, self.help),
        )
        self.menus.add(first, last)
        self.menus.action_of(files[len(FILE_COMMANDS)]).setMenu(self.recent.menu)
        self.steps = lecture.StepButtons(self.bar, self.menus, steps)

    def _owned(self, commands: Iterable[Command], owner: Any) -> tuple[Owned, ...]:
        return tuple(Owned(command, owner) for command in commands)

    def _connect(self) -> None:
        self.menus.chosen.connect(self.run)
        self.finder.chosen.connect(self.run)
        for owner in (self.files, self.session, self.lecture, self.figures, self.author, self.saver):
            owner.refused.connect(self._on_refused)
        self.session.changed.connect(self._name)
        self.session.told.connect(self.status.hint)
        self.session.saved_as.connect(self.recent.add)
        self.recent.chosen.connect(self.files.open_file)
        self.files.lecture_opened.connect(self.lecture.open_file)
        self.files.in_lecture = self.lecture.go_to_title
        self.figures.said.connect(self.status.hint)
        self.lecture.authored.connect(self.author.carry_out)
        self.saver.said.connect(self.status.hint)
        self.lecture.presented.connect(self.appearance.present)
        self.help.chosen.connect(self.run)
        self.banner.reported.connect(self.help.report)
        self.drops.dropped.connect(self.files.open_file)
        self.appearance.changed.connect(self._dress)
        self.stack.built.connect(self._on_built)
        self.stack.fronted.connect(self._on_fronted)
        self.stack.noticed.connect(self.banner.say)

    def _on_built(self, page: Page) -> None:
        self.group.addStack(page.store.own)
        self.group.addStack(page.store.lecture)
        page.failed.connect(self._on_failed)
        page.recovered.connect(self.banner.retract_failure)
        page.store.changed.connect(self.menus.refresh)
        page.store.changed.connect(self.banner.retract)
        page.view.readout_changed.connect(self.status.tell)
        page.view.menu_opened.connect(self.figures.fill_menu)
        page.view.hint_changed.connect(self.status.hint)
        page.view.refused.connect(self._on_refused)
        page.view.running.connect(self._on_running)

    # Pages

    @property
    def page(self) -> Page:
        """The page in front."""
        return self.stack.page

    @property
    def pages(self) -> dict[str, Page]:
        """The pages that have been built, by name."""
        return self.stack.pages

    def show_page(self, tab: str) -> None:
        """Bring a tab to the front and show its page in the arrangement of the tab."""
        self.stack.bring(tab)

    def _on_fronted(self) -> None:
        self.group.setActiveStack(self.page.store.stack)
        self.menus.show_page()
        self._name()
        self.banner.leave(self.page.store.document)
        self.steps.show(self.page.view.name == "regression")
        self.status.tell([])
        self.status.hint("")

    def _name(self) -> None:
        """Show the file, the page, and whether the documents differ from what was saved."""
        name = self.session.name.replace("[*]", "")
        self.setWindowTitle(
            f"{name}[*] – {self.stack.title} – Bayescape" if name else f"{self.stack.title}[*] – Bayescape"
        )
        self.setWindowModified(self.session.modified)

    def open_file(self, path: Path) -> None:
        """Open a session, or a file or folder that a page accepts."""
        self.files.open_file(path)

    def open_session(self, opened: Session) -> None:
        """Replace the document of the session's page, as one undoable edit, and show that page."""
        self.files.open_session(opened)

    # Commands

    def run(self, owned: Owned) -> None:
        """Run a command, or show the reason why it is unavailable."""
        if owned.page:
            self.stack.run(owned)
            return
        try:
            if reason := self.stack.why_not(owned):
                raise ValueError(reason)
            assert owned.command.run is not None
            owned.command.run(owned.owner)
        except ValueError as refusal:
            self._on_refused(str(refusal))

    def _on_refused(self, reason: str) -> None:
        """Show why an action was refused, until the page or the tab changes."""
        self.banner.say(reason, about=self.page.store.document, is_passing=True)

    def _on_failed(self, failure: Failure) -> None:
        """Show why the values of a page could not be computed, until the page changes."""
        page = self.sender()
        assert isinstance(page, Page)
        self.banner.say(failure.reason, failure.details, page.store.document)

    def _on_running(self, command: Command, on: bool) -> None:
        view = self.sender()
        self.menus.show_running(view.name, command, on)  # type: ignore[attr-defined]

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Step at Space and Shift+Space. Escape hides a message or leaves full screen. Controls come first."""
        if event.key() == Qt.Key.Key_Space:
            back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._step(BACK if back else FORWARD)
        elif event.key() == Qt.Key.Key_Escape and self.banner.isVisible():
            self.banner.hide()
        elif event.key() == Qt.Key.Key_Escape and self.isFullScreen():
            full_screen(self)
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802
        """Move the focus at Tab and Shift+Tab in the order of the screen."""
        return next_control(self, 1 if forward else -1)

    def _step(self, command: Command) -> None:
        owned = next((owned for owned in self.page.view.commands if owned.command is command), None)
        if owned is not None and not self.stack.why_not(owned):
            self.run(owned)

    # Appearance

    def _dress(self) -> None:
        self._take_icons()
        self.menus.position.fit()
        for plot in self.findChildren(Plot):
            plot.dress()

    def _take_icons(self) -> None:
        self.bar.setIconSize(theme.icon_size() * 1.5)
        self.undo.setIcon(theme.icon("undo"))
        self.redo.setIcon(theme.icon("redo"))
        self.menus.recolour()

    def on_system_scheme(self) -> None:
        """Apply the appearance again after the desktop has changed between light and dark."""
        self.appearance.refresh()

    # First paint and closing

    def _on_painted(self) -> None:
        self.painted.emit()
        self.stack.open()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self._on_painted)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        if not self.session.may_close():
            event.ignore()
            return
        self.lecture.close()
        layouts.keep(self.settings, self, [page.view for page in self.pages.values()])
        self.settings.restoring = False
        self.hide()  # a page may wait for seconds, until its training is saved
        self.closing.emit()
        self.session.close()
        self.lecture.memories.close()
        self.files.close()
        self.figures.close()
        self.paper.close()
        self.stack.close_pages()
        super().closeEvent(event)


def full_screen(window: QWidget) -> None:
    """Switch a window between full screen and its former size."""
    window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen)


UNDO = Command("Undo", "Edit", run=QUndoGroup.undo, keys=Key.Undo, tip="Undo the latest edit of this page",
               unavailable=lambda group: "" if group.canUndo() else "There is nothing to undo.")  # fmt: skip
REDO = Command("Redo", "Edit", run=QUndoGroup.redo, keys=Key.Redo, tip="Redo the edit that was undone last",
               unavailable=lambda group: "" if group.canRedo() else "There is nothing to redo.")  # fmt: skip
CLOSE = Command(
    "Close window", "File", run=lambda window: window.close(), keys="Ctrl+W", line=True, tip="Close this window"
)
QUIT = Command("Quit", "File", run=lambda _: QApplication.closeAllWindows(), keys="Ctrl+Q", tip="Quit the program")
FULL_SCREEN = Command("Full screen", "View", run=full_screen, checked=Window.isFullScreen, keys="F11",
                      line=True, tip="Use the whole screen; Esc returns to the window")  # fmt: skip
