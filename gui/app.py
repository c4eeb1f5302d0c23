"""The composition root, which creates the application, the error handler and the window, or a screenshot."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QSize, QStandardPaths, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from engine.latent.training.runs import keep_in
from gui.shell.errors import Errors
from gui.shell.help.about import diagnostics
from gui.shell.interrupts import Interrupts
from gui.shell.preferences.preferences import read
from gui.shell.settings import Settings
from gui.window import Window

LONGEST_WAIT = 120_000  # milliseconds after which the screenshot is taken although a computation still runs


@dataclass(frozen=True)
class Options:
    """The options of the command line."""

    page: str = "regression"
    file: Path | None = None
    screenshot: Path | None = None
    size: tuple[int, int] | None = None
    appearance: str = ""
    diagnostics: bool = False


def run(options: Options, argv: Sequence[str] = ()) -> int:
    """Show the window until it is closed, or write a screenshot or the diagnostics. Return the exit status."""
    QCoreApplication.setApplicationName("Bayescape")
    app = QApplication([sys.argv[0], *argv])
    if options.diagnostics:
        print(diagnostics(Settings()))
        return 0
    own = read(Settings()).runs if options.screenshot is None else ""
    data = own or QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppLocalDataLocation)
    keep_in(Path(data) / "runs")
    errors = Errors()
    errors.install()
    try:
        if options.screenshot is None:
            return _show(app, _build_window(options, Settings(), errors))
        with tempfile.TemporaryDirectory() as folder:
            return _screenshot(app, _build_window(options, Settings(Path(folder)), errors), options.screenshot)
    finally:
        errors.remove()


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


def _build_window(options: Options, settings: Settings, errors: Errors) -> Window:
    window = Window(settings, options.page, options.appearance)
    if options.size is not None:
        window.resize(*options.size)
    if options.file is not None:
        window.open_file(options.file)
    errors.reported.connect(window.banner.show_failure)
    QApplication.styleHints().colorSchemeChanged.connect(window.on_system_scheme)
    return window


class _Photographer(QObject):
    """Takes the screenshot after every requested value has been drawn."""

    def __init__(self, window: Window, path: Path) -> None:
        super().__init__()
        self.window, self.path = window, path
        self.taken = False
        window.page.settled.connect(self._on_settled)
        QTimer.singleShot(LONGEST_WAIT, self, self._take)

    def _on_settled(self) -> None:
        QTimer.singleShot(100, self, self._take_if_idle)

    def _take_if_idle(self) -> None:
        if self.window.page.idle:
            self._take()

    def _take(self) -> None:
        if not self.taken:
            self.taken = True
            saved = self.window.grab().save(str(self.path))
            self.window.close()
            QApplication.exit(0 if saved else 1)


def _screenshot(app: QApplication, window: Window, path: Path) -> int:
    photographer = _Photographer(window, path)
    window.show()
    status = app.exec()
    if status:
        print(f"The screenshot could not be written to {photographer.path}.", file=sys.stderr)
    return status
