"""Scores during the training of a GAN: at some steps, of the present G, saved with the curves and kept on resuming."""

from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
import torch
from msgspec.structs import replace

from engine.latent.datasets.faces import Faces
from engine.latent.datasets.mnist import Mnist
from engine.latent.image_scores.row import row_of
from engine.latent.image_scores.samples import evenly, latents
from engine.latent.training.folders import keep_in
from engine.latent.training.process import Control
from engine.latent.training.runs import HISTORY, run_folder
from engine.latent.vae.classifier.classifier import load_classifier
from engine.latent.vae.gan import step_scores
from engine.latent.vae.gan.curves import Curves, StepScores, read_curves
from engine.latent.vae.gan.gan_training import GanTraining
from engine.latent.vae.gan.gan_worker import GanWorker
from engine.latent.vae.gan_recipe import GanRecipe
from tests.engine.latent.vae.gan.small import BASE, small
from tests.engine.latent.vae.gan.test_gan_worker import carried_out

RECIPE = BASE.beside(GanRecipe(fresh=True, steps=5, batch=10, channels=1))
FEW = 40  # images


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    monkeypatch.setattr(step_scores, "SCORED", FEW)
    monkeypatch.setattr(step_scores, "EVERY", 2)
    step_scores._real_features.cache_clear()
    yield
    step_scores._real_features.cache_clear()


def expected(images):
    """The numbers of images against test images, computed without the module that is tested."""
    features = load_classifier().features
    row = row_of("", images, features(evenly(Mnist().test().pixels, FEW))[0], features)
    near = row.near
    return near.precision, near.recall, near.density, near.coverage, row.frechet, row.edge, row.grey, row.divergence


def test_the_scores_are_those_of_the_averaged_generator_at_every_other_step():
    training = GanTraining(RECIPE, Mnist().train())
    taken = [step_scores.take_scores(training)]
    for _ in training:
        taken.append(step_scores.take_scores(training))
        taken.append(step_scores.take_scores(training))  # a step is scored once
        if training.step == 4:
            with torch.inference_mode():
                images = training.averaged.images(torch.tensor(latents(FEW), dtype=torch.float32))
            last = expected(images.reshape(FEW, 28, 28).numpy())
    scores = training.history.scores
    assert scores.table[:, 0].tolist() == [0, 2, 4] and sum(taken) == 3 and scores.images == FEW
    np.testing.assert_allclose(scores.table[2, 1:], last, rtol=1e-9)
    np.testing.assert_allclose(scores.real[1:], expected(evenly(Mnist().train().pixels, FEW)), rtol=1e-9)


def test_blank_images_have_no_edge():
    assert step_scores.row_at(6, np.zeros((FEW, 28, 28), np.float32))[6] == 0.0


def test_scores_are_saved_with_the_curves_and_kept_on_resuming(tmp_path, capsys):
    keep_in(tmp_path)
    folder = run_folder(RECIPE)
    stopped = carried_out(folder, capsys, Control("step"), Control("step"), Control("stop"), recipe=RECIPE)[-1]
    before = read_curves((folder / HISTORY).read_bytes()).scores
    assert before.table[:, 0].tolist() == list(range(0, stopped.step + 1, 2)) and 2 <= stopped.step < 4
    carried_out(folder, capsys, Control("go"), recipe=RECIPE)
    after = read_curves((folder / HISTORY).read_bytes()).scores
    assert after.table[:, 0].tolist() == [0, 2, 4]
    np.testing.assert_array_equal(after.table[: len(before.rows)], before.table)


def test_images_without_a_classifier_have_no_scores():
    training = small()
    training.recipe = replace(training.recipe, data=Faces())
    assert not step_scores.take_scores(training) and training.history.scores is None


def test_scores_after_the_saved_step_are_left_out(tmp_path):
    """The curves may be newer than the state from which a training continues."""
    rows = [(step, *[0.5] * 8) for step in (0.0, 2.0, 4.0)]
    written = Curves(scores=StepScores(FEW, rows[0], rows))
    (tmp_path / HISTORY).write_bytes(msgspec.json.encode(written))
    for step, kept in ((3, [0, 2]), (4, [0, 2, 4])):
        found = GanWorker._saved_scores(SimpleNamespace(folder=tmp_path), step)
        assert found.table[:, 0].tolist() == kept
    (tmp_path / HISTORY).write_bytes(b"damaged")
    assert GanWorker._saved_scores(SimpleNamespace(folder=tmp_path), 3) is None
