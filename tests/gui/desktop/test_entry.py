"""The desktop entry: its files, the quoting of its command, and how it is installed and removed."""

import configparser
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from argparse import ArgumentParser
from pathlib import Path

import pytest
from PIL import Image

from gui.desktop.command_line import arguments, run
from gui.desktop.entry import SIZES, exec_line, install, remove

ROOT = Path(__file__).parents[3]


def entry_of(text):
    """The keys of a desktop entry, with the escapes of string values undone."""
    parser = configparser.RawConfigParser()
    parser.optionxform = str
    parser.read_string(text)
    return {key: value.replace("\\\\", "\\") for key, value in parser["Desktop Entry"].items()}


def words_of(line):
    """The words of Exec, as the specification of desktop entries reads them, without the file."""
    assert "%" not in line.removesuffix(" %f").replace("%%", "")
    quoted = re.findall(r'"((?:[^"\\`$]|\\["\\`$])*)" ', line)
    return [re.sub(r"\\(.)", r"\1", word).replace("%%", "%") for word in quoted]


@pytest.mark.parametrize(
    "path", ["/opt/bayescape", "/home/a b/prog", '/q"uote', "/back\\slash", "/$HOME/`x`", "/100%/é"]
)
def test_the_command_of_any_path_is_quoted(path):
    read = entry_of(f"[Desktop Entry]\nExec={exec_line([path, 'main.py'])}")["Exec"]
    assert read.endswith(" %f")
    assert words_of(read) == [path, "main.py"]


def test_it_is_installed_and_removed(qapp, tmp_path):
    (tmp_path / "applications").mkdir()
    other = tmp_path / "applications" / "other.desktop"
    other.write_text("mine")
    paths = install(tmp_path, ["/opt/bayescape"])
    assert all(path.is_file() for path in paths)
    entry = entry_of((tmp_path / "applications" / "bayescape.desktop").read_text(encoding="utf-8"))
    types = {each.get("type") for each in ET.parse(tmp_path / "mime" / "packages" / "bayescape.xml").getroot()}
    assert set(entry["MimeType"].strip(";").split(";")) == types
    assert words_of(entry["Exec"]) == ["/opt/bayescape"]
    for side in SIZES:
        image = Image.open(tmp_path / "icons" / "hicolor" / f"{side}x{side}" / "apps" / "bayescape.png")
        assert image.size == (side, side)
        assert image.getpixel((0, 0))[3] < 16  # the corners are round
        assert image.getpixel((side // 2, side // 2))[3] == 255
    assert install(tmp_path, ["/opt/bayescape"]) == paths  # once more, over the first
    assert remove(tmp_path) == paths
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [other]
    assert remove(tmp_path) == []


@pytest.mark.slow
def test_the_command_line_installs_for_the_user(tmp_path):
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path)}

    def desktop(action):
        command = [sys.executable, "main.py", "desktop", action]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    done = desktop("install")
    assert done.returncode == 0, done.stderr
    entry = entry_of((tmp_path / "applications" / "bayescape.desktop").read_text(encoding="utf-8"))
    assert words_of(entry["Exec"]) == [sys.executable, str(ROOT / "main.py")]
    assert str(tmp_path / "applications" / "bayescape.desktop") in done.stdout.splitlines()
    assert desktop("remove").returncode == 0
    assert not (tmp_path / "applications" / "bayescape.desktop").exists()


def test_a_file_where_a_folder_should_be_is_named(qapp, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    (tmp_path / "applications").write_text("")
    parser = ArgumentParser()
    arguments(parser)
    assert run(parser.parse_args(["install"])) == 2
    assert capsys.readouterr().out.startswith("applications cannot be written: ")
