"""The lecture mode: the player with its bar, panel, keys and curtain, and the commands of the menu Lecture."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QInputDialog, QMainWindow, QToolBar, QVBoxLayout

from engine.lecture.files import read
from engine.lecture.shipped import shipped, titles
from gui.lecture.bar import LectureBar
from gui.lecture.curtain import Curtain
from gui.lecture.keys import LectureKey, LectureKeys
from gui.lecture.player import Player
from gui.lecture.steps import Steps
from gui.page.commands import Command
from gui.shell.page_stack import PageStack

if TYPE_CHECKING:
    from engine.lecture.lecture import Lecture

CLOSED = "No lecture is open. Open one in the menu Lecture."


class LectureMode(QObject):
    """Opens lectures, and carries out the commands and keys of the lecture that runs.

    Its widgets are made when the first lecture starts, because most runs of the program show none.
    """

    refused = Signal(str)

    def __init__(self, window: QMainWindow, stack: PageStack, bar: QToolBar, column: QVBoxLayout) -> None:
        super().__init__(window)
        self.window, self.stack, self.tools, self.column = window, stack, bar, column
        self.player = Player(stack, self)
        self.player.refused.connect(self.refused)
        self.player.started.connect(self._on_started)
        self.player.ended.connect(self._on_ended)
        self.keys = LectureKeys(window, KEYS, self.press)
        self._was_full = False
        self.bar: LectureBar | None = None

    # Opening

    def open_file(self, path: Path) -> None:
        """Open a lecture file and show its first step. If it is none, `refused` carries the reason."""
        try:
            lecture = read(path)
            self.open(lecture)
        except ValueError as error:
            self.refused.emit(str(error))
            return
        if lecture.refused:
            first, *others = lecture.refused.values()
            more = f" {len(others)} more steps cannot be shown either." if others else ""
            self.refused.emit(f"{first}{more} The other steps play.")

    def open(self, lecture: Lecture, selection: str = "", at: str = "") -> None:
        """Show a lecture, or one of its selections, at a step. Raises ValueError if no step can be shown."""
        self._make()
        self.player.start(lecture, selection, at)

    def open_shipped(self, selection: str = "", at: str = "") -> None:
        """Show the shipped lecture, or one of its selections, at a step."""
        self.open(shipped(titles()[0][1]), selection, at)

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

    # The window

    def _make(self) -> None:
        if self.bar is not None:
            return
        self.bar = LectureBar(self.player)
        self.steps = Steps(self.player, self.window)
        self.curtain = Curtain(self.window)
        self.column.insertWidget(0, self.bar)
        self.bar.lower()  # Tab visits it before the page
        self.window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self.steps)
        self.steps.hide()
        self.steps.chosen.connect(self.player.go)
        self.bar.steps_wanted.connect(self.toggle_steps)
        self.bar.hide()

    def _on_started(self) -> None:
        assert self.bar is not None
        self.window.setProperty("lecture", True)
        self._was_full = self.window.isFullScreen()
        self.keys.install()
        self.bar.show()
        self.steps.fill()

    def _on_ended(self) -> None:
        assert self.bar is not None
        self.window.setProperty("lecture", False)
        self.keys.remove()
        self.curtain.open()
        self.bar.hide()
        self.steps.hide()
        self._show_tools(True)
        if self.window.isFullScreen() and not self._was_full:
            self.window.setWindowState(self.window.windowState() ^ Qt.WindowState.WindowFullScreen)
        for layout in (self.window.layout(), self.column):
            if layout is not None:
                layout.activate()  # the layouts of the user come back at the size at which they were left

    def _use_full_screen(self) -> None:
        if not self.window.isFullScreen():
            self.window.setWindowState(self.window.windowState() | Qt.WindowState.WindowFullScreen)
        self._show_tools(False)

    def _show_tools(self, on: bool) -> None:
        """Show or hide menus and tool bar. A hidden menu bar would take the shortcuts of its menus with it."""
        self.window.menuBar().setMaximumHeight(16_777_215 if on else 0)
        self.tools.setVisible(on)

    def press(self, key: LectureKey) -> None:
        """Carry out the action of a key. While the screen is black or white, each of its keys opens it."""
        if self.curtain.colour:
            self.curtain.open()
            return
        try:
            key.run(self)
        except ValueError as error:
            self.refused.emit(str(error))

    def close(self) -> None:
        """End the lecture, because the window closes."""
        if self.player.running:
            self.keys.remove()
            self.player.running = False

    # Actions of the keys

    def leave(self) -> None:
        """End the lecture."""
        self.player.leave()

    def go_to(self) -> None:
        """Ask for the number of a step, and show it."""
        dialog = QInputDialog(self.window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle("Go to step")
        dialog.setLabelText("Number of the step, or s and the number of a slide:")
        dialog.textValueSelected.connect(self._find)
        dialog.open()

    def _find(self, text: str) -> None:
        try:
            self.player.find(text)
        except ValueError as error:
            self.refused.emit(str(error))

    def toggle_steps(self) -> None:
        """Show or hide the panel Steps."""
        self.steps.setVisible(self.steps.isHidden())
        self.steps.refresh()

    def toggle_bar(self) -> None:
        """Show or hide the lecture bar."""
        if self.bar is not None:
            self.bar.setVisible(self.bar.isHidden())

    def black(self) -> None:
        """Make the screen black."""
        self.curtain.toggle("black")

    def white(self) -> None:
        """Make the screen white."""
        self.curtain.toggle("white")


def _player(name: str) -> Callable[[LectureMode], None]:
    return lambda mode: getattr(mode.player, name)()


KEYS = (
    LectureKey("PgDown", "Next build, or next step", _player("forward"), "always"),
    LectureKey("PgUp", "Build before, or step before", _player("back"), "always"),
    LectureKey("N", "Next build or step", _player("forward")),
    LectureKey("P", "Build or step before", _player("back")),
    LectureKey("Right", "Next build or step (no plot has the cursor)", _player("forward"), "pointing"),
    LectureKey("Left", "Build or step before (no plot has the cursor)", _player("back"), "pointing"),
    LectureKey("Shift+PgDown; Alt+Right", "Next step, without builds", _player("step_forward"), "always"),
    LectureKey("Shift+PgUp; Alt+Left", "Step before, without builds", _player("step_back"), "always"),
    LectureKey("Alt+Home", "First step", _player("first"), "always"),
    LectureKey("Alt+End", "Last step", _player("last"), "always"),
    LectureKey("F5", "Full screen from this step; again: leave the lecture", LectureMode.present, "always"),
    LectureKey("Shift+F5", "Full screen from the first step", LectureMode.present_from_start, "always"),
    LectureKey("Esc", "Leave the lecture", LectureMode.leave, "always"),
    LectureKey(".", "Black screen; any key of the lecture ends it", LectureMode.black, "always"),
    LectureKey("B", "Black screen", LectureMode.black),
    LectureKey("W", "White screen", LectureMode.white),
    LectureKey("R", "Restore this step", _player("restore")),
    LectureKey("Shift+R", "Restore the whole lecture", _player("restore_all")),
    LectureKey("G", "Go to a step by its number, or by a slide: s23", LectureMode.go_to),
    LectureKey("O", "Show or hide the panel Steps", LectureMode.toggle_steps),
    LectureKey("H", "Show or hide the lecture bar", LectureMode.toggle_bar),
)


def _closed(mode: Any) -> str:
    return "" if mode.player.running else CLOSED


def _open(selection: str) -> Callable[[LectureMode], None]:
    return lambda mode: mode.open_shipped(selection)


def _press(key: LectureKey) -> Callable[[LectureMode], None]:
    return partial(LectureMode.press, key=key)


PRESENT = Command("Present the lecture", "Lecture", run=LectureMode.present, keys="F5", line=True,
                  tip="Show the lecture in full screen, from the step where it stopped")  # fmt: skip
OPEN = (
    Command("Long lecture", "Lecture", run=_open(""), tip="Show the whole lecture, with one step for each slide"),
    Command("Short lecture", "Lecture", run=_open("Short lecture"), tip="Show the most important steps"),
)
RUNNING = tuple(
    Command(key.text, "Lecture/While it runs", run=_press(key), unavailable=_closed, tip=f"Key: {key.keys}")
    for key in KEYS
    if key.text not in (PRESENT.text, "Next build or step", "Build or step before")
)
LECTURE_COMMANDS = (PRESENT, *OPEN, *RUNNING)
