"""The window comes back as it was left: maximised, in full screen or at its size, with three equal planes."""

import json
import os
import subprocess
import sys

import pytest

SCREEN = {"x": 0, "y": 0, "width": 1920, "height": 1080, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}


@pytest.fixture
def large_screen(tmp_path):
    """The environment of a process whose screen is larger than that of the tests."""
    path = tmp_path / "screen.json"
    path.write_text(json.dumps({"screens": [SCREEN | {"name": "large"}]}))
    return {**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={path}"}


@pytest.mark.parametrize("state", ["showMaximized", "showFullScreen", "showNormal"])
def test_a_window_comes_back_as_it_was_left_with_equal_planes(tmp_path, large_screen, state):
    command = [sys.executable, "-m", "tests.gui.shell.restarts", str(tmp_path), state]
    run = subprocess.run(command, env=large_screen, capture_output=True, text=True, check=True)
    looks = json.loads(run.stdout)
    for planes, size, kind in looks:
        assert max(planes) - min(planes) <= 2, looks
        assert planes == pytest.approx(looks[0][0], abs=2)
        assert [size, kind] == looks[0][1:]
    assert (looks[0][2] == 0) == (state == "showNormal")
