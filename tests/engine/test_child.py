"""The command lines of child processes, from a checkout and from the packaged program."""

import json
import subprocess
import sys

import openpyxl
import pytest

from engine.child import CHILD, MODULES, ROOT, SPREADSHEET, TRAINING, child_command


@pytest.mark.parametrize("module", MODULES)
def test_every_module_exists(module):
    assert ROOT.joinpath(*module.split(".")).with_suffix(".py").is_file()


@pytest.mark.slow
def test_a_child_reports_an_invalid_order():
    done = subprocess.run(child_command(TRAINING), input=b"{", capture_output=True, cwd=ROOT, check=True)
    assert json.loads(done.stdout.splitlines()[-1])["state"] == "failed"


def test_a_module_that_runs_alone_does_not_import_its_packages():
    assert child_command(SPREADSHEET, "a.xlsx", alone=True)[2].endswith("spreadsheet_worker.py")


def test_the_packaged_program_starts_itself(monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert child_command(SPREADSHEET, "a.xlsx", alone=True) == [sys.executable, CHILD, SPREADSHEET, "a.xlsx"]


def run_packaged(*arguments):
    """Run the program in another process as if it were packaged; return its exit status and its output."""
    program = "import sys; sys.frozen = True; import main; sys.exit(main.main(sys.argv[1:]))"
    done = subprocess.run([sys.executable, "-c", program, *arguments], cwd=ROOT, capture_output=True)
    return done.returncode, done.stdout.decode()


def test_the_packaged_program_runs_a_module(tmp_path):
    book = openpyxl.Workbook()
    book.active.append([1.5, 2.5])
    book.save(tmp_path / "a.xlsx")
    status, text = run_packaged(CHILD, SPREADSHEET, str(tmp_path / "a.xlsx"), "", "400", "2")
    assert status == 0
    assert text.splitlines()[1:] == ["1.5\t2.5"]


def test_the_packaged_program_runs_no_other_module():
    assert run_packaged(CHILD, "this") == (1, "")
