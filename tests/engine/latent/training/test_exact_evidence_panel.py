"""The numbers of the panel Exact evidence: exact ln p(x), ELBO and gap of models, compared image by image."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from engine.derived import PENDING, whole
from engine.latent.datasets.data_set import Images
from engine.latent.document import Latent
from engine.latent.gan.gan import with_start
from engine.latent.model_source import Trained
from engine.latent.posterior.unboxing import unbox
from engine.latent.training import exact_evidence as module
from engine.latent.training.exact_evidence import (
    EXACT,
    NO_TEACHER,
    NO_VAE,
    TAUGHT,
    TWO,
    VAE,
    _cost,
    exact_evidence,
    exact_recipe,
    models,
    no_teacher,
    taught_recipe,
    teacher_of,
    unavailable,
)
from engine.latent.training.models import read_card
from engine.latent.training.runs import checkpoint_path, checkpoints, run_folder
from engine.latent.vae import load_model
from engine.latent.vae.gan_recipe import NO_ELBO
from engine.latent.vae.recipe import Recipe
from engine.latent.vae.training.exact_evidence import elbos, log_evidences
from engine.lecture.documents import stages
from engine.lecture.shipped import files, shipped
from engine.plane import Viewport

SMALL = stages(shipped(files()[0]), "autoencoder")[0].document.trained.recipe
TRAINED = Trained(Recipe(seed=3), 7)


@pytest.mark.slow
def test_ln_p_and_elbo_are_those_of_the_tab_exact_posterior():
    torch.set_num_threads(1)
    vae = load_model(str(checkpoint_path(SMALL, checkpoints(SMALL)[-1])))
    test = vae.card.recipe.data.test()
    some = Images(test.pixels[[11, 12]], test.labels[[11, 12]], test.classes)
    *_, found = log_evidences(vae.networks, some, 200)
    bounds = elbos(vae.networks, some, 400)
    for pixels, log_evidence, bound in zip(some.pixels, found, bounds, strict=True):
        exact = unbox(vae, pixels / np.float32(255))
        assert log_evidence == pytest.approx(exact.log_evidence, abs=0.01)
        assert bound == pytest.approx(exact.elbo, abs=1.0)


def test_a_change_is_that_of_each_image_and_not_of_two_means():
    rng = np.random.default_rng(0)
    one = rng.normal(-130, 30, 50), rng.normal(-135, 30, 50)
    other = one[0] + rng.normal(2, 0.1, 50), one[1] + rng.normal(3, 0.1, 50)
    assert _cost(VAE, 9, one, None).change is None
    evidence, elbo = _cost(EXACT, 9, other, one).change
    assert evidence.mean == pytest.approx(np.mean(other[0] - one[0])) and evidence.error < 0.03
    assert elbo.mean == pytest.approx(3, abs=0.1)
    assert _cost(EXACT, 9, other, one).gap.mean == pytest.approx(np.mean(other[0] - other[1]))
    assert _cost(EXACT, 9, other, one).log_evidence.error == pytest.approx(np.std(other[0], ddof=1) / 50**0.5)


def test_every_model_is_compared_with_the_vae(monkeypatch):
    known = {
        name: (np.arange(4.0) + 10 * i, np.arange(4.0) - 5 + 10 * i) for i, name in enumerate((VAE, EXACT, TAUGHT))
    }

    def measured(model):
        yield PENDING
        return known[model.name]

    monkeypatch.setattr(module, "_opened", lambda each: SimpleNamespace(name=each.name, mosaics=lambda *_: ()))
    monkeypatch.setattr(module, "_measured", measured)
    for names, changes in (((VAE, EXACT, TAUGHT), [None, 10, 20]), ((EXACT,), [None])):
        compared = [(name, SimpleNamespace(name=name, trained=None)) for name in names]
        monkeypatch.setattr(module, "models", lambda _, compared=compared: compared)
        last = whole(exact_evidence(Latent(), Viewport(-3, 3, -3, 3)))
        assert [cost.change and cost.change[0].mean for cost in last.costs] == changes


def test_the_number_of_a_single_image_has_no_standard_error():
    """Own images can have one test image; numpy would warn, and a warning fails this test."""
    cost = _cost(EXACT, 9, (np.array([-3.0]), np.array([-5.0])), (np.array([-4.0]), np.array([-5.0])))
    assert cost.gap.mean == 2 and cost.change[0].mean == 1
    assert all(np.isnan(each.error) for each in (cost.log_evidence, cost.gap, *cost.change))


@pytest.mark.parametrize(
    ("recipe", "reason"), [(Recipe(objective="AE"), NO_VAE), (Recipe(latents=8), TWO), (Recipe(given_class=True), TWO)]
)
def test_without_a_sum_on_a_grid_the_reason_is_said(recipe, reason):
    document = Latent().with_model(Trained(recipe, 1))
    assert unavailable(document) == no_teacher(document) == reason
    for refused in (exact_recipe, taught_recipe):
        with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
            refused(document)


def test_the_recipes_beside_a_model_are_the_same_from_each_of_the_models():
    document = Latent().with_model(TRAINED)
    exact = exact_recipe(document)
    assert exact == replace(TRAINED.recipe, objective="exact evidence")
    assert exact_recipe(document.with_model(Trained(exact, 9))) == exact
    assert teacher_of(document) == f"{run_folder(TRAINED.recipe).name}/7"
    assert taught_recipe(document).teacher == teacher_of(document)
    assert taught_recipe(Latent()).teacher == "mnist"


@pytest.mark.parametrize(("teacher", "name"), [(Recipe(seed=3), VAE), (Recipe(seed=3).on_exact_evidence(), EXACT)])
def test_beside_a_taught_encoder_the_teacher_has_its_own_name_and_its_recipe_counts(monkeypatch, teacher, name):
    """The recipe of a taught encoder has five epochs and keeps a decoder; a decoder beside it must have neither."""
    taught = teacher.taught(f"{run_folder(teacher).name}/7")
    card = replace(read_card(Latent().path), recipe=teacher)
    monkeypatch.setattr(module, "read_card", lambda _: card)
    document = Latent().with_model(Trained(taught, 9))
    assert [each for each, _ in models(document)] == [name, TAUGHT]
    assert models(document)[0][1].model == Trained(teacher, 7)
    assert exact_recipe(document) == Recipe(seed=3).on_exact_evidence()
    path = checkpoint_path(exact_recipe(document), 5)
    path.parent.mkdir(parents=True)
    path.touch()  # the decoder without an encoder stays beside the model when its encoder is taught
    assert [each for each, _ in models(document)] == ([VAE] if name == VAE else []) + [EXACT, TAUGHT]


def test_a_deleted_teacher_leaves_a_recipe_that_trains_a_decoder():
    document = Latent().with_model(Trained(Recipe().taught("0123456789abcdef/7"), 9))
    assert [name for name, _ in models(document)] == [TAUGHT]
    recipe = exact_recipe(document)
    assert recipe.is_exact and recipe.teacher == ""


def test_no_gan_begins_with_a_decoder_that_is_not_that_of_the_vae():
    for recipe in (Recipe().on_exact_evidence(), Recipe().taught("mnist")):
        with pytest.raises(ValueError, match=f"^{NO_ELBO}$"):
            with_start(Latent().with_model(Trained(recipe, 7)))


def test_a_file_from_elsewhere_can_be_no_teacher(tmp_path):
    path = tmp_path / "mine.safetensors"
    path.write_bytes(Latent().path.read_bytes())
    document = Latent().with_model(str(path))
    assert unavailable(document) == ""
    assert no_teacher(document) == NO_TEACHER


def test_models_that_were_trained_are_found_from_each_other():
    document = Latent().with_model(TRAINED)
    assert [name for name, _ in models(document)] == [VAE]
    recipes = {EXACT: exact_recipe(document), TAUGHT: taught_recipe(document)}
    for recipe in recipes.values():
        path = checkpoint_path(recipe, 5)
        path.parent.mkdir(parents=True)
        path.touch()
    assert [name for name, _ in models(document)] == [VAE, EXACT, TAUGHT]
    assert [each.model for _, each in models(document)][1:] == [Trained(recipe, 5) for recipe in recipes.values()]
    from_exact = models(document.with_model(Trained(recipes[EXACT], 5)))
    assert [name for name, _ in from_exact] == [EXACT]  # the VAE is not on this computer
    assert [name for name, _ in models(document.with_model(Trained(taught_recipe(Latent()), 5)))] == [
        VAE,
        TAUGHT,
    ]
