"""The parts of pyqtgraph that the plots use are there, and the others can still be imported."""

import ast
import sys
from pathlib import Path
from types import ModuleType

import pyqtgraph as pg
import pytest
from PySide6 import QtCore, QtGui, QtWidgets

import gui
from gui.plots import parts_of_pyqtgraph
from gui.plots.parts_of_pyqtgraph import load

CLASSES = ("QDateTime", "QPen", "QLabel")
PLOTS = Path(gui.__file__).parent / "plots"


def test_each_name_that_the_plots_use_is_pyqtgraphs_own():
    nodes = [node for path in PLOTS.rglob("*.py") for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    names = {node.attr for node in nodes if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "pg"}
    assert {"AxisItem", "GraphicsView", "ViewBox", "mkPen"} <= names
    assert all(getattr(pg, name) is not None for name in names)


@pytest.mark.parametrize("qt", [QtCore, QtGui, QtWidgets], ids=lambda qt: qt.__name__)
def test_pyqtgraph_sees_all_classes_of_qt(qt):
    mirror = sys.modules[qt.__name__.replace("PySide6", "pyqtgraph.Qt")]
    assert "__dir__" not in vars(qt)
    assert all(
        getattr(mirror, name) is getattr(qt, name) for name in ("QDateTime", "QPen", "QLabel") if name in dir(qt)
    )


def test_a_module_that_was_left_out_can_be_imported():
    from pyqtgraph.graphicsItems.ErrorBarItem import ErrorBarItem

    assert issubclass(ErrorBarItem, pg.GraphicsObject)


@pytest.fixture
def without_pyqtgraph(monkeypatch):
    """Modules as before the first import of pyqtgraph; afterwards those of now come back."""
    kept = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "pyqtgraph"}
    for name in kept:
        del sys.modules[name]
    yield monkeypatch
    for name in [name for name in sys.modules if name.partition(".")[0] == "pyqtgraph"]:
        del sys.modules[name]
    sys.modules.update(kept)


def test_a_version_that_cannot_be_imported_in_part_is_imported_as_a_whole(without_pyqtgraph):
    imported = []

    def imports(name):
        imported.append(name)
        if name != "pyqtgraph":
            return sys.modules[name]
        if any(isinstance(finder, parts_of_pyqtgraph._LeftOut) for finder in sys.meta_path):
            sys.modules["pyqtgraph.Point"] = ModuleType("pyqtgraph.Point")
            raise AttributeError("a name that is missing")
        assert not any(name.startswith("pyqtgraph") for name in sys.modules)
        return None

    without_pyqtgraph.setattr(parts_of_pyqtgraph, "import_module", imports)
    load()
    assert imported.count("pyqtgraph") == 2
