"""Closing: the window is hidden before its pages wait for anything, and Ctrl-C in the terminal closes the window."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gui.shell.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import os, sys
from pathlib import Path
from gui import app
from gui.shell.settings import Settings

app.Settings = lambda: Settings(Path(sys.argv[1]))
build = app._build_window

def built(*arguments):
    window = build(*arguments)
    window.painted.connect(lambda: print("painted", flush=True))
    pages = window.stack.close_pages
    window.stack.close_pages = lambda: (pages(), print("closed", window.isVisible(), flush=True))
    return window

app._build_window = built
sys.exit(app.run(app.Options(page=sys.argv[2])))
"""


def test_the_window_is_hidden_before_its_pages_close(window, monkeypatch):
    visible = []
    monkeypatch.setattr(window.stack, "close_pages", lambda: visible.append(window.isVisible()))
    window.close()
    assert visible == [False]
    monkeypatch.undo()
    window.stack.close_pages()


def test_panels_that_float_keep_their_place_in_the_saved_layout(open_window):
    window = open_window()
    window.page.view.docks["Prior"].setFloating(True)
    window.close()
    prior = open_window().page.view.docks["Prior"]
    assert prior.isFloating() and prior.isVisible()


@pytest.mark.slow
def test_the_layouts_of_all_pages_are_kept(open_window, settings):
    window = open_window()
    window.show_page("latent")
    window.close()
    assert settings.layout("regression") is not None
    assert settings.layout("latent") is not None


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a program on Windows cannot send Ctrl-C to another one")
@pytest.mark.parametrize("page", ["regression", "latent"])
def test_ctrl_c_in_the_terminal_closes_the_window(tmp_path, page):
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "settings"), page],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_DATA_HOME": str(tmp_path / "data")},
    )
    try:
        assert program.stdout.readline() == "painted\n"
        program.send_signal(signal.SIGINT)
        out, error = program.communicate(timeout=60)
    finally:
        program.kill()
    assert (program.returncode, out, error) == (0, "closed False\n", "")
    assert Settings(tmp_path / "settings").text(f"layout/{page}", "")
