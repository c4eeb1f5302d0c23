"""The error handler, which reports every uncaught exception of any thread in the GUI thread."""

from __future__ import annotations

import sys
import threading
from types import TracebackType
from typing import Any

import shiboken6
from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from gui.overrides import GUARD
from gui.page.jobs import Failure

QUIET = ("This plugin does not support",)  # a message of the offscreen platform about windows


class Errors(QObject):
    """Reports uncaught exceptions. `reported` carries a Failure and may be emitted by any thread."""

    reported = Signal(object)

    def install(self) -> None:
        """Install handlers in Python's three exception hooks, for Qt's messages, and in the methods that Qt calls."""
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread
        sys.unraisablehook = self._on_unraisable
        qInstallMessageHandler(self._on_message)
        GUARD.install()

    def remove(self) -> None:
        """Restore the former handlers."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        sys.unraisablehook = sys.__unraisablehook__
        qInstallMessageHandler(None)
        GUARD.remove()

    def _report(self, error: BaseException) -> None:
        failure = Failure.of(error)
        print(failure.details, file=sys.stderr)
        if shiboken6.isValid(self):
            self.reported.emit(failure)

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            self._report(error)

    def _on_thread(self, args: Any) -> None:
        if args.exc_value is not None:
            self._report(args.exc_value)

    def _on_unraisable(self, args: Any) -> None:
        if args.exc_value is not None:
            self._report(args.exc_value)

    def _on_message(self, kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        if any(quiet in message for quiet in QUIET):
            return
        print(message, file=sys.stderr)
