"""A training in a child process ends with the same weights as in this process."""

import queue
import shutil
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from msgspec.structs import replace

from engine.latent.datasets.faces import Faces
from engine.latent.one_copy import keep_copies_in
from engine.latent.training.folders import keep_in
from engine.latent.training.models import discard, entries, keep
from engine.latent.training.process import TrainingProcess
from engine.latent.training.runs import checkpoint_path, checkpoint_steps, checkpoints
from engine.latent.training.training import read_history
from engine.latent.vae import load_model
from engine.latent.vae.architectures.residual_mlp import ResidualMlp
from engine.latent.vae.networks.checkpoint import rounded
from engine.latent.vae.recipe import Recipe
from engine.latent.vae.training.training import Training

TINY = Recipe(
    data=Faces(training=200, held_out=20),
    architecture=ResidualMlp(encoder_width=16, bottleneck=8, decoder_width=16, octaves=1),
    epochs=3,
    batch=20,
)
ENDS = ("done", "stopped", "failed")


class Listener:
    """Collects the reports."""

    def __init__(self, recipe=TINY):
        self.reports = queue.Queue()
        self.process = TrainingProcess(recipe, self.reports.put)

    def until(self, *states):
        while (report := self.reports.get(timeout=60)).state not in states + ENDS:
            pass
        return report

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.close()


def run(recipe=TINY):
    with Listener(recipe) as listener:
        return listener.until()


def weights(recipe, step):
    return load_model(str(checkpoint_path(recipe, step))).networks.state_dict()


def here(recipe):
    """The same training in this process, on one thread as in the child process."""
    torch.set_num_threads(1)
    training = Training(recipe, recipe.data.train(), recipe.data.test())
    for _ in training:
        pass
    return rounded(training.averaged).state_dict()


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """A finished run: its last report, and its folder."""
    folder = tmp_path_factory.mktemp("once")
    keep_in(folder)
    return run(), folder


@pytest.fixture
def done(once, tmp_path):
    report, folder = once
    shutil.copytree(folder, tmp_path / "runs")
    keep_in(tmp_path / "runs")
    return report


def test_the_weights_are_bit_identical(done):
    assert (done.state, done.step, done.steps, done.kept) == ("done", 30, 30, 30)
    assert same(weights(TINY, 30), here(TINY))


def test_the_first_and_the_last_checkpoint_and_the_curves_are_saved(done):
    steps = checkpoints(TINY)
    assert steps[0] == 0
    assert steps[-1] == 30
    history = read_history(TINY)
    assert [epoch.step for epoch in history.epochs] == [10, 20, 30]
    assert len(history.curve) == 30


def test_the_last_checkpoint_is_measured_on_all_test_images(done):
    card = load_model(str(checkpoint_path(TINY, 30))).card
    assert card.recipe == TINY
    assert card.test_images == 20
    assert card.epochs == 3


@pytest.mark.proof
def test_a_stopped_and_resumed_training_equals_an_uninterrupted_one(done):
    whole = weights(TINY, 30)
    other = replace(TINY, seed=TINY.seed)
    for path in checkpoint_path(TINY, 0).parent.iterdir():
        path.unlink()
    with Listener(other) as listener:
        listener.process.pause()
        stood = listener.until("paused")
        assert stood.state == "paused"
        listener.process.step()
        one_more = listener.until("paused")
        assert one_more.step == stood.step + 1
        assert one_more.kept == one_more.step
        listener.process.stop()
        assert listener.until().state == "stopped"
    assert run(other).state == "done"
    assert same(whole, weights(other, 30))


@pytest.mark.proof
def test_a_finished_training_is_continued_for_as_many_epochs(done):
    longer = TINY.continued()
    assert (longer.epochs, longer.after) == (6, 3)
    report = run(longer)
    assert (report.state, report.step) == ("done", 60), report.reason
    assert checkpoints(longer)[0] == 30
    assert load_model(str(checkpoint_path(longer, 60))).card.recipe == longer


@pytest.mark.slow
def test_a_training_that_does_not_exist_cannot_be_continued():
    report = run(TINY.continued())
    assert report.state == "failed"
    assert report.reason.endswith(".")
    assert "Traceback" not in report.reason


@pytest.mark.slow
def test_a_process_that_ends_unexpectedly_is_reported():
    with Listener() as listener:
        listener.until("running")
        listener.process._process.kill()
        report = listener.until()
        assert report.state == "failed"
        assert report.reason.startswith("The training broke off: its process was ended")


@pytest.mark.proof
def test_the_library_lists_training_runs_and_saved_models(done):
    keep(checkpoint_path(TINY, 30), "faces of mine")
    found = {(entry.kind, entry.card.recipe) for entry in entries()}
    assert ("trained here", TINY) in found
    assert ("kept", TINY) in found
    assert "mnist" in {entry.name for entry in entries() if entry.kind == "shipped"}
    with pytest.raises(ValueError, match="A model called faces of mine exists already"):
        keep(checkpoint_path(TINY, 0), "faces of mine")
    for name in ("", "../x", ".hidden", "a/b"):
        with pytest.raises(ValueError, match="cannot be the name"):
            keep(checkpoint_path(TINY, 30), name)


@pytest.mark.slow
def test_runs_and_saved_models_can_be_deleted_and_shipped_models_cannot(done):
    keep(checkpoint_path(TINY, 30), "mine")
    for kind in ("kept", "trained here"):
        entry = next(entry for entry in entries() if entry.kind == kind)
        assert entry.size > 0
        discard(entry)
    assert {entry.kind for entry in entries()} == {"shipped"}
    assert not checkpoints(TINY)
    with pytest.raises(ValueError, match="comes with the program"):
        discard(entries()[0])
    assert entries()[0].kind == "shipped"


def test_checkpoints_are_close_together_at_first():
    steps = sorted(checkpoint_steps(7000))
    apart = [b - a for a, b in pairwise(steps)]
    assert (steps[0], steps[-1]) == (0, 7000)
    assert len(steps) <= 61
    assert apart[0] < 5 < 100 < apart[-1]


@pytest.mark.proof
@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_both_processes_map_the_same_file_of_images(tmp_path):
    keep_in(tmp_path / "runs")
    keep_copies_in(tmp_path / "copies")
    recipe = replace(TINY, data=Faces(training=2000, held_out=20))
    pixels = recipe.data.train().pixels
    (path,) = (tmp_path / "copies").iterdir()
    with Listener(recipe) as listener:
        listener.until("running")
        maps = Path(f"/proc/{listener.process._process.pid}/maps").read_text(encoding="utf-8")
    assert str(path) in maps and str(path) in Path("/proc/self/maps").read_text(encoding="utf-8")
    assert len(list((tmp_path / "copies").iterdir())) == 1
    assert pixels.nbytes == path.stat().st_size
