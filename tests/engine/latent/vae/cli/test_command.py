"""Training without a window: its files, its output and its exit status."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from msgspec.structs import replace

import main
from engine.latent.datasets.data_set import DATASETS
from engine.latent.training.folders import keep_in
from engine.latent.training.runs import checkpoints
from engine.latent.training.training import read_history
from engine.latent.vae import load_model
from engine.latent.vae.cli.progress_line import EVIDENCE, Line, duration, epoch_line
from engine.latent.vae.history import Progress
from engine.latent.vae.networks.checkpoint import read_tensors
from engine.latent.vae.recipe import Elbo
from engine.latent.vae.training import diagnosis
from engine.latent.vae.training.elbo import evaluate
from engine.latent.vae.training.training import DivergedError, Training, load_state
from tests.engine.latent.vae import bars

ROOT = Path(__file__).resolve().parents[5]
ENDLESS = "epochs=100000"


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setitem(DATASETS.members, "Bars", bars.Bars)


def train(out, *more):
    return main.main(["train", "--data", "bars", "--out", str(out), *bars.SETTINGS, *more])


@pytest.mark.slow
def test_the_reported_elbo_follows_from_the_file_alone(tmp_path, capsys):
    out = tmp_path / "mine.safetensors"
    assert train(out, "--epochs", "4", "--seed", "3") == 0
    said = capsys.readouterr().out
    vae = load_model(str(out))
    card = vae.card
    assert card.recipe == replace(bars.SMALL, epochs=4, seed=3)
    how = {"samples": card.test_samples, "seed": card.test_seed}
    measured = evaluate(vae.networks, card.recipe.likelihood, card.recipe.data.test(), **how)
    assert measured.total == pytest.approx(card.test_elbo.total, rel=1e-9)
    assert measured.kl == pytest.approx(card.test_elbo.kl, rel=1e-9)
    assert f"test ELBO {card.test_elbo.total:.3f}".replace("-", "−") in said
    assert "120 images, 16 draws of z each with seed 0" in said
    assert said.count("\n") == 5  # without a terminal: one line for each epoch, and the result


@pytest.mark.slow
def test_checkpoints_and_curves_are_saved_where_the_window_looks_for_a_run(tmp_path, capsys):
    assert train(tmp_path / "mine.safetensors", "--epochs", "4", "--runs", str(tmp_path), "--checkpoints", "3") == 0
    keep_in(tmp_path)
    recipe = replace(bars.SMALL, epochs=4)
    steps = checkpoints(recipe)
    assert steps == [0, steps[-1] // 4, steps[-1]]
    assert read_history(recipe).epochs[-1].step == steps[-1]
    capsys.readouterr()
    (tmp_path / "file").touch()
    assert train(tmp_path / "mine.safetensors", "--epochs", "4", "--runs", str(tmp_path / "file")) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert train(tmp_path / "mine.safetensors", "--runs", str(tmp_path), "--checkpoints", "1") == 2
    assert "from 2 to 1,000, not 1." in capsys.readouterr().err


@pytest.mark.slow
def test_continued_in_two_parts_is_trained_in_one(tmp_path):
    whole, part, end = (tmp_path / f"{name}.safetensors" for name in ("whole", "part", "end"))
    assert train(whole, "--epochs", "3", "learning_rate=1e-3") == 0
    assert train(part, "--epochs", "3", "learning_rate=1e-3") == 0
    state = tmp_path / "part.state.safetensors"
    assert main.main(["train", "--continue", str(state), "--out", str(end), "--epochs", "5"]) == 0
    assert load_model(str(end)).card.recipe.epochs == load_model(str(end)).card.epochs == 5
    assert "raised from 3 to 5" in load_model(str(end)).card.made_with
    one, other = (read_tensors(path, "card")[1] for path in (whole, part))
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.slow
def test_a_diverged_training_is_kept_and_says_so(tmp_path, capsys, monkeypatch):
    take = Training._average

    def average(self):
        take(self)
        if self.step == 7:
            raise DivergedError("It diverged.")

    monkeypatch.setattr(Training, "_average", average)
    out = tmp_path / "mine.safetensors"
    assert train(out, "--epochs", "2") == 1
    assert capsys.readouterr().err == "bayescape train: It diverged.\n"
    assert load_model(str(out)).card.epochs == 0
    assert load_state(tmp_path / "mine.state.safetensors").step == 7


@pytest.mark.parametrize(
    "argv",
    [
        ["--out", "x.safetensors"],
        ["--data", "bars"],
        ["--data", "bars", "--out", "x.pt"],
        ["--data", "bars", "--out", "nowhere/x.safetensors"],
        ["--data", "elephants", "--out", "x.safetensors"],
        ["--data", "bars", "--out", "x.safetensors", "--epochs", "0"],
        ["--data", "bars", "--out", "x.safetensors", "--epochs", "many"],
        ["--data", "bars", "--out", "x.safetensors", "--threads", "0"],
        ["--data", "bars", "--out", "x.safetensors", "--device", "abacus"],
        ["--data", "bars", "--out", "x.safetensors", "batch"],
        ["--data", "bars", "--out", "x.safetensors", "elephants=1"],
        ["--continue", "nowhere", "--out", "x.safetensors"],
        ["--continue", "nowhere", "--out", "x.safetensors", "seed=1"],
        ["--continue", "nowhere", "--data", "bars", "--out", "x.safetensors"],
        ["--continue", "nowhere", "--out", "x.safetensors", "epochs=-1"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_gets_one_sentence_and_status_2(argv, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    try:
        status = main.main(["train", *argv])
    except SystemExit as ended:
        status = ended.code
    assert status == 2
    said = capsys.readouterr().err
    assert said.startswith("bayescape train: ")
    assert said.count("\n") == 1
    assert not list(tmp_path.iterdir())


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_in_a_terminal_there_is_one_line_that_fits(width, monkeypatch):
    monkeypatch.setattr(shutil, "get_terminal_size", lambda **_: os.terminal_size((width, 24)))
    line = Line(Terminal(), 0, 0.0)
    for step in (100, 600, 1000):
        line.drawn = -1e9
        held_out = Elbo(-140.0, 5.0) if step == 600 else None
        line.show(Progress(step, 1000, step // 500, 500, Elbo(-1, 2), Elbo(-130.0, 4.5), held_out, 64 * step, step / 2))
    line.close()
    drawn = line.stream.getvalue()
    assert drawn.count("\n") == 1 and drawn.endswith("\n")
    texts = drawn.rstrip("\n").split("\r")[1:]
    assert [len(text) for text in texts] == [width - 1] * 3
    assert " 60 %" in texts[1]
    if width >= 40:
        assert "ELBO −134.50" in texts[1]
    if width >= 80:
        assert texts[1].startswith("[#") and "3 min 20 s left  epoch 2 of 2" in texts[1]
    if width == 200:
        assert "test −145.00  128 images/s" in texts[1]


def test_the_number_of_a_training_without_a_bound_is_not_called_elbo():
    progress = Progress(500, 1000, 0, 500, Elbo(-1, 2), Elbo(-130.0, 4.5), None, 9, 3.0)
    assert "ELBO −134.50" in epoch_line(progress)
    for text in (epoch_line(progress, EVIDENCE), Line(Terminal(), 0, 0.0, EVIDENCE).text(progress, 80)):
        assert "ln p(x) −134.50" in text and "ELBO" not in text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59.6, "1 min 0 s"), (80, "1 min 20 s"), (3599.9, "1 h 0 min"), (7500, "2 h 5 min")],
)
def test_durations_read_well(seconds, text):
    assert duration(seconds) == text


def start(*argv, launcher=()):
    """Run the program in a child process with the data set Bars."""
    command = [sys.executable, *launcher, str(Path(bars.__file__)), "train", *argv]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=ROOT, env=environment, encoding="utf-8", **pipes)


@pytest.mark.proof
@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signal to one process")
def test_ctrl_c_leaves_a_model_and_a_state_to_go_on_from(tmp_path):
    out, state = tmp_path / "mine.safetensors", tmp_path / "mine.state.safetensors"
    process = start("--data", "bars", "--out", str(out), ENDLESS, *bars.SETTINGS)
    assert process.stdout.readline().startswith("epoch 1 of 100000: ELBO −")
    process.send_signal(signal.SIGINT)
    said, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors == "torch\n"  # Qt is not imported
    assert f"--continue {state}" in said and f"{out}: test ELBO" in said
    training = load_state(state)
    card = load_model(str(out)).card
    assert training.step >= 12
    assert card.epochs == training.step // 12 and card.recipe == training.recipe
    assert next(iter(training)).step == training.step
    assert sorted(path.name for path in tmp_path.iterdir()) == [out.name, state.name]


@pytest.mark.slow
def test_bad_settings_are_noticed_before_torch_is_loaded(tmp_path):
    process = start("--data", "bars", "--out", str(tmp_path / "x.safetensors"), "epochs=0")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert errors.splitlines()[1:] == [""]


@pytest.mark.proof
@pytest.mark.skipif(not torch.distributed.is_available(), reason="torch was built without it")
def test_two_processes_reach_what_one_reaches(tmp_path):
    settings = [
        *bars.SETTINGS,
        "precision=float32",
        "batch=49",
        "epochs=6",
    ]  # two processes cannot divide 49 images evenly
    one, two = tmp_path / "one.safetensors", tmp_path / "two.safetensors"
    assert train(one, *settings) == 0
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    process = start("--data", "bars", "--out", str(two), *settings, launcher=launcher)
    said, errors = process.communicate(timeout=100)
    assert process.returncode == 0, errors
    assert said.count("\n") == 7  # only one process prints
    alone, together = (load_state(path.with_suffix(f".state{path.suffix}")) for path in (one, two))
    curves = [training.history.curve for training in (alone, together)]
    assert curves[0].shape == (72, 3)
    assert abs(curves[1] / curves[0] - 1).max() < 1e-4
    held_out = [load_model(str(path)).card.test_elbo.total for path in (one, two)]
    assert held_out[0] == pytest.approx(held_out[1], rel=1e-4)
    assert json.loads(read_tensors(two, "card")[0])["recipe"]["batch"] == 49


@pytest.mark.slow
def test_a_bad_training_is_named_in_the_terminal(tmp_path, capsys, monkeypatch):
    curves = []
    monkeypatch.setattr(diagnosis, "falls", lambda curve: curves.append(len(curve)) or True)
    monkeypatch.setattr(diagnosis, "EARLY", 0)
    monkeypatch.setattr(diagnosis, "UNUSED", 100.0)
    assert train(tmp_path / "mine.safetensors", "epochs=1") == 0
    assert capsys.readouterr().err == f"bayescape train: {diagnosis.DIVERGES}\n" * 2  # meanwhile, and at the end
    monkeypatch.setattr(diagnosis, "falls", lambda _: False)
    assert train(tmp_path / "mine.safetensors", "epochs=1") == 0
    assert capsys.readouterr().err.startswith("bayescape train: Posterior collapse: q(z|x) is the prior")
    assert curves[0] == diagnosis.JUDGED
