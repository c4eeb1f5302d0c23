"""The wheel contains all that the program needs: it starts from the wheel's files alone."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


SOURCES = ("engine", "gui", "resources", "main.py", "pyproject.toml", "README.md", "LICENSE")


@pytest.mark.proof
def test_the_window_starts_from_the_files_of_the_wheel(tmp_path):
    sources, files = tmp_path / "sources", tmp_path / "files"
    sources.mkdir()
    for name in SOURCES:  # a copy, because building leaves a folder beside the sources
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, sources / name)
    build = ["pip", "wheel", str(sources), "--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", str(tmp_path)]
    subprocess.run([sys.executable, "-m", *build], cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(files)
    resources = {path.relative_to(ROOT) for path in (ROOT / "resources").rglob("*") if path.is_file()}
    assert {path for path in resources if not (files / path).exists() and path.suffix not in {".png", ".pyc"}} == set()
    environment = {**os.environ, "PYTHONPATH": str(files), "HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    start = [sys.executable, "-m", "main", "--page", "unboxing", "--screenshot", "window.png"]
    done = subprocess.run(start, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "window.png").stat().st_size > 50_000
