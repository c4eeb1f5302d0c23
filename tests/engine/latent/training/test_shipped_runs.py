"""Shipped runs: the trainings of the lecture are found by their recipes, and are replayed without training."""

import numpy as np
import pytest

from engine.latent.document import Latent
from engine.latent.gan.gan import gan_recipe
from engine.latent.model_source import Trained, model_path
from engine.latent.training.autoencoder import autoencoder
from engine.latent.training.exact_evidence import shipped_pair, teacher_of
from engine.latent.training.models import read_card
from engine.latent.training.runs import SHIPPED_RUNS, checkpoint_path, checkpoints, run_folder
from engine.latent.training.training import learning
from engine.latent.vae.training.teacher import teacher_path
from engine.lecture.documents import stages
from engine.lecture.shipped import files, shipped
from engine.plane import Viewport
from engine.resources import RESOURCES

DOCUMENT = stages(shipped(files()[0]), "autoencoder")[0].document
FAILED = stages(shipped(files()[0]), "generating-with-a-gan")[-1].document  # the collapse of a GAN
RECIPE = DOCUMENT.trained.recipe
BOUND = shipped_pair()
PAIR = BOUND.recipe, BOUND.recipe.on_exact_evidence()
PLANE = Viewport(-3, 3, -3, 3, 100, 100)


def test_six_trainings_are_shipped_and_small():
    assert len(checkpoints(RECIPE)) == 10
    assert len(checkpoints(RECIPE.autoencoder())) == 3
    assert checkpoints(RECIPE)[-1] == checkpoints(RECIPE.autoencoder())[-1] == DOCUMENT.trained.step
    assert {path.name for path in SHIPPED_RUNS.iterdir()} == {
        run_folder(recipe).name
        for recipe in (RECIPE, RECIPE.autoencoder(), gan_recipe(Latent()), gan_recipe(FAILED), *PAIR)
    }
    assert sum(path.stat().st_size for path in SHIPPED_RUNS.rglob("*.*")) < 11.5e6


def test_all_shipped_models_together_have_less_than_40_mb():
    """The models with names, the classifier, both GANs and the pair; the checkpoints of a replay are not among them."""
    recipes = gan_recipe(Latent()), gan_recipe(FAILED), *PAIR
    runs = [SHIPPED_RUNS / run_folder(recipe).name for recipe in recipes]
    folders = [model_path("mnist").parent, RESOURCES / "classifiers", *runs]
    files = [path for folder in folders for path in folder.glob("*.safetensors")]
    assert len(files) == 12 + 1 + 1 + 5 + 2
    assert sum(path.stat().st_size for path in files) < 40e6


@pytest.mark.parametrize("recipe", [RECIPE, RECIPE.autoencoder()], ids=["VAE", "AE"])
def test_each_file_is_the_model_of_its_recipe(recipe):
    cards = [read_card(checkpoint_path(recipe, step)) for step in checkpoints(recipe)]
    assert all(card.recipe == recipe for card in cards)
    fits = [card.test_elbo.reconstruction for card in cards]
    assert fits[0] < fits[1] < fits[-1]


def test_the_pair_has_the_same_networks_seed_and_batches_and_the_exact_one_has_more_evidence():
    steps = [checkpoints(recipe) for recipe in PAIR]
    assert steps == [[BOUND.step]] * 2
    bound, exact = (read_card(checkpoint_path(recipe, BOUND.step)) for recipe in PAIR)
    assert (bound.recipe, exact.recipe) == PAIR and bound.recipe.objective == "VAE"
    curves = [learning(Latent().with_model(Trained(recipe, BOUND.step))) for recipe in PAIR]
    assert [each.is_exact for each in curves] == [False, True]
    totals = [each.held_out[-1, 1] - each.held_out[-1, 2] for each in curves]
    assert totals[1] > bound.test_elbo.total + 5  # ln p(x) without a bound, and the bound of the VAE
    assert bound.test_elbo.total - 8 < exact.test_elbo.total < totals[1]


def test_the_encoder_of_a_shipped_run_can_be_trained_further():
    assert teacher_path(teacher_of(Latent().with_model(BOUND))) == checkpoint_path(BOUND.recipe, BOUND.step)


def test_the_curves_end_at_the_elbo_of_the_card_and_need_no_model(monkeypatch):
    monkeypatch.delattr(Latent, "loaded_model")
    curves, card = learning(DOCUMENT), read_card(checkpoint_path(RECIPE, DOCUMENT.trained.step))
    assert curves.checkpoints == tuple(checkpoints(RECIPE))
    last = curves.held_out[-1]
    assert last[1] - last[2] == pytest.approx(card.test_elbo.total, abs=2)  # of 1,000 images in place of 10,000


def test_the_codes_of_the_autoencoder_spread_farther_than_those_of_the_vae():
    plane = next(autoencoder(DOCUMENT, PLANE))
    spread = np.std(plane.embedding.mean, axis=0)
    assert spread.min() > 3 * np.std(DOCUMENT.loaded_model.embedding.mean, axis=0).max()


def test_a_training_on_this_computer_is_used_in_place_of_the_shipped_one():
    run_folder(RECIPE).mkdir(parents=True)
    assert checkpoints(RECIPE) == []
    assert checkpoint_path(RECIPE, 0).parent == run_folder(RECIPE)
    assert Trained(RECIPE, 0).path.startswith(str(run_folder(RECIPE)))
