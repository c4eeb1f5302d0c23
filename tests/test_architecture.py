"""The arrows between the parts of the program, the size of files, and what may not be loaded when."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted([*ROOT.glob("engine/**/*.py"), *ROOT.glob("gui/**/*.py"), ROOT / "main.py"])
TESTS = sorted(ROOT.glob("tests/**/*.py"))


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


@pytest.mark.parametrize("path", SOURCES + TESTS, ids=relative)
def test_no_file_is_longer_than_350_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 350


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


def test_torch_is_not_loaded_when_the_regression_page_has_been_painted(tmp_path):
    code = f"""
import os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from pathlib import Path
from PySide6.QtWidgets import QApplication
app = QApplication([])
from gui.shell.settings import Settings
from gui.window import Window
window = Window(Settings(Path({str(tmp_path)!r})))
def check():
    print("torch" in sys.modules, "scipy" in sys.modules)
    window.close()
    app.quit()
window.page.settled.connect(check)
window.show()
app.exec()
"""
    assert run(code)[:2] == ["False", "False"]
