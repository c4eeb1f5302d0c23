"""The arrows between the parts of the program, the size of files, and what may not be loaded when."""

import ast
import re
import subprocess
import sys
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import FunctionType

import pytest

from engine.document import SETTINGS
from gui.pages import PAGES, page_kind

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted([*ROOT.glob("engine/**/*.py"), *ROOT.glob("gui/**/*.py"), ROOT / "main.py"])
TESTS = sorted(ROOT.glob("tests/**/*.py"))
MODULES = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in SOURCES}


def relative(path):
    return path.relative_to(ROOT).as_posix()


def imports(path):
    """Every module imported anywhere in a file, by its first name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def top(names):
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("path", [p for p in SOURCES if relative(p).startswith("engine/")], ids=relative)
def test_the_engine_knows_no_qt_and_no_gui(path):
    assert not top(imports(path)) & {"PySide6", "shiboken6", "pyqtgraph", "gui", "main"}


@pytest.mark.parametrize("path", [p for p in SOURCES if relative(p).startswith("gui/")], ids=relative)
def test_the_gui_knows_neither_main_nor_torch(path):
    assert not top(imports(path)) & {"main", "torch", "tests"}


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_only_the_autoencoder_imports_torch_and_only_the_plots_import_pyqtgraph(path):
    if "torch" in top(imports(path)):
        assert relative(path).startswith(("engine/latent/vae/", "engine/latent/posterior/scoring/"))
    if "pyqtgraph" in top(imports(path)):
        assert relative(path).startswith("gui/plots/")


NETWORK = {"requests", "http", "urllib", "ftplib", "smtplib", "ssl", "asyncio", "xmlrpc", "websockets", "httpx"}
UNSAFE = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_no_file_uses_the_network_or_pickle(path):
    found = imports(path)
    allowed = (
        {"socket"} if relative(path) == "gui/shell/interrupts.py" else set()
    )  # a pair that wakes Qt after a signal
    assert not top(found) & (NETWORK | UNSAFE | {"socket"}) - allowed
    assert not any(name.startswith(("PySide6.QtNetwork", "PySide6.QtWeb")) for name in found)
    text = path.read_text(encoding="utf-8")
    assert "torch.load(" not in text
    assert "allow_pickle=True" not in text


@pytest.mark.parametrize("path", SOURCES + TESTS, ids=relative)
def test_no_file_is_longer_than_350_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 350


@pytest.mark.parametrize("folder", sorted({path.parent for path in SOURCES + TESTS}), ids=relative)
def test_no_folder_has_more_than_20_modules(folder):
    assert len([path for path in folder.glob("*.py") if path.name != "__init__.py"]) <= 20


def test_no_files_import_each_other_in_a_circle():
    """Imports for type checking and imports in functions count as well."""
    arrows = {module: imported_files(path) - {module} for module, path in MODULES.items()}
    assert circles(arrows) == []


def imported_files(path):
    """The modules of this program that a file imports anywhere, by their full names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (names & set(MODULES)) or {node.module}
    return found & set(MODULES)


def circles(arrows):
    """The sets of nodes that reach each other, by repeatedly taking away nodes without arrows in or out."""
    while True:
        ends = {end for ends in arrows.values() for end in ends}
        kept = {node: out & set(arrows) for node, out in arrows.items() if node in ends and out & set(arrows)}
        if len(kept) == len(arrows):
            return sorted(kept)
        arrows = kept


def test_circles_are_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == ["b", "c"]
    assert circles({"a": {"b"}, "b": {"c"}, "c": set()}) == []


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_every_module_says_what_it_is_in_its_first_line(path):
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert text is not None or not path.read_text(encoding="utf-8").strip()
    if text:
        assert text.splitlines()[0].endswith((".", "."))


