"""The command line."""

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

import main

ROOT = Path(__file__).resolve().parent.parent


def run(*argv, **environment):

    clean = {
        key: value for key, value in os.environ.items() if key not in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
    }
    return subprocess.run(
        [sys.executable, "main.py", *argv],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        env={**clean, **environment},
        check=False,
    )


def test_a_picture_is_taken_if_the_platform_is_an_empty_text(monkeypatch, capsys):
    """Some shells set a variable to an empty text, which is as if it were not set."""
    monkeypatch.setenv("QT_QPA_PLATFORM", "")
    monkeypatch.setattr("gui.app.run", lambda _: 0)
    assert main.main(["--screenshot", "picture.png"]) == 0
    assert os.environ["QT_QPA_PLATFORM"] == "offscreen"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "appearance"),
    [
        ("regression", "light"),
        ("latent", "dark"),
        ("unboxing", "light"),
        *(
            pytest.param(page, appearance, marks=pytest.mark.proof)
            for page, appearance in (("regression", "dark"), ("latent", "light"), ("unboxing", "dark"))
        ),
    ],
)
def test_a_picture_is_taken_without_a_screen(tmp_path, page, appearance):
    path = tmp_path / "picture.png"
    done = run("--page", page, "--screenshot", str(path), "--size", "1000x700", "--appearance", appearance)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    picture = QImage(str(path))
    assert (picture.width(), picture.height()) == (1000, 700)
    colours = {picture.pixel(x, y) for x in range(0, 1000, 7) for y in range(0, 700, 7)}
    assert len(colours) > 40
    assert (picture.pixelColor(990, 690).lightness() < 128) == (appearance == "dark")


@pytest.mark.parametrize(
    "argv",
    [
        ["--wrong"],
        ["--page", "elephant"],
        ["--size", "huge"],
        ["--size", "1x1"],
        ["--size", "640x480"],
        ["--screenshot"],
        ["a", "b"],
    ],
    ids=" ".join,
)
def test_a_wrong_flag_gets_one_sentence_and_status_2(argv, capsys):
    with pytest.raises(SystemExit) as ended:
        main.main(argv)
    assert ended.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_version_is_that_of_the_package(capsys):
    assert main.main(["--version"]) == 0
    assert capsys.readouterr().out == f"bayescape {version('bayescape')}\n"


@pytest.mark.slow
def test_diagnostics_name_versions_threads_paths_and_platform():
    done = run("--diagnostics")
    assert done.returncode == 0
    for word in ("bayescape", "Python", "PySide6-Essentials", "torch", "threads", "settings", "platform offscreen"):
        assert word in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a screen")
def test_without_a_screen_it_says_so_in_a_sentence():
    done = run()
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "no screen" in done.stderr


def test_a_missing_system_library_is_named_in_a_sentence(monkeypatch, capsys):
    monkeypatch.setattr(main, "X11_LIBRARIES", {"libnowhere.so.9": "libnowhere9"})
    monkeypatch.setenv("DISPLAY", ":77")
    monkeypatch.delenv("QT_QPA_PLATFORM")
    monkeypatch.setattr(sys, "platform", "linux")
    assert main.main([]) == 1
    assert "libnowhere9" in capsys.readouterr().err


@pytest.mark.slow
def test_a_picture_that_cannot_be_written_is_a_failure(tmp_path):
    done = run("--screenshot", str(tmp_path / "nowhere" / "picture.png"))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1


@pytest.mark.proof
def test_a_picture_of_a_table_shows_its_observations(tmp_path):
    table, path = tmp_path / "table.csv", tmp_path / "picture.png"
    table.write_text("x;t\n1.250,75;3,5\n2.000,10;4,25\n3;-\n", encoding="utf-8")
    pictures = []
    for argv in ([], [str(table)]):
        done = run(*argv, "--screenshot", str(path), "--size", "1000x700")
        assert done.returncode == 0
        pictures.append(QImage(str(path)))
    assert pictures[0] != pictures[1]
    assert done.stderr == (
        "x: “1.250,75” is read as 1250.75, with separators between thousands (2 such cells).\n"
        "2 observations. 1 line is left out:\n"
        "Line 4: t is “-”, which is not a number.\n"
    )
