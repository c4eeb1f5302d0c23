"""The window comes back as it was left: maximised, in full screen or at its size, with three equal planes."""

import json
import os
import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from gui.regression.model import Model
from gui.regression.weight_space import Posterior

SCREEN = {"x": 0, "y": 0, "width": 1920, "height": 1080, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}


@pytest.fixture
def large_screen(tmp_path):
    """The environment of a process whose screen is larger than that of the tests."""
    path = tmp_path / "screen.json"
    path.write_text(json.dumps({"screens": [SCREEN | {"name": "large"}]}))
    return {**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={path}"}


@pytest.mark.slow
@pytest.mark.parametrize("state", ["showMaximized", "showFullScreen", "showNormal"])
def test_a_window_comes_back_as_it_was_left_with_equal_planes(tmp_path, large_screen, state):
    command = [sys.executable, "-m", "tests.gui.shell.restarts", str(tmp_path), state]
    run = subprocess.run(command, env=large_screen, capture_output=True, text=True, check=True)
    looks = json.loads(run.stdout)
    for planes, size, kind in looks:
        assert max(planes) - min(planes) <= 6, (
            looks
        )  # each border rounds: a pixel of a small window is two of a large one
        assert planes == pytest.approx(looks[0][0], abs=4)
        assert [size, kind] == looks[0][1:]
    assert (looks[0][2] == 0) == (state == "showNormal")


@pytest.mark.parametrize("leave", [Qt.Key.Key_Escape, Qt.Key.Key_F11], ids=["Esc", "F11"])
@pytest.mark.parametrize("was", [Qt.WindowState.WindowNoState, Qt.WindowState.WindowMaximized], ids=["normal", "max"])
def test_full_screen_returns_to_the_former_state_from_every_control(qtbot, window, was, leave):
    window.setWindowState(was)
    controls = [window.page.view.panel(Posterior).plot, window.page.view.panel(Model).findChild(QLineEdit), window.tabs]
    for control in controls:
        with qtbot.waitActive(window):
            window.activateWindow()
        control.setFocus()
        qtbot.keyClick(control, Qt.Key.Key_F11)
        assert window.windowState() & Qt.WindowState.WindowFullScreen
        qtbot.keyClick(control, leave)
        assert window.windowState() & ~Qt.WindowState.WindowActive == was
