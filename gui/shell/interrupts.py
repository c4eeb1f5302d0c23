"""The interrupts from the terminal (Ctrl-C), which close the window as its close button does."""

from __future__ import annotations

import signal
import socket
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier, Signal


class Interrupts(QObject):
    """Emits `received` in the event loop after Ctrl-C.

    Python runs its signal handlers only between instructions of Python, and none runs while Qt waits for events. A byte
    that Python writes to a socket at each signal ends that waiting.
    """

    received = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._reader, self._writer = socket.socketpair()
        for end in (self._reader, self._writer):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_activated)
        self._former: Any = signal.SIG_DFL
        self._former_fd = -1

    def install(self) -> None:
        """Replace Python's handler, which would raise KeyboardInterrupt in the middle of any function."""
        self._former_fd = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._former = signal.signal(signal.SIGINT, _ignore)

    def remove(self) -> None:
        """Restore the former handler."""
        self._notifier.setEnabled(False)
        signal.signal(signal.SIGINT, self._former)
        signal.set_wakeup_fd(self._former_fd)
        self._reader.close()
        self._writer.close()

    def _on_activated(self) -> None:
        if signal.SIGINT in self._reader.recv(4096):  # each byte is the number of a signal
            self.received.emit()


def _ignore(*_: object) -> None:
    """Do nothing: the notifier reports the signal."""
