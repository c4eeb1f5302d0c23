"""Leaks: what is done again and again leaves at most 2 KiB of memory each time, and nothing that can be counted."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.proof.leaks import slope, without_a_step
from tests.proof.sizes import size

ROOT = Path(__file__).resolve().parents[2]
MOST = 2.0  # KiB each time
KINDS = "windows", "edits", "hovers", "trainings", "passes"
NOISE = {"windows": 8.0, "trainings": 200.0, "passes": 100.0}  # KiB each time that are hidden by a few repetitions
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the measurements are those of Linux")


@pytest.mark.proof
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_left(kind, tmp_path):
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}
    environment["MALLOC_ARENA_MAX"] = "1"  # on a busy computer more threads run at once, each with a heap of its own
    command = [sys.executable, "-m", "tests.proof.leaks", kind, str(size(kind.upper()))]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    left = msgspec.json.decode(done.stdout.splitlines()[-1])
    assert left.pop("memory") <= NOISE.get(kind, MOST), f"{left}\n{done.stderr}"
    assert left == dict.fromkeys(left, 0)


def test_a_leak_of_each_kind_is_seen():
    done = subprocess.run([sys.executable, "-m", "tests.proof.leaking"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    left = msgspec.json.decode(done.stdout)
    assert left.pop("memory") > 700
    assert left.pop("files") >= 8 + 1  # one for each time, and the pipe to the process
    assert left == {"threads": 8, "processes": 1, "widgets": 8}


SHAPES = """
import main
from tests.proof.leaks import resident, trim
import torch
def compute(sizes):
    for n in sizes:
        torch.nn.functional.gelu(torch.zeros(n, 16))
    trim()
    return resident()
print(compute(range(1, 101)), compute(range(101, 401)))
"""


def test_compiled_code_is_kept_for_few_shapes_of_the_data_only():
    done = subprocess.run([sys.executable, "-c", SHAPES], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    before, after = map(int, done.stdout.split())
    assert after - before < 3000  # KiB; PyTorch's own limit of 1,024 shapes gives 10,000


def test_one_step_is_no_leak_but_two_are_and_a_leak_stays():
    flat, once = [(n, 100.0) for n in range(20)], [(n, 100.0 + 6000 * (n > 12)) for n in range(20)]
    twice = [(n, y + 5000 * (n > 9)) for n, y in once]
    assert without_a_step(once) == without_a_step(flat) == flat
    assert slope(without_a_step(twice)) > 100 > slope(without_a_step(once)) == 0
    steady = [(n, 3.0 * n) for n in range(20)]
    assert slope(without_a_step(steady)) == pytest.approx(3, abs=0.4)


def test_the_slope_is_that_of_most_points():
    assert slope([(n, 3.0 * n + (1000 if n == 4 else 0)) for n in range(10)]) == pytest.approx(3)
