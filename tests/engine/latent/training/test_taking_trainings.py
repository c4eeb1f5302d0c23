"""Files of models and trainings from other computers: they are checked completely and never replace own files."""

import json
import os
import shutil
import struct
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from msgspec.structs import replace
from safetensors.torch import load, save

from engine import files
from engine.latent.datasets.folder import Folder
from engine.latent.datasets.idx import IdxFiles
from engine.latent.datasets.npz import NpzFile
from engine.latent.training.folders import keep_in, library_folder
from engine.latent.training.lock import locked
from engine.latent.training.models import discard, entries, holds_training, keep, read_card, take_training
from engine.latent.training.runs import checkpoint_path, run_folder, state_path
from engine.latent.vae.history import History, read_history
from engine.latent.vae.networks import checkpoint
from engine.latent.vae.presets import COORDINATES, FACES
from engine.latent.vae.recipe import Recipe
from engine.latent.vae.training.training import Training, save_state
from engine.part import encode_hook
from tests.engine.latent.training.test_process import TINY, run, same

CASES = Path(__file__).resolve().parents[3] / "data" / "cases"


@pytest.fixture
def runs(tmp_path):
    keep_in(tmp_path / "runs")
    return tmp_path / "runs"


@pytest.fixture
def state(tmp_path):
    """The file of a training of the recipe TINY after three steps, with weights that differ from our training's."""
    torch.set_num_threads(1)
    training = Training(TINY, TINY.data.train(), TINY.data.test())
    with torch.no_grad():
        for weight in training.weights:
            weight.add_(0.01)
    reports = iter(training)
    for _ in range(3):
        next(reports)
    save_state(tmp_path / "theirs.state.safetensors", training)
    return tmp_path / "theirs.state.safetensors"


def resealed(path, change):
    """The file with a change to its training state, and a checksum that agrees with it."""
    content = path.read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    place = json.loads(json.loads(content[8 : 8 + size])["__metadata__"]["state"])
    tensors = load(content)
    change(place, tensors)
    text = json.dumps(place)
    path.write_bytes(save(tensors, {"state": text, "sha256": checkpoint._digest(text, tensors)}))


def test_a_training_of_another_computer_is_a_run_of_its_own(runs, state):
    assert holds_training(state)
    taken = take_training(state)
    assert taken == replace(TINY, origin=taken.origin) and taken.origin
    assert state_path(taken).read_bytes() == state.read_bytes()
    assert not run_folder(TINY).exists()
    assert take_training(state) == taken  # a second time
    assert len(list(runs.iterdir())) == 1


@pytest.mark.proof
def test_each_training_is_resumed_with_its_own_weights(runs, state):
    taken = take_training(state)
    theirs, ours = run(taken), run(TINY)
    assert (theirs.state, theirs.step, ours.state, ours.step) == ("done", 30, "done", 30), theirs.reason
    both = [checkpoint.load_model(str(checkpoint_path(recipe, 30))) for recipe in (taken, TINY)]
    assert not same(*(model.networks.state_dict() for model in both))
    assert [model.card.recipe for model in both] == [taken, TINY]
    assert run(taken.continued()).step == 60


BAD = {
    "rubbish": lambda path: path.write_bytes(b"nothing of the kind"),
    "other bytes": lambda path: path.write_bytes(path.read_bytes()[:-1] + b"x"),
    "half": lambda path: path.write_bytes(path.read_bytes()[:5000]),
    "not finite": lambda path: resealed(path, lambda _, t: t["weights.decoder.out.bias"].fill_(float("nan"))),
    "layers": lambda path: resealed(path, lambda _, t: t.pop("weights.decoder.out.bias")),
    "another recipe": lambda path: resealed(path, lambda p, _: p["recipe"]["architecture"].update(decoder_width=9)),
    "no such step": lambda path: resealed(path, lambda p, _: p.update(step=31)),
    "shape": lambda path: resealed(path, lambda p, _: p.update(shape=[200, 4000, 4000])),
    "many": lambda path: resealed(path, lambda p, _: p.update(shape=[10**15, 48, 48])),
    "no shape": lambda path: resealed(path, lambda p, _: p.update(shape=[])),
    "unknown": lambda path: resealed(path, lambda p, _: p["recipe"].update(data={"type": "Elephants"})),
    "origin": lambda path: resealed(path, lambda p, _: p["recipe"].update(origin="../../x")),
    "sparse": lambda path: os.truncate(path, 2**31),
    "planted": lambda path: shutil.copy(CASES / "robustness" / "planted_default_recipe.state.safetensors", path),
}


