"""Damaged files: each reader refuses them with one sentence, or reads something sound, fast and in little memory.

The ordinary sample reads some of the mutants in this process. The proof reads 100,000 in processes with limits.
"""

import os
import random
import subprocess
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from engine.latent.training.folders import keep_in
from tests.proof.mutants import mutant, resealed
from tests.proof.readers import READERS
from tests.proof.reading import outcome
from tests.proof.sizes import size

ROOT = Path(__file__).resolve().parents[2]
PIECE = 2500  # mutants that one process reads
HANGS = 1800.0  # seconds for one process
SAMPLE = (
    "sessions",
    "works",
    "tables",
    "IDX files",
    "functions",
    "journals",
    "answers",
    "keys",
)  # readers without torch
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits are those of Linux")


@pytest.mark.parametrize("name", SAMPLE)
def test_twenty_damaged_files_are_refused_with_a_sentence_or_read_as_something_sound(name, tmp_path):
    reader, said = READERS[name], []
    seeds = reader.seeds(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number in range(20):
            chance = random.Random(number)
            content = (resealed if number % 2 else mutant)(chance, chance.choice(seeds), seeds)
            said.append(outcome(reader, tmp_path / reader.name, content, None, bool(number % 2)))
    assert set(said) <= {"accepted", "refused"}


def test_a_reader_that_is_wrong_is_found(tmp_path):
    def fails(_):
        raise KeyError("a")

    def says(_):
        return "x".encode("ascii").decode("utf-16")

    reader = READERS["sessions"]
    found = [
        outcome(reader._replace(read=read, check=check), tmp_path / "x", b"", None, True)
        for read, check in ((fails, len), (says, len), (lambda _: 1, len))
    ]
    assert [text.split(":")[0] for text in found] == ["another error", "no sentence", "wrong content accepted"]


def read_by_a_process(piece):
    """Let a process read a piece of the mutants of a reader. Return its report; a crash becomes a wrong one."""
    name, first, count = piece
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.proof.reading", name, str(first), str(count), folder]
        environment = {**os.environ, "XDG_DATA_HOME": folder, "OMP_NUM_THREADS": "1"}
        try:
            done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=HANGS)
            status = done.returncode
        except subprocess.TimeoutExpired:
            status = "a hang"
        number = Path(folder, "number")
        at = int(number.read_text(encoding="ascii")) if number.exists() else -1
        if status:
            said = done.stderr.decode(errors="replace")[-300:] if status != "a hang" else ""
            return name, {"outcomes": {}, "wrong": [[at, f"ended with {status} {said}"]], "slowest": 0, "largest": 0}
        return name, msgspec.json.decode(done.stdout.splitlines()[-1])


def pieces(mutants):
    """The mutants of all readers, in pieces (reader, first, count), the slow readers first."""
    for name, reader in sorted(READERS.items(), key=lambda item: -item[1].share):
        whole = max(1, mutants * reader.share // sum(each.share for each in READERS.values()))
        for first in range(0, whole, PIECE):
            yield name, first, min(PIECE, whole - first)


@pytest.mark.proof
@pytest.mark.timeout(3600)
def test_a_hundred_thousand_damaged_files(tmp_path, capsys):
    keep_in(tmp_path)
    wrong = []
    with ThreadPoolExecutor(2) as pool, capsys.disabled():
        for name, report in pool.map(read_by_a_process, pieces(size("MUTANTS"))):
            said = f"{report['outcomes']}, {report['slowest']:.2f} s, {report['largest']:.0f} MB"
            print(f"\n{name}: {said}", end="", flush=True)
            wrong += [(name, *each) for each in report["wrong"]]
    assert wrong == []
