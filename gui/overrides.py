"""The guard of Qt's overrides: an exception in an event handler is reported, and Qt goes on.

Qt calls these methods from C++, where an exception has no way to its caller. PySide keeps it, and raises it in the next
handler that returns from Qt, which may be any other one, or in the code that shows the window, which ends the program.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from PySide6.QtCore import QObject, QSize, Qt

EVENT = "Event"  # the end of the names of handlers that return nothing
# What a method returns to Qt after an exception, by the name of the method.
ANSWERS: dict[str, Any] = {
    "event": False,
    "eventFilter": False,
    "viewportEvent": False,
    "editorEvent": False,
    "hitButton": False,
    "focusNextPrevChild": False,
    "sizeHint": QSize(),
    "minimumSizeHint": QSize(),
    "minimumSize": QSize(),
    "hasHeightForWidth": False,
    "heightForWidth": -1,
    "expandingDirections": Qt.Orientation(0),
    "pixelMetric": 0,
    "count": 0,
    "itemAt": None,
    "takeAt": None,
    "addItem": None,
    "setGeometry": None,
    "accept": None,
    "done": None,
    "rowCount": 0,
    "columnCount": 0,
    "flags": Qt.ItemFlag.NoItemFlags,
    "data": None,
    "headerData": None,
    "setData": False,
    "paint": None,
    "drawControl": None,
    "initStyleOption": None,
    "loadResource": None,
}


class Overrides:
    """Guards each method that overrides one of Qt, in all classes of Qt objects: present ones and later ones.

    Qt's objects keep a guarded method. After `remove` it lets exceptions pass.
    """

    def __init__(self) -> None:
        self.is_active = False
        self._guarded: set[type] = set()

    def install(self) -> None:
        """Guard the classes that exist, and every class from the moment when it is defined."""
        self.is_active = True
        for kind in _below(QObject):
            self._guard(kind)

        def on_defined(kind: Any, /, **options: Any) -> None:
            super(QObject, kind).__init_subclass__(**options)  # type: ignore[misc]
            self._guard(kind)

        QObject.__init_subclass__ = classmethod(on_defined)  # type: ignore[assignment, method-assign]

    def remove(self) -> None:
        """Let exceptions pass again."""
        self.is_active = False

    def _guard(self, kind: type) -> None:
        if kind not in self._guarded:
            self._guarded.add(kind)
            for name, method in list(vars(kind).items()):
                if (name in ANSWERS or name.endswith(EVENT)) and callable(method) and _is_of_qt(kind, name):
                    setattr(kind, name, self._guarded_method(method, ANSWERS.get(name)))

    def _guarded_method(self, method: Callable[..., Any], answer: Any) -> Callable[..., Any]:
        """Return a method that reports an exception to Python's hook, and returns `answer` then."""

        @wraps(method)
        def call(*args: Any) -> Any:
            try:
                return method(*args)
            except Exception:
                if not self.is_active:
                    raise
                sys.excepthook(*sys.exc_info())
            return answer

        return call


def _is_of_qt(kind: type, name: str) -> bool:
    """Whether a method of a class overrides a method of Qt. Classes of Qt itself have nothing to guard."""
    bases = [base for base in kind.__mro__ if base.__module__.startswith("PySide6.")]
    return kind not in bases and any(name in vars(base) for base in bases)


def _below(kind: type) -> Iterator[type]:
    """Yield all subclasses of a class once."""
    found: set[type] = set()
    waiting = [kind]
    while waiting:
        below: type
        for below in waiting.pop().__subclasses__():
            if below not in found:
                found.add(below)
                waiting.append(below)
                yield below


GUARD = Overrides()  # of this process
