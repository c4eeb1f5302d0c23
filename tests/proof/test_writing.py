"""Whatever is done, the program writes into the folders of the user's settings and data, and the files it was given."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GIVEN = ("settings", "data", "files", "temporary")  # the folders that the program may change
DEVICES = ("/dev/null", "/dev/shm", "/dev/tty", "/proc/self")
PATIENCE = 240  # seconds, on a busy computer


@pytest.fixture
def home(tmp_path):
    """A home with the given folders in it, and the environment of a program that finds them."""
    for name in (*GIVEN, "here", "watch"):
        (tmp_path / name).mkdir()
    shutil.copy(ROOT / "tests" / "proof" / "watching.py", tmp_path / "watch" / "sitecustomize.py")
    (tmp_path / "watch" / "changed").touch()
    return tmp_path


def environment(home):
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("XDG", "PYTEST", "TMP"))},
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "settings"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CACHE_HOME": str(home / "data"),
        "TMPDIR": str(home / "temporary"),
        "PYTHONPATH": f"{home / 'watch'}{os.pathsep}{ROOT}",
        "PYTHONDONTWRITEBYTECODE": "1",  # the files that Python keeps of modules are not those of the program
        "QT_QPA_PLATFORM": "offscreen",
        "CHANGED": str(home / "watch" / "changed"),
    }


def used(home, *command):
    """Run a Python program in an empty folder of the home, and return what it prints."""
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=home / "here",
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def changed(home):
    """What Python code has changed outside the given folders, as lines (event, path)."""
    allowed = (*(str(home / name) for name in GIVEN), *DEVICES)
    lines = [json.loads(line) for line in (home / "watch" / "changed").read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if not line[1].startswith(allowed)]


def of_the_program():
    """The files of the program with the times of their last changes, which shows what Qt and other libraries write."""
    files = [path for room in ("engine", "gui", "resources") for path in (ROOT / room).rglob("*") if path.is_file()]
    return {path: path.stat().st_mtime_ns for path in files if "__pycache__" not in path.parts}


def check(home, before):
    assert changed(home) == []
    assert of_the_program() == before
    others = [path for path in home.rglob("*") if path.is_file() and path.relative_to(home).parts[0] not in GIVEN]
    assert sorted(path.relative_to(home).as_posix() for path in others) == ["watch/changed", "watch/sitecustomize.py"]


@pytest.mark.proof
@pytest.mark.skipif(sys.platform != "linux", reason="the folders of the user are named as on Linux")
@pytest.mark.timeout(600)
def test_a_session_with_a_training_exports_and_a_lecture_writes_only_into_the_given_folders(home):
    before = of_the_program()
    printed = used(home, "-m", "tests.proof.using", home / "files")
    assert "training" in printed and "Save lecture as…" in printed
    check(home, before)
    files = {path.name for path in (home / "files").iterdir()}
    assert {"observations.csv", "answers.md", "lecture.bayescape-lecture.json"} <= files
    for name in ("settings.ini", "lecture-memory.json", "lecture-answers.json"):
        assert list((home / "settings").rglob(name)), name
    assert list((home / "data").rglob("runs/*")), "the training has left its folder"
    assert list((home / "temporary").rglob("*")) == []  # all temporary files were removed


@pytest.mark.proof
@pytest.mark.skipif(sys.platform != "linux", reason="the folders of the user are named as on Linux")
@pytest.mark.timeout(600)
def test_the_commands_write_only_the_files_that_they_are_given(home):
    before = of_the_program()
    main = ROOT / "main.py"
    for page in ("regression", "unboxing"):
        used(home, main, "--page", page, "--screenshot", home / "files" / f"{page}.png")
    used(home, main, "--diagnostics")
    used(home, main, "figure", "3.7", home / "files" / "figure.pdf")
    used(home, main, "train", "--data", "faces", "data.training=200", "--epochs", "1", "--out",
         home / "files" / "model.safetensors")  # fmt: skip
    used(home, main, "desktop", "install")
    check(home, before)
    names = {path.name for path in (home / "files").iterdir()}
    assert {"regression.png", "unboxing.png", "figure.pdf", "model.safetensors"} <= names


CHANGES = """
import os, pathlib, shutil, sys, tempfile
folder = pathlib.Path(sys.argv[1])
(folder / "a").mkdir()
(folder / "a" / "b").write_text("x")
os.close(os.open(folder / "c", os.O_CREAT | os.O_WRONLY))
os.replace(folder / "c", folder / "d")
(folder / "d").read_text()
(folder / "d").unlink()
shutil.rmtree(folder / "a")
"""


def test_the_watch_notes_each_change_and_no_reading(home):
    used(home, "-c", CHANGES, home / "here")
    found = {(event, Path(path).name) for event, path in changed(home)}
    assert found >= {("os.mkdir", "a"), ("open", "b"), ("open", "c"), ("os.rename", "d"), ("os.remove", "d")}
    assert ("os.remove", "b") in found and ("os.rmdir", "a") in found
    assert ("open", "d") not in found  # it was only read
