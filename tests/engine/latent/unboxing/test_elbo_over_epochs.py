"""The ELBO decomposition at the checkpoints of a run: its order, its values, and its file."""

import numpy as np
import pytest
import torch

from engine.derived import Pending, Scene, Scheduler, whole
from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.model_source import Trained
from engine.latent.posterior.unboxing import unbox
from engine.latent.training.folders import keep_in
from engine.latent.training.runs import checkpoint_path, identities_path, run_folder, run_folders
from engine.latent.unboxing import elbo_over_epochs as module
from engine.latent.unboxing.elbo_over_epochs import elbo_over_epochs, in_turn
from engine.latent.unboxing.latent_space import LATENTS, planes
from engine.latent.vae import load_model
from engine.latent.vae.likelihoods import Bernoulli
from engine.latent.vae.networks.checkpoint import save_model
from engine.plane import Viewport
from tests.engine.latent.vae.tiny import tiny

ONCE = Viewport(0, 1, 0, 1, 1, 1)
STEPS = [0, 10, 40, 90]


@pytest.fixture
def recipe(tmp_path):
    """The recipe of a run with four checkpoints of different weights."""
    keep_in(tmp_path / "runs")
    made = [tiny(Bernoulli(), torch.float, shape=(28, 28), seed=step) for step in STEPS]
    recipe = made[0].card.recipe
    run_folder(recipe).mkdir(parents=True)
    for step, vae in zip(STEPS, made, strict=True):
        save_model(checkpoint_path(recipe, step), vae.networks, vae.card)
    return recipe


@pytest.fixture
def document(recipe):
    return Latent(input=FromData(5)).with_model(Trained(recipe, 40))


def told(document):
    return [value for value in elbo_over_epochs(document, ONCE) if not isinstance(value, Pending)]


@pytest.mark.parametrize("n", [0, 1, 2, 7, 60])
def test_the_order_contains_every_checkpoint_once(n):
    steps = [i * i for i in range(n)]
    order = in_turn(steps, 9)
    assert sorted(order) == steps
    assert 9 not in steps or order[0] == 9
    assert n < 5 or order[1:3] == [steps[-1], 0]


def test_the_order_is_coarse_before_it_is_fine():
    order = in_turn(list(range(17)), 16)
    first = sorted(order[:5])
    assert np.diff(first).max() <= 8  # five of seventeen leave no gap wider than a half


@pytest.mark.slow
def test_each_checkpoint_has_the_values_of_its_own_unboxing(document, recipe):
    found = told(document)[-1]
    assert list(found.steps) == STEPS == list(found.checkpoints)
    image = recipe.data.test().pixels[5] / np.float32(255)
    for i in (0, 2):
        alone = unbox(load_model(str(checkpoint_path(recipe, STEPS[i]))), image, size=151)
        assert found.log_evidence[i] == pytest.approx(alone.log_evidence, abs=0.01)
        assert found.elbo[i] == pytest.approx(alone.elbo, abs=0.02)
        assert found.gap[i] == pytest.approx(alone.gap, abs=0.02)


@pytest.mark.slow
def test_the_present_checkpoint_comes_first_and_rows_are_added_one_by_one(document):
    every = told(document)
    assert [len(value.steps) for value in every] == [0, 1, 2, 3, 4]
    assert list(every[1].steps) == [40]
    assert list(every[2].steps) == [40, 90]


@pytest.mark.slow
def test_rows_are_computed_only_once(document, recipe, monkeypatch):
    before, known = told(document)[-1], run_folders()
    monkeypatch.setattr(module, "load_model", None)
    (again,) = told(document.with_model(Trained(recipe, 90)))
    assert (again.log_evidence == before.log_evidence).all()
    assert run_folders() == known
    with pytest.raises(TypeError):
        told(document.with_input(FromData(6)))  # another image needs new rows


@pytest.mark.slow
def test_a_cancelled_row_continues_even_if_new_checkpoints_come_all_the_time(document, recipe):
    abandoned, found = 0, next(elbo_over_epochs(document, ONCE))
    while len(found.steps) < len(STEPS):
        work = elbo_over_epochs(document.with_model(Trained(recipe, STEPS[abandoned % len(STEPS)])), ONCE)
        found = next(work)
        for _ in range(3):
            next(work, None)
        work.close()
        abandoned += 1
        assert abandoned < 400
    assert abandoned > 2 * len(STEPS)  # three steps were never enough
    identities_path(recipe).unlink()
    np.testing.assert_allclose(found.log_evidence, told(document)[-1].log_evidence, rtol=1e-10)


@pytest.mark.slow
def test_the_heatmaps_of_new_checkpoints_leave_it_time(document, recipe):
    """Each checkpoint has a new lattice, of which at most a third is decoded before the next checkpoint."""
    wanted, rounds, scheduler = {planes: LATENTS.cells(60, 60), elbo_over_epochs: ONCE}, 0, Scheduler()
    scene = Scene(document)
    while not len(getattr(scene.get(elbo_over_epochs), "steps", ())):
        scenes = scheduler.unfold(document.with_model(Trained(recipe, STEPS[rounds % len(STEPS)])), wanted)
        for _ in range(24):
            value = next(scenes)
            scene = value if isinstance(value, Scene) else scene
        scenes.close()
        assert scene.get(planes).part < 1 or rounds >= len(STEPS)  # or the lattice is in the cache
        rounds += 1
        assert rounds < 60


@pytest.mark.slow
def test_a_failed_row_is_computed_again(document, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(module, "load_model", None)
        for _ in range(2):
            with pytest.raises(TypeError):
                told(document)
    assert len(told(document)[-1].steps) == 4


@pytest.mark.slow
def test_a_damaged_file_is_ignored(document, recipe):
    told(document)
    identities_path(recipe).write_bytes(b"{")
    assert len(told(document)[-1].steps) == 4


@pytest.mark.slow
def test_a_damaged_checkpoint_is_left_out(document, recipe):
    checkpoint_path(recipe, 10).write_bytes(b"nothing")
    assert list(told(document)[-1].steps) == [0, 40, 90]


def test_without_a_training_or_an_image_a_sentence_says_what_to_do(document):
    assert "training" in whole(elbo_over_epochs(Latent(input=FromData(5)), ONCE))
    assert "Gallery" in whole(elbo_over_epochs(document.with_input(Latent().input), ONCE))


def test_the_file_holds_the_latest_images_and_no_more(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "KEPT", 3)
    for image in "abcdbe":
        module._write(tmp_path / "rows.json", image, {})
    assert list(module._read(tmp_path / "rows.json")) == ["d", "b", "e"]


def test_two_processes_never_write_to_the_same_unfinished_file(tmp_path):
    other = tmp_path / "rows.new"
    other.write_bytes(b"half of a")
    module._write(tmp_path / "rows.json", "a", {})
    assert other.read_bytes() == b"half of a"
    assert sorted(tmp_path.iterdir()) == [tmp_path / "rows.json", other]
