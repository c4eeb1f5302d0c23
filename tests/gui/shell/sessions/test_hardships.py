"""Hardships: a full or read-only disk and a user without a home folder, in a process of its own with a real window."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
SPACE = ["unshare", "--user", "--map-root-user", "--mount"]  # a name space in which the test may make a disk


def has_disks():
    """Whether this system lets the test make a disk of its own."""
    return shutil.which("unshare") is not None and subprocess.run([*SPACE, "true"], capture_output=True).returncode == 0


def seen_by(folder, case, before=(), **environment):
    """Run the program, and return what it printed; it must end well and report no error."""
    command = [*before, sys.executable, "-m", "tests.gui.shell.sessions.hardships", str(folder), case]
    variables = {**os.environ, "QT_QPA_PLATFORM": "offscreen", **environment}
    program = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=120)
    assert (program.returncode, "Traceback" in program.stderr) == (0, False), program.stderr
    return [json.loads(line) for line in program.stdout.splitlines()]


@pytest.mark.slow
@pytest.mark.skipif(not has_disks(), reason="this system does not let a test make a disk of its own")
def test_on_a_full_or_read_only_disk_the_old_file_stays_whole_and_one_sentence_says_why(tmp_path):
    refused = "Übung 😀.bayescape cannot be written: the disk is {}."
    seen = seen_by(tmp_path, "full", SPACE, XDG_DATA_HOME=str(tmp_path / "data"))
    assert seen == [
        ["a disk with room", [], False, 1],
        ["a full disk", [refused.format("full")], True, 1],
        ["room again", [], False, 3],
        ["a read-only disk", [refused.format("read-only")], True, 3],
    ]


@pytest.mark.slow
def test_without_a_home_folder_the_program_starts_says_so_and_saves(tmp_path):
    (tmp_path / "file").touch()
    nowhere = {name: str(tmp_path / "file" / name) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    start, saved = seen_by(tmp_path, "homeless", **nowhere)
    assert start[0] == "the start" and len(start[1]) == 1
    assert start[1][0].startswith("Recovery is off, because nothing can be written to the program's own folder: ")
    assert saved == ["a user without a home folder", [], False, 1]
