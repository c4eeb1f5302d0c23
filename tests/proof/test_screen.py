"""The monkey on a screen of X11, if the computer has Xvfb: the other tests draw without a screen."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.proof.sizes import size

ROOT = Path(__file__).resolve().parents[2]
SEEDS = 0, 1, 2  # one for each tab


@pytest.fixture
def display():
    """The number of a new screen, with a window manager if there is one."""
    reading, writing = os.pipe()
    options = ["-screen", "0", "1920x1080x24", "-nolisten", "tcp", "-displayfd", str(writing)]
    server = subprocess.Popen(["Xvfb", *options], pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as file:
        name = f":{file.readline().strip()}"  # written when the screen is ready
    managers = [[found, "--sm-disable"] for found in [shutil.which("openbox")] if found]
    environment = {**os.environ, "DISPLAY": name}
    running = [subprocess.Popen(each, env=environment, stderr=subprocess.DEVNULL) for each in managers]
    begun = [sys.executable, "-c", "from PySide6.QtWidgets import QApplication; QApplication([])"]
    tried = subprocess.run(begun, env=environment | {"QT_QPA_PLATFORM": "xcb"}, capture_output=True, text=True)
    if tried.returncode == 0:
        yield name
    for process in (*running, server):
        process.terminate()
        process.wait()
    if tried.returncode != 0:
        pytest.skip(f"Qt cannot use X11 here; the README names the packages that it needs: {tried.stderr}")


@pytest.mark.proof
@pytest.mark.timeout(3600)
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed")
def test_events_at_random_on_a_screen(display):
    tests = [f"tests/gui/test_monkey.py::test_thousands_of_events[{seed}]" for seed in SEEDS]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "proof", *tests]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        "QT_QPA_PLATFORM": "xcb",
        "DISPLAY": display,
        "EVENTS": str(size("SCREEN_EVENTS")),
    }
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-6000:]
    assert f"{len(SEEDS)} passed" in done.stdout
