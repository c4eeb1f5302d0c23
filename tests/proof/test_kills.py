"""Kills at random moments of the window, of the training or of both: nothing is lost beyond two seconds or corrupt.

Samples in the ordinary tests are those of tests/gui/shell/sessions/test_recovery.py (a window is killed) and of
tests/engine/latent/training/test_process.py and test_worker.py (a training is killed, or its window is).
"""

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.files import UNFINISHED
from engine.latent.training.runs import STATE
from engine.latent.vae import check_state, load_model
from engine.saving.journal import left_behind
from engine.saving.own_models import open_work
from tests.proof.killing import FILE
from tests.proof.sizes import size

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 2  # programs
LOST = 2.0  # seconds of edits that a kill may cost
PATIENCE = 180.0  # seconds, on a busy computer
VICTIMS = "window", "training", "both"


@pytest.mark.proof
@pytest.mark.skipif(sys.platform != "linux", reason="the processes are looked up in /proc")
@pytest.mark.timeout(3600)
def test_kills_at_random_moments_lose_at_most_two_seconds_and_leave_no_process(tmp_path):
    chance = random.Random(17)
    moments = [(VICTIMS[n % 3], tmp_path / str(n), chance.uniform(0.2, 4.0)) for n in range(size("KILLS"))]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert [wrong for wrong in pool.map(lambda moment: killed(*moment), moments) if wrong] == []


def killed(victim, folder, seconds):
    """Kill the victim some seconds after the training has begun. Return what is wrong then; empty if nothing is."""
    folder.mkdir()
    environment = {**os.environ, "XDG_DATA_HOME": str(folder / "data"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "tests.proof.killing", str(folder)]
    output = folder / "turns"
    with output.open("wb") as file:
        program = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=file, stderr=subprocess.DEVNULL)
    try:
        if not wait_for(lambda: begun(output) or program.poll() is not None) or not begun(output):
            return f"{folder.name}: no training began"
        [training] = begun(output)
        time.sleep(seconds)
        moment = time.monotonic()
        for process in {"window": [program.pid], "training": [training], "both": [program.pid, training]}[victim]:
            os.kill(process, signal.SIGKILL)
        if victim == "training":  # the window goes on
            turns = len(lines(output))
            if not wait_for(lambda: len(lines(output)) > turns + 2):
                return f"{folder.name}: the window did not go on after its training was killed"
            moment = time.monotonic()
            program.kill()
        program.wait()
        if not wait_for(lambda: not lives(training)):
            return f"{folder.name}: the training lives on without its window"
        return f"{folder.name} {victim} {seconds:.2f}: {wrong}" if (wrong := wrong_in(folder, moment)) else ""
    finally:
        program.kill()
        program.wait()


def begun(output):
    """The processes of the trainings that have begun."""
    return [int(line.split()[1]) for line in lines(output) if line.startswith("training")]


def wrong_in(folder, moment):
    """What is lost or corrupt in the files that a killed program left; empty if nothing is."""
    turns = [line.split() for line in lines(folder / "turns") if line[0].isdigit()]
    due = max((int(turn) for turn, at in turns if float(at) < moment - LOST), default=0)
    pins = tuple((turn / 1000, 0.0) for turn in range(1, len(turns) + 2))
    for left in left_behind(folder / "data" / "Bayescape" / "recovery"):
        recovered = left.snapshot.document("Latent").pins
        left.remove()
        break
    else:
        recovered = None  # also between a save and the next edit that is recorded: then the file has everything
    saved = open_work(folder / FILE).documents[1].pins if (folder / FILE).exists() else ()
    kept = saved if recovered is None else recovered
    if len(kept) < due or kept != pins[: len(kept)]:
        return f"{len(kept)} of {due} edits were kept"
    if saved != pins[: len(saved)]:
        return "the session file has other edits"
    for file in (folder / "data" / "bayescape" / "runs").rglob("*.safetensors"):
        if file.name == STATE:
            check_state(file)
        elif not file.name.startswith(UNFINISHED):
            load_model(str(file))
    return ""


def lines(path):
    """The complete lines of a file."""
    return path.read_text(encoding="ascii").split("\n")[:-1]


def lives(process):
    """Whether a process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition):
    """Wait until a condition holds, and return whether it does."""
    end = time.monotonic() + PATIENCE
    while not (held := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return held
