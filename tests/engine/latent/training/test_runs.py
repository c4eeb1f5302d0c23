"""Runs: checkpoints are thinned to a size, the nearest one replaces a deleted one, and a saved training is found."""

import json
import os
import struct

import pytest
from msgspec.structs import replace

from engine.latent.model_source import Trained
from engine.latent.training import runs
from engine.latent.training.folders import keep_in
from engine.latent.training.lock import locked
from engine.latent.training.models import standing, thin_runs
from engine.latent.training.runs import HISTORY, MOST_BYTES, STATE, checkpoint_path, checkpoints, run_folder
from engine.latent.vae.recipe import Recipe

RECIPE = Recipe(epochs=20, batch=256)


@pytest.fixture
def folder(tmp_path):
    """The folder of a run as two minutes of training leave it: 61 checkpoints of 5 MB and a state of 40 MB."""
    keep_in(tmp_path)
    made = run_folder(RECIPE)
    made.mkdir()
    sizes = {checkpoint_path(RECIPE, step): 5_056_168 for step in runs.checkpoint_steps(4680)}
    for path, size in {**sizes, made / STATE: 40_450_000, made / HISTORY: 30_000}.items():
        with path.open("wb") as file:
            file.truncate(size)  # a hole, which takes no time
    os.utime(made, (1000, 1000))
    return made


def size(folder):
    return sum(path.stat().st_size for path in folder.iterdir())


def test_a_run_is_thinned_to_60_mb_with_its_first_and_last_checkpoint(folder):
    assert size(folder) > 340e6
    thin_runs(None)
    assert size(folder) <= MOST_BYTES == 60_000_000
    assert checkpoints(RECIPE) == [0, 1170, 4680]  # the squares of equal steps
    assert (folder / STATE).exists() and folder.stat().st_mtime == 1000
    thin_runs(None)
    assert checkpoints(RECIPE) == [0, 1170, 4680]


def test_a_run_with_small_checkpoints_keeps_most_of_them(folder):
    for path in folder.glob("[0-9]*"):
        os.truncate(path, 400_000)
    before = checkpoints(RECIPE)
    thin_runs(None)
    after = checkpoints(RECIPE)
    assert size(folder) <= MOST_BYTES and len(after) > 40 and set(after) < set(before)
    (folder / STATE).unlink()
    thin_runs(None)
    assert checkpoints(RECIPE) == after


def test_the_checkpoint_on_the_screen_and_a_run_that_is_being_trained_stay(folder):
    with locked(folder):
        thin_runs(None)
    assert len(checkpoints(RECIPE)) == 61
    thin_runs(Trained(RECIPE, 47))
    assert checkpoints(RECIPE) == [0, 47, 4680]
    assert size(folder) <= MOST_BYTES


def test_the_nearest_checkpoint_stands_in_for_a_deleted_one(folder):
    path = Trained(RECIPE, 47).path
    assert path.endswith("000000047.safetensors")
    thin_runs(None)
    assert Trained(RECIPE, 47).path == str(checkpoint_path(RECIPE, 0))
    assert Trained(RECIPE, 4000).path == str(checkpoint_path(RECIPE, 4680))
    other = replace(RECIPE, seed=5)
    assert Trained(other, 52).path == str(checkpoint_path(other, 52))


def state(folder, text):
    header = json.dumps({"__metadata__": {"state": text, "sha256": ""}}).encode()
    (folder / STATE).write_bytes(struct.pack("<Q", len(header)) + header)


def test_a_saved_training_stands_at_an_epoch(folder):
    assert standing(RECIPE) is None  # a hole is no training
    state(folder, '{"step": 818, "shape": [60000, 28, 28], "recipe": "ignored"}')
    found = standing(RECIPE)
    assert (found.epoch, found.epochs, found.step, found.is_complete) == (818 // (60000 // 256), 20, 818, False)
    assert found.size == size(folder) and found.time == (folder / STATE).stat().st_mtime
    state(folder, '{"step": 4680, "shape": [60000, 28, 28]}')
    assert standing(RECIPE).is_complete
    for damaged in ("{}", '{"step": 1, "shape": []}', "["):
        state(folder, damaged)
        assert standing(RECIPE) is None
    assert standing(replace(RECIPE, seed=5)) is None
