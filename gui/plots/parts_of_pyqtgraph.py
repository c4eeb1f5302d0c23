"""The import of pyqtgraph without the parts that the program does not use, so that the window appears earlier.

`import pyqtgraph` imports a hundred modules, for example for parameter trees and other processes, and makes Python
classes of all two thousand classes of Qt. A plot needs twenty of these modules and few of these classes. A module that
is left out here can be imported later by its own name, unless it takes such names from `pyqtgraph` itself, as
`pyqtgraph.exporters` does. The program uses none of these. See docs/decisions/061.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from operator import attrgetter
from types import ModuleType
from typing import Any

WHOLE = ("Qt", "colors", "util", "GraphicsScene", "graphicsItems.ViewBox")  # packages that are imported as they are
SINGLE = (
    "Point", "WidgetGroup", "colormap", "debug", "functions", "graphicsItems", "graphicsItems.AxisItem",
    "graphicsItems.GraphicsItem", "graphicsItems.GraphicsObject", "graphicsItems.GraphicsWidget",
    "graphicsItems.ItemGroup", "reload", "widgets", "widgets.GraphicsView",
)  # fmt: skip
QT = ("QtCore", "QtGui", "QtWidgets")
OPENGL = ("Qt.OpenGLHelpers", "Qt.OpenGLConstants")  # no plot is drawn by OpenGL
OTHERS = ("PySide6.QtOpenGLWidgets", "PySide6.QtTest")  # pyqtgraph goes on without them


class _Empty(ModuleType):
    """A module left out: `import *` finds no name in it, and any other import finds None."""

    def __getattr__(self, name: str) -> None:
        if name.startswith("__"):
            raise AttributeError(name)


class _Mirror(ModuleType):
    """A module of pyqtgraph with the names of a module of Qt, each fetched when it is first used."""

    def __init__(self, name: str, source: ModuleType) -> None:
        super().__init__(name)
        self.__dict__["_source"] = source

    def __getattr__(self, name: str) -> Any:
        value = attrgetter(name)(self.__dict__["_source"])
        setattr(self, name, value)
        return value


class _LeftOut(MetaPathFinder, Loader):
    """Finds an empty module in the place of each module of pyqtgraph that is not used, and none for those of Qt."""

    def find_spec(self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        if name in OTHERS:
            raise ModuleNotFoundError(f"{name} is left out at the start", name=name)
        package, _, part = name.partition(".")
        if part in OPENGL and package == "pyqtgraph":
            return ModuleSpec(name, self)
        if package != "pyqtgraph" or not part or part in SINGLE or part.startswith(WHOLE):
            return None
        return ModuleSpec(name, self)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Empty(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Leave the module empty."""


def load() -> None:
    """Import pyqtgraph in part, or as a whole if another version of it does not allow this."""
    if "pyqtgraph" in sys.modules:
        return
    try:
        with _left_out(), _few_classes():
            import_module("pyqtgraph")
    except Exception:  # whatever another version does: the program must start
        _forget(lambda _: True)
        import_module("pyqtgraph")


@contextmanager
def _left_out() -> Iterator[None]:
    finder = _LeftOut()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        _forget(lambda module: isinstance(module, _Empty))


@contextmanager
def _few_classes() -> Iterator[None]:
    """Replace pyqtgraph's copies of the modules of Qt: a copy fetches each class, which Qt then makes."""
    sources = [import_module(f"PySide6.{name}") for name in QT]
    for source in sources:
        name = source.__name__.replace("PySide6", "pyqtgraph.Qt")
        sys.modules[name] = _Mirror(name, source)
        source.__dict__["__dir__"] = list
    try:
        yield
    finally:
        for source in sources:
            del source.__dict__["__dir__"]


def _forget(is_meant: Any) -> None:
    """Remove the modules of pyqtgraph that are meant, so that they can be imported as usual."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "pyqtgraph" and is_meant(module):
            del sys.modules[name]
            parent, _, child = name.rpartition(".")
            vars(sys.modules[parent]).pop(child, None) if parent in sys.modules else None
