"""The lecture mode: it opens lectures, presents them in full screen, and takes the keys while a lecture runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMainWindow, QToolBar, QVBoxLayout

from engine.lecture.files import read
from engine.lecture.lecture import Lecture
from engine.lecture.shipped import shipped, titles
from gui.lecture.keys import LectureKey, LectureKeys
from gui.lecture.memory import Memories
from gui.lecture.player import Player
from gui.lecture.titles import titles_in
from gui.page.titlebar import TitleBar
from gui.shell.page_stack import PageStack

if TYPE_CHECKING:
    from gui.lecture.desk import Desk

CLOSED = "No lecture is open. Open one in the menu Lecture."
HIGHEST = 16_777_215  # pixels, Qt's largest height


class LectureMode(QObject):
    """The owner of the commands of the menu Lecture."""

    refused = Signal(str)
    presented = Signal(bool)  # whether a lecture runs
    authored = Signal(object)  # an edit of the lecture in the panel Steps: a function of the author

    def __init__(self, window: QMainWindow, stack: PageStack, bar: QToolBar, column: QVBoxLayout, folder: Path) -> None:
        super().__init__(window)
        self.folder = folder  # of the saved answers
        self.window, self.stack, self.tools, self.column = window, stack, bar, column
        self.memories = Memories(folder, self)
        self.memories.refused.connect(self.refused)
        self.memories.soon.timeout.connect(self._remember)
        self.player = Player(stack, self, self.memories.of)
        self.player.moved.connect(self.memories.touch)
        stack.replacing.connect(self.player.leave)
        self.player.refused.connect(self.refused)
        self.player.noticed.connect(self.refused)
        self.player.started.connect(self._on_started)
        self.player.ended.connect(self._on_ended)
        self.keys: LectureKeys | None = None
        self._was_full = False
        self._desk: Desk | None = None

    def use_keys(self, table: tuple[LectureKey, ...]) -> None:
        """Set the keys of a lecture that runs."""
        self.keys = LectureKeys(self.window, table, self.press)

    @property
    def desk(self) -> Desk:
        """The tools of the lecture, made at the first call."""
        if self._desk is None:
            from gui.lecture.desk import Desk  # imported here, because it delays the start

            self._desk = Desk(self.window, self.player, self.column, self.folder)
            self._desk.refused.connect(self.refused)
            self._desk.steps.edited.connect(self.authored)
        return self._desk

    # Opening

    def open_file(self, path: Path, at: str = "") -> None:
        """Open a lecture file and show a step, or the first. If that is not possible, `refused` has the reason."""
        try:
            lecture = read(path)
            self.open(lecture, at=at)
        except ValueError as error:
            self.refused.emit(str(error))
            return
        if faults := self._faults(lecture):
            more = f" There are {len(faults)} faults in all; `lecture check` lists them." if faults[1:] else ""
            self.refused.emit(f"{faults[0]}{more} The other steps play.")

    def _faults(self, lecture: Lecture) -> list[str]:
        from engine.lecture.check import problems  # imported here, because it delays the start

        return list(problems(lecture, titles_in))

    def open(self, lecture: Lecture, selection: str = "", at: str = "") -> None:
        """Show a lecture, or one of its selections, at a step. Raises ValueError if no step can be shown."""
        assert self.desk is not None  # its widgets hear of the start
        self.player.start(lecture, selection, at)

    def open_shipped(self, selection: str = "", at: str = "") -> None:
        """Show the shipped lecture, or one of its selections, at a step."""
        self.open(shipped(titles()[0][1]), selection, at)

    def go_to_title(self, title: str) -> bool:
        """Go to the step with this title. Return whether a lecture runs and has it."""
        course = self.player.course if self.player.running else None
        found = next((i for i, step in enumerate(course.steps) if step.title == title), None) if course else None
        if found is not None:
            self.player.go(found)
        return found is not None

    def show_step(self, path: Path | None, at: str) -> None:
        """Show a step of a lecture file, or of the shipped lecture, as the command line asks for it."""
        self.open_file(path or titles()[0][1], at)

    def present(self) -> None:
        """Show the lecture in full screen, from the present step; in full screen leave the lecture."""
        if self.player.running and self.window.isFullScreen():
            self.player.leave()
            return
        if not self.player.running:
            course = self.player.course
            if course is not None:
                self.open(course.lecture, self.player.selection)
            else:
                self.open_shipped()
        self._use_full_screen()

    def present_from_start(self) -> None:
        """Show the lecture in full screen, from its first step."""
        if not self.player.running:
            self.present()
        self.player.first()
        self._use_full_screen()

    def leave(self) -> None:
        """End the lecture."""
        self.player.leave()

    def close(self) -> None:
        """End the lecture, because the window closes. The user's own documents come back."""
        if self.player.running:
            self._release_keys()
            self.desk.put_away()
            self.player.give_back()

    def _remember(self) -> None:
        """Keep the present step as it is now, and write the memory of the lecture."""
        if self.player.running:
            self.player.keep()
        self.memories.record()

    # The window

    def _on_started(self) -> None:
        self.window.setProperty("lecture", True)
        self._was_full = self.window.isFullScreen()
        if self.keys is not None:
            self.keys.install()
        self.presented.emit(True)
        self.desk.lay_out()

    def _on_ended(self) -> None:
        self.window.setProperty("lecture", False)
        self._release_keys()
        self.desk.put_away()
        self.presented.emit(False)
        self.show_tools(True)
        if self.window.isFullScreen() and not self._was_full:
            self.window.setWindowState(self.window.windowState() ^ Qt.WindowState.WindowFullScreen)
        for layout in (self.window.layout(), self.column):
            if layout is not None:
                layout.activate()  # the layouts of the user come back at the size at which they were left

    def _release_keys(self) -> None:
        if self.keys is not None:
            self.keys.remove()

    def _use_full_screen(self) -> None:
        if not self.window.isFullScreen():
            self.window.setWindowState(self.window.windowState() | Qt.WindowState.WindowFullScreen)
        self.show_tools(False)

    def show_tools(self, on: bool) -> None:
        """Show or hide menus, tool bar and the buttons of the panels.

        A hidden menu bar would take the shortcuts of its menus with it, so it only loses its height.
        """
        self.window.menuBar().setMaximumHeight(HIGHEST if on else 0)
        self.tools.setVisible(on)
        for page in self.stack.pages.values():
            for dock in page.view.docks.values():
                bar = dock.titleBarWidget()
                if isinstance(bar, TitleBar):
                    for button in bar.buttons.values():
                        button.setVisible(on)

    def press(self, key: LectureKey) -> None:
        """Carry out the action of a key. While the screen is black or white, each of its keys opens it."""
        if self.desk.curtain.colour:
            self.desk.black()
            return
        try:
            key.run(self)
        except ValueError as error:
            self.refused.emit(str(error))


def on_desk(action: Callable[[Desk], Any]) -> Callable[[LectureMode], None]:
    """The function of the mode that calls an action of the desk."""
    return lambda mode: action(mode.desk)


def on_player(action: Callable[[Player], None]) -> Callable[[LectureMode], None]:
    """The function of the mode that calls an action of the player."""
    return lambda mode: action(mode.player)
