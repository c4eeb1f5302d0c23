"""A training in a terminal saves its work at signals, with a full disk and with unusual file names."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import main
from engine import files
from engine.latent.datasets.data_set import DATASETS
from engine.latent.vae.cli import command
from engine.latent.vae.networks.checkpoint import load_model
from engine.latent.vae.training.training import load_state
from tests.engine.latent.vae import bars

ROOT = Path(bars.__file__).resolve().parents[4]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signal to one process")
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setitem(DATASETS.members, "Bars", bars.Bars)


def train(out, *more):
    return main.main(["train", "--data", "bars", "--out", str(out), *bars.SETTINGS, *more])


def started(out, *, before=None):
    """Start the program in a child process, and wait for the first epoch."""
    argv = [
        sys.executable,
        bars.__file__,
        "train",
        "--data",
        "bars",
        "--out",
        str(out),
        "epochs=100000",
        *bars.SETTINGS,
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    process = subprocess.Popen(argv, cwd=ROOT, env=environment, preexec_fn=before, **pipes)
    assert process.stdout.readline().startswith("epoch 1 of")
    return process


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGHUP", "SIGTERM"])
def test_a_closed_terminal_leaves_a_model_and_a_state_as_ctrl_c_does(tmp_path, name):
    out, state = tmp_path / "mine.safetensors", tmp_path / "mine.state.safetensors"
    process = started(out)
    if name == "SIGHUP":  # the terminal has closed as well
        process.stdout.close()
        process.stderr.close()
    process.send_signal(getattr(signal, name))
    process.send_signal(getattr(signal, name))  # some shells send the signal twice
    if name == "SIGTERM":
        said, errors = process.communicate(timeout=60)
        assert f"--continue {state}" in said and errors == "torch\n"
    process.wait(60)
    assert load_state(state).step >= 12
    assert load_model(str(out)).card.epochs == load_state(state).step // 12
    if name == "SIGTERM":
        assert process.returncode == 128 + signal.SIGTERM


@pytest.mark.proof
def test_under_nohup_a_closed_terminal_is_nothing(tmp_path):
    process = started(tmp_path / "mine.safetensors", before=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    process.send_signal(signal.SIGHUP)
    assert process.stdout.readline().startswith("epoch")
    time.sleep(0.3)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)


@pytest.mark.slow
def test_the_state_is_saved_every_few_minutes(tmp_path, monkeypatch):
    now, saved = [0.0], []
    monkeypatch.setattr(command.time, "monotonic", lambda: now.__setitem__(0, now[0] + 5.0) or now[0])
    save = command._save_state
    monkeypatch.setattr(
        command, "_save_state", lambda training, out: saved.append(training.step) or save(training, out)
    )
    assert train(tmp_path / "mine.safetensors", "epochs=6") == 0
    assert saved[-1] == 72  # at the end
    gaps = np.diff([0, *saved[:-1]])  # steps of 5 s or, where an epoch ends, of 10 s
    assert len(gaps) >= 3
    assert (gaps > command.SAFE / 10 - 1).all() and (gaps <= command.SAFE / 5 + 1).all()
    assert command.SAFE <= 300


@pytest.mark.slow
def test_a_save_that_fails_meanwhile_does_not_end_the_training(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "SAFE", -1.0)
    fails = [True]
    monkeypatch.setattr(files.os, "fsync", lambda _: fails and fails.pop() and full())
    assert train(tmp_path / "mine.safetensors", "epochs=1") == 0
    said = capsys.readouterr().err
    assert said.splitlines()[0] == (
        "bayescape train: mine.state.safetensors cannot be written: the disk is full. The training continues."
    )


def full(*_):
    raise OSError(28, "No space left on device")


@pytest.mark.slow
def test_if_the_state_does_not_fit_the_model_is_saved(tmp_path, monkeypatch, capsys):
    from engine.latent.vae.training import training

    monkeypatch.setattr(training, "write_state", full)
    assert train(tmp_path / "mine.safetensors", "epochs=1") == 1
    out, errors = capsys.readouterr()
    assert errors.startswith("bayescape train: mine.state.safetensors cannot be written: the disk is full.\n")
    assert "test ELBO" in out and "to resume" not in out
    assert load_model(str(tmp_path / "mine.safetensors")).card.epochs == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mine.safetensors"]


def test_room_on_the_disk_is_checked_before_the_training(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9, 10**5))
    assert train(tmp_path / "mine.safetensors", "epochs=1") == 2
    said = capsys.readouterr().err
    assert said.startswith("bayescape train: There is not enough space on the disk in ")
    assert said.endswith("MB are needed and 0 MB are free.\n")
    assert not list(tmp_path.iterdir())


def test_a_limit_on_the_size_of_files_is_checked_before_the_training(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (10_000, 10_000))
    assert train(tmp_path / "mine.safetensors", "epochs=1") == 2
    assert "does not allow files" in capsys.readouterr().err


def test_a_folder_whose_name_is_no_text_is_refused_before_the_training(tmp_path, capsys):
    folder = tmp_path / os.fsdecode(b"bl\xfcten")
    folder.mkdir()
    for i in range(4):
        Image.fromarray(np.full((8, 8), i, np.uint8)).save(folder / f"{i}.png")
    status = main.main(["train", "--data", str(folder), "--out", str(tmp_path / "mine.safetensors"), "--epochs", "1"])
    assert status == 2
    said = capsys.readouterr().err
    assert "not valid UTF-8. Rename it first." in said
    said.encode()


@pytest.mark.slow
def test_a_model_may_be_written_where_a_name_is_no_text(tmp_path):
    out = tmp_path / os.fsdecode(b"bl\xfcten.safetensors")
    assert train(out, "epochs=1") == 0
    assert load_model(str(out)).card.name == "bl?ten"
    (tmp_path / os.fsdecode(b"f\xfcr mich")).mkdir()
    assert train(tmp_path / os.fsdecode(b"f\xfcr mich") / "mine.safetensors", "epochs=1") == 0


@pytest.mark.parametrize("name", ["pipe.safetensors", "folder.safetensors", "x" * 245 + ".safetensors"])
def test_what_cannot_be_written_is_known_before_the_training(tmp_path, name, capsys):
    os.mkfifo(tmp_path / "pipe.safetensors")
    (tmp_path / "folder.safetensors").mkdir()
    assert train(tmp_path / name, "epochs=1") == 2
    assert capsys.readouterr().err.count("\n") == 1