def test_functions_are_short():
    lengths = sorted(
        node.end_lineno - node.lineno + 1
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    )
    assert lengths[len(lengths) // 2] < 10
    assert lengths[9 * len(lengths) // 10] < 30


def test_no_package_marker_below_tests():
    """tests/engine/__init__.py would shadow the package engine."""
    assert not list((ROOT / "tests").rglob("__init__.py"))


def run(code):
    """What a fresh process prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_importing_the_whole_engine_loads_no_qt():
    names = [relative(p)[:-3].replace("/", ".") for p in SOURCES if relative(p).startswith("engine/")]
    modules = [name.removesuffix(".__init__") for name in names]
    code = f"import importlib, sys\nfor m in {modules!r}: importlib.import_module(m)\n"
    loaded = run(code + "print(*{m.split('.')[0] for m in sys.modules})")
    assert "torch" in loaded
    assert not {"PySide6", "shiboken6", "pyqtgraph"} & set(loaded)


LATER = (
    "engine.latent.vae.recipe",
    "engine.regression.data.reading.table_layout",
    "gui.figures.files",
    "gui.lecture.desk",
    "gui.shell.palette.palette",
    "gui.shell.preferences.dialog",
    "pyqtgraph.Qt.OpenGLHelpers",
    "pyqtgraph.parametertree",
)  # each is imported when it is first needed, because the start would take longer


def test_what_the_regression_page_does_not_need_is_not_loaded_when_it_has_been_painted(tmp_path):
    code = f"""
import os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from pathlib import Path
from PySide6.QtWidgets import QApplication
app = QApplication([])
from gui.shell.settings import Settings
from gui.window import Window
window = Window(Settings(Path({str(tmp_path)!r})))
def loaded():
    print(*{{*{LATER!r}, "PySide6.QtWidgets"}} & set(sys.modules))
def check():
    print("torch" in sys.modules, "scipy" in sys.modules)
    window.close()
    app.quit()
window.painted.connect(loaded)
window.page.settled.connect(check)
window.show()
app.exec()
"""
    assert run(code)[:3] == ["PySide6.QtWidgets", "False", "False"]


# The laws of panels, settings and classes

PANELS = [(page, kind) for page in PAGES for kind in page_kind(page).panels]
THREE_PLANES = {"weight_space", "latent_space"}  # each holds the panels Prior, × Likelihood and ∝ Posterior
SHARED = {"display"}  # settings that several panels share


def slug(title):
    """The name of the file that belongs to a title: "The plane" -> "plane"."""
    return re.sub(r"\W+", "_", title.lower().removeprefix("the ")).strip("_")


def stem(thing):
    return thing.__module__.rsplit(".", 1)[1]


@pytest.mark.parametrize(("page", "kind"), PANELS, ids=lambda value: getattr(value, "__name__", value))
def test_the_title_of_a_panel_names_its_file_on_both_sides(page, kind):
    assert stem(kind) == slug(kind.title) or stem(kind) in THREE_PLANES
    assert not kind.shows or stem(kind) in {stem(key) for key in kind.shows}


def test_every_setting_is_registered_where_the_values_of_its_panel_are_computed():
    files = {stem(kind) for _, kind in PANELS} | SHARED
    for setting in SETTINGS:
        assert stem(setting) in files, setting
        assert setting() is not None  # every field has a default


@pytest.mark.parametrize("path", [p for p in SOURCES if relative(p).startswith("gui/")], ids=relative)
def test_no_method_is_called_by_a_name_that_is_computed(path):
    """Commands hold functions, so that a reader finds who calls them."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
            assert isinstance(node.args[1], ast.Constant), f"{relative(path)}:{node.lineno}"


def own_classes():
    for name in sorted(MODULES):
        if name != "main":
            for thing in vars(import_module(name)).values():
                if isinstance(thing, type) and thing.__module__ == name:
                    yield thing


def depth(kind):
    """The number of our own classes above this one, on the longest way."""
    return max(
        [1 + depth(base) for base in kind.__bases__ if base.__module__.split(".")[0] in ("engine", "gui")], default=0
    )


def test_no_class_has_more_than_three_of_our_own_above_it():
    assert [kind for kind in own_classes() if depth(kind) > 3] == []


def test_no_class_has_more_than_30_methods():
    """Functions, properties, class methods and static methods count; signals and other attributes do not."""
    counted = FunctionType, property, cached_property, classmethod, staticmethod

    def methods(kind):
        return [value for value in vars(kind).values() if isinstance(value, counted)]

    assert [(kind, len(methods(kind))) for kind in own_classes() if len(methods(kind)) > 30] == []
