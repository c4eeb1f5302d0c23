"""The composition root, which creates the application, the error handler and the window, or a screenshot."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QCoreApplication, QIODevice, QObject, QSize, QStandardPaths, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from engine.latent.one_copy import keep_copies_in
from engine.latent.training.folders import keep_in
from engine.saving.journal import Snapshot
from gui.garbage import Garbage
from gui.language import use_english
from gui.pages import TITLES
from gui.shell.errors import Errors
from gui.shell.export import write_file
from gui.shell.help.about import diagnostics
from gui.shell.interrupts import Interrupts
from gui.shell.page_stack import PageStack
from gui.shell.preferences.preferences import read
from gui.shell.sessions.current_session import CurrentSession
from gui.shell.sessions.recovery import Recovery, begin, reopen
from gui.shell.settings import Settings
from gui.window import Window

LONGEST_WAIT = 120_000  # milliseconds after which the screenshot is taken although a computation still runs


@dataclass(frozen=True)
class Options:
    """The options of the command line."""

    page: str = ""  # the page that was open last
    file: Path | None = None
    screenshot: Path | None = None
    size: tuple[int, int] | None = None
    appearance: str = ""
    diagnostics: bool = False
    step: str = ""  # of the lecture in `file`, or of the shipped lecture


def run(options: Options, argv: Sequence[str] = ()) -> int:
    """Show the window until it is closed, or write a screenshot or the diagnostics. Return the exit status."""
    QCoreApplication.setApplicationName("Bayescape")
    QGuiApplication.setDesktopFileName("bayescape")  # so that the desktop finds the icon of the window
    app = QApplication([sys.argv[0], *argv])
    use_english(app)
    if options.diagnostics:
        print(diagnostics(Settings()))
        return 0
    data = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppLocalDataLocation))
    own = read(Settings()).runs if options.screenshot is None else ""
    keep_in((Path(own) if own else data) / "runs")
    if options.screenshot is None:
        keep_copies_in(Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.CacheLocation)) / "images")
    errors, garbage = Errors(), Garbage()
    errors.install()
    try:
        if options.screenshot is None:
            return _show(app, _recovering_window(options, Settings(), errors, data / "recovery"))
        with tempfile.TemporaryDirectory() as folder:
            return _screenshot(app, _build_window(options, Settings(Path(folder)), errors), options.screenshot)
    finally:
        errors.remove()
        garbage.end()


def _show(app: QApplication, window: Window) -> int:
    fit(window)
    interrupts = Interrupts()
    interrupts.received.connect(window.close)
    interrupts.install()
    try:
        window.show()
        return app.exec()
    finally:
        interrupts.remove()


def fit(window: QWidget) -> None:
    """Make a window not larger than its screen. A maximised window and one in full screen fit already."""
    if not window.windowState() & (Qt.WindowState.WindowMaximized | Qt.WindowState.WindowFullScreen):
        frame = QSize(0, 40)  # the approximate window frame, whose size is unknown before the window is shown
        window.resize(window.size().boundedTo(window.screen().availableSize() - frame))


def _build_window(options: Options, settings: Settings, errors: Errors, last: Snapshot | None = None) -> Window:
    """The window, with the file of the command line or else with what the last window showed when it closed."""
    again: list[Path | None] = [options.file]

    def first(stack: PageStack, session: CurrentSession) -> None:
        if last is not None:
            again.append(reopen(last, stack, session))

    front = options.page or (last.front if last is not None and last.front in TITLES else "regression")
    window = Window(settings, front, options.appearance, begin=first)
    if options.size is not None:
        window.resize(*options.size)
    if options.step:
        again = [None]
        window.lecture.show_step(options.file, options.step)
    for path in again:
        if path is not None:
            window.open_file(path)
    # Queued, because an error may come while the window is laid out, and a banner would change its layout.
    errors.reported.connect(window.banner.show_failure, Qt.ConnectionType.QueuedConnection)
    QApplication.styleHints().colorSchemeChanged.connect(window.on_system_scheme)
    return window


def _recovering_window(options: Options, settings: Settings, errors: Errors, root: Path) -> Window:
    """The window. Unless the user has switched it off, a journal below `root` records its work for recovery."""
    journal, notice = begin(root) if read(settings).recovery else (None, "")
    last = journal.take_over() if journal is not None and options.file is None else None
    window = _build_window(options, settings, errors, last)
    if journal is None:
        if notice:
            window.banner.say(notice)
        return window
    recovery = Recovery(window, window.stack, window.session, journal)
    recovery.noticed.connect(window.banner.say)
    window.painted.connect(recovery.look)
    window.closing.connect(recovery.close)
    return window


class _Photographer(QObject):
    """Takes the screenshot after every requested value has been drawn.

    Nobody can answer a dialog meanwhile. A table is imported with the columns that are chosen at first; every other
    dialog is left unanswered. What the dialog says is printed.
    """

    def __init__(self, window: Window, path: Path) -> None:
        super().__init__()
        self.window, self.path = window, path
        self.taken = False
        window.page.settled.connect(self._on_settled)
        window.files.reading.settled.connect(self._on_read)
        QTimer.singleShot(LONGEST_WAIT, self, self._take)

    def _on_read(self) -> None:
        """Wait for the page that a session file has brought to the front."""
        self.window.page.settled.connect(self._on_settled)
        self._on_settled()

    def _on_settled(self) -> None:
        QTimer.singleShot(100, self, self._take_if_idle)

    def _take_if_idle(self) -> None:
        dialog = QApplication.activeModalWidget()
        if dialog is not None and not self.taken:
            self._answer(dialog)
        elif self.window.page.idle and self.window.files.reading.idle:
            self._take()

    def _answer(self, dialog: QWidget) -> None:
        from gui.importing.table_dialog import ImportDialog  # imported here, because it delays the start

        if not isinstance(dialog, ImportDialog):
            print(dialog.property("text") or dialog.windowTitle(), file=sys.stderr)
            self._take()
        elif not dialog.line.idle:
            self._on_settled()
        else:
            bad = [dialog.bad.item(i).text() for i in range(dialog.bad.count())]
            print(*filter(None, (dialog.remarks.text(), dialog.words.text(), *bad)), sep="\n", file=sys.stderr)
            dialog.go.click() if dialog.go.isEnabled() else dialog.reject()
            self._on_settled()

    def _take(self) -> None:
        if not self.taken:
            self.taken = True
            saved = _saved(self.window.grab(), self.path)
            self.window.close()
            QApplication.exit(0 if saved else 1)


def _saved(picture: QPixmap, path: Path) -> bool:
    """Write a picture in the format that the ending of `path` names; return whether it could be written."""
    content = QBuffer()
    content.open(QIODevice.OpenModeFlag.WriteOnly)
    if not picture.save(content, path.suffix[1:]):
        return False
    try:
        write_file(path, bytes(content.data().data()))
    except OSError:
        return False
    return True


def _screenshot(app: QApplication, window: Window, path: Path) -> int:
    photographer = _Photographer(window, path)
    window.show()
    status = app.exec()
    if status:
        print(f"The screenshot could not be written to {photographer.path}.", file=sys.stderr)
    return status
