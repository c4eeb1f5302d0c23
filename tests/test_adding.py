"""The recipes of docs/adding.md, executed: new files alone bring all that the recipes promise."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RECIPES = {
    path: content
    for _, path, content in re.findall(
        r"```(python|json) (\S+)\n(.*?)```", (ROOT / "docs" / "adding.md").read_text(encoding="utf-8"), re.DOTALL
    )
}
LAWS = {  # of each new member of a family, besides those of all parts
    "Tents": "tests/engine/regression/model/test_basis.py",
    "Stripes": "tests/engine/latent/datasets/test_data_sets.py",
    "Corner": "tests/engine/latent/observations/test_observations.py",
    "PriorDensity": "tests/engine/latent/plane/overlays/test_overlays.py",
    "Slender": "tests/engine/latent/vae/networks/test_architectures.py",
}
PARTS = "tests/engine/test_part.py"
MORE_HOMES = """
from importlib import import_module
from pathlib import Path

import engine.lecture

HERE = Path(__file__).parent / "new"
for folder in sorted({path.parent for path in HERE.rglob("*.py")}):
    import_module(".".join(folder.relative_to(HERE).parts)).__path__.append(str(folder))
engine.lecture.FOLDERS.append(HERE / "resources" / "lecture")
"""
WINDOW = """
import json, os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
import more_homes
from pathlib import Path
from PySide6.QtWidgets import QApplication, QComboBox
from engine import session
from engine.part import title_of
app = QApplication([])
from gui.shell.settings import Settings
from gui.window import Window

window = Window(Settings(Path(sys.argv[1])))
found = {}

def look():
    try:
        find()
        print(json.dumps(found))
    finally:
        window.close()
        app.quit()

def find():
    for name in ("regression", "latent"):
        window.show_page(name)
        view = window.page.view
        for kind in view.kinds:
            view.panel(kind)
        found[name] = {
            "docks": sorted(view.docks),
            "combos": sorted({box.itemText(i) for box in view.findChildren(QComboBox) for i in range(box.count())}),
            "commands": sorted(owned.command.text for owned in view.commands),
        }
    window.show_page("regression")
    page = window.page
    owned = next(o for o in page.view.commands if o.command.text == "Residuals in standard deviations")
    page.view.run(owned)
    found["saved"] = session.encode(session.Session(page.store.document)).decode()
    found["palette"] = sorted(entry.text for entry in window.finder.entries())
    found["menus"] = sorted(a.text().replace("&", "") for a in all_actions(window.menuBar().actions()))

def all_actions(actions):
    for action in actions:
        yield action
        if action.menu():
            yield from all_actions(action.menu().actions())

window.page.settled.connect(look, type=__import__("PySide6.QtCore").QtCore.Qt.ConnectionType.SingleShotConnection)
window.show()
app.exec()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder on the path with the files of all recipes, and a module that joins them to the packages."""
    made = tmp_path_factory.mktemp("recipes")
    for path, content in RECIPES.items():
        file = made / "new" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    (made / "more_homes.py").write_text(MORE_HOMES, encoding="utf-8")
    (made / "window.py").write_text(WINDOW, encoding="utf-8")
    return made


def run(folder, *command):
    """What a process prints that has the new files on its path."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder)])},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    return done.stdout


def test_every_recipe_is_of_new_files():
    assert len(RECIPES) == 9
    assert not [path for path in RECIPES if (ROOT / path).exists()]


@pytest.mark.slow
def test_the_laws_of_a_family_run_over_its_new_member(folder):
    options = [
        "-m",
        "pytest",
        "-v",
        "-p",
        "more_homes",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
    ]
    printed = run(folder, *options, "-k", " or ".join(LAWS), PARTS, *LAWS.values())
    passed = [line for line in printed.splitlines() if "PASSED" in line]
    for name, laws in LAWS.items():
        assert {line.split("::")[0] for line in passed if name in line} == {PARTS, laws}


@pytest.fixture(scope="module")
def window(folder, tmp_path_factory):
    """What the window has, started with the new files."""
    printed = run(folder, str(folder / "window.py"), str(tmp_path_factory.mktemp("settings")))
    return json.loads(printed.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "entry"),
    [
        ("regression", "Tents"),
        ("latent", "Prior density"),
        ("latent", "Corner"),
        ("latent", "Slender"),
        ("latent", "Stripes"),
    ],
)
def test_a_new_member_is_an_entry_of_a_combo(window, page, entry):
    assert entry in window[page]["combos"]


@pytest.mark.slow
@pytest.mark.parametrize("entry", ["Prior density", "Corner"])
def test_a_new_overlay_and_a_new_observation_are_commands(window, entry):
    assert entry in window["latent"]["commands"]
    assert any(text.endswith(f": {entry}") for text in window["palette"])  # after the title of its submenu


def test_a_new_panel_is_a_dock_with_commands_and_its_setting_is_saved(window):
    assert "Residuals" in window["regression"]["docks"]
    for entry in ("Residuals in standard deviations", "Largest residual"):
        assert entry in window["menus"]
        assert entry in window["palette"]
    assert "Residuals" in window["palette"]
    settings = json.loads(window["saved"])["document"]["settings"]
    assert {"type": "ResidualsSettings", "in_deviations": True} in settings


def test_a_new_step_is_in_the_lecture(window):
    assert any("One point far away" in entry for entry in window["menus"])
    assert any("One point far away" in entry for entry in window["palette"])