@pytest.mark.parametrize("case", BAD)
def test_a_damaged_file_is_not_copied(runs, state, case):
    BAD[case](state)
    with pytest.raises(ValueError, match=r"^theirs\.state\.safetensors .*\.$") as caught:
        take_training(state)
    assert "\n" not in str(caught.value)
    assert not runs.exists() or not list(runs.iterdir())


@pytest.mark.proof
def test_a_model_is_not_a_saved_training(runs, state):
    done = run()
    assert done.state == "done"
    assert take_training(checkpoint_path(TINY, 30)) is None
    assert read_card(checkpoint_path(TINY, 30)).recipe == TINY


@pytest.mark.slow
def test_a_state_of_another_recipe_in_the_folder_of_a_run_is_refused(runs, state):
    other = replace(TINY, seed=5)
    run_folder(other).mkdir(parents=True)
    shutil.copy(state, state_path(other))
    report = run(other)
    assert report.state == "failed"
    assert "belongs to another recipe" in report.reason


def full(_descriptor):
    raise OSError(28, "No space left on device")


@pytest.mark.slow
def test_a_full_disk_leaves_no_incomplete_copies(runs, state, monkeypatch):
    assert run().state == "done"
    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(ValueError, match=r"^The model was not saved: the disk is full\.$"):
        keep(checkpoint_path(TINY, 30), "mine")
    with pytest.raises(ValueError, match=r"was not opened: the disk is full\.$"):
        take_training(state)
    monkeypatch.undo()
    assert keep(checkpoint_path(TINY, 30), "mine").is_file()
    assert [path.name for path in library_folder().iterdir()] == ["mine.safetensors"]
    take_training(state)


@pytest.mark.proof
def test_an_empty_file_of_an_earlier_version_can_be_replaced(runs):
    assert run().state == "done"
    library_folder().mkdir()
    (library_folder() / "mine.safetensors").touch()
    assert keep(checkpoint_path(TINY, 30), "mine").stat().st_size > 0


@pytest.mark.slow
def test_a_run_that_is_being_trained_is_not_deleted(runs):
    assert run().state == "done"
    entry = next(entry for entry in entries() if entry.kind == "trained here")
    with locked(run_folder(TINY)), pytest.raises(ValueError, match="is being trained in another window"):
        discard(entry)
    discard(entry)
    discard(entry)  # another window has deleted it already
    assert not run_folder(TINY).exists()


@pytest.mark.parametrize(
    ("recipe", "name"),
    [
        (Recipe(), "47c3b0c114a8625d"),
        (FACES, "4e1cd6e0e1aed7e3"),
        (COORDINATES, "0f1566044559b76d"),
        (Recipe(data=Folder("/a")), "0245712388ea01f5"),
        (Recipe(data=IdxFiles("/a", "/b")), "247eb20bea2cc973"),
        (Recipe(data=NpzFile("/ä")), "7480e19e4811562a"),
    ],
)
def test_runs_of_earlier_versions_are_found(recipe, name):
    assert run_folder(recipe).name == name


def test_another_value_of_an_added_setting_is_another_run():
    folder = Folder("/a")
    recipes = [Recipe(), replace(Recipe(), origin="ab")]
    recipes += [Recipe(data=data) for data in (folder, replace(folder, stretch=True), replace(folder, turn="mirrored"))]
    assert len({run_folder(recipe) for recipe in recipes}) == len(recipes)


def test_curves_with_unmeasured_epochs_can_be_read():
    history = History.from_arrays(
        np.array([[10, -5, 1, float("nan"), float("nan"), 2.5]]),
        np.array([[1.0, -5.0, 1.0]]),
        1,
        (0, 0.0, 0.0),
    )
    read = read_history(msgspec.json.encode(history, enc_hook=encode_hook))
    assert read.points == history.points
    assert str(read.epochs) == str(history.epochs)
    damaged = (
        b"",
        b"{",
        b"\xff",
        b"[" * 10**5,
        b'{"points": [[1e999, 0, 0]]}',
        b'{"points": [[%b,0,0]]}' % (b"9" * 400),
    )
    for content in damaged:
        with pytest.raises(ValueError, match="The curves of this training are damaged"):
            read_history(content)
