"""The diagnosis names the problems of bad trainings and is silent about good ones."""

from pathlib import Path

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from engine.latent.datasets.npz import NpzFile
from engine.latent.vae.history import History
from engine.latent.vae.recipe import Recipe
from engine.latent.vae.training.diagnosis import BLANK, DIVERGES, falls
from engine.latent.vae.training.diagnosis import diagnose as judge
from engine.latent.vae.training.elbo import Health, health
from engine.latent.vae.training.training import Training

CASES = Path(__file__).resolve().parents[4] / "data" / "cases"


def diagnose(kl, curve, step, steps, information=None, blank=False):
    """Return the diagnosis for the KL on each axis; the information equals the KL unless it is given."""
    return judge(Health(kl, kl if information is None else np.array(information), blank), curve, step, steps)


def history(elbo):
    return History(points=[(float(i), float(value), 0.0) for i, value in enumerate(elbo)])


GOOD = history(-150 - 400 * np.exp(-np.arange(200) / 10) + np.random.default_rng(0).normal(0, 3, 200))


def test_a_training_that_goes_well_is_left_alone():
    assert diagnose(np.array([3.0, 3.5]), GOOD, 2000, 4680) == ""


def test_a_collapsed_posterior_is_named():
    assert diagnose(np.array([0.01, 0.0]), GOOD, 2000, 4680).startswith("Posterior collapse")


def test_a_single_collapsed_axis_is_named():
    assert diagnose(np.array([3.0, 0.01]), GOOD, 2000, 4680).startswith("Axis z₁ has collapsed")


@pytest.mark.parametrize(("step", "kl"), [(10, [0.0, 0.0]), (100, [0.01, 0.04]), (270, [3.0, 0.01])])
def test_what_healthy_trainings_look_like_at_first_is_no_collapse(step, kl):
    """Measured with the presets; after this number of steps both axes were used."""
    assert diagnose(np.array(kl), GOOD, step, 4680) == ""


def test_a_short_training_that_ends_collapsed_is_told_at_its_end():
    assert diagnose(np.array([0.0, 0.0]), GOOD, 159, 160) == ""
    assert diagnose(np.array([0.0, 0.0]), GOOD, 160, 160).startswith("Posterior collapse")


@pytest.mark.parametrize("end", [-5000.0, -800.0])
def test_a_training_that_diverges_is_named(end):
    elbo = np.concatenate([np.linspace(-550, -150, 100), np.full(60, end)])
    assert diagnose(np.array([3.0, 3.0]), history(elbo), 2000, 4680) == DIVERGES


def test_a_posterior_that_is_the_same_for_every_image_is_a_collapse_whatever_its_kl():
    said = diagnose(np.array([24.8, 24.8]), GOOD, 2000, 4680, information=[0.0, 0.01])
    assert said.startswith("Posterior collapse: q(z|x) is equal for every image (KL 49.600 nats)")
    said = diagnose(np.array([24.8, 3.0]), GOOD, 2000, 4680, information=[0.0, 3.0])
    assert said == "Axis z₀ is equal for every image. The model uses only the other axis."


def test_images_without_any_contrast_are_named_and_not_the_recipe():
    said = diagnose(np.array([0.0, 0.0]), GOOD, 1, 4680, blank=True)
    assert said == BLANK and "β" not in said


@pytest.mark.parametrize("fall", [60, 400, 3000])
@pytest.mark.parametrize("batches", [20, 50, 100])
def test_divergence_is_named_within_a_hundred_batches(fall, batches):
    noise = np.random.default_rng(1).normal(0, 3, batches)
    elbo = np.where(np.arange(batches) < batches // 2, -550, -550 - fall) + noise
    assert diagnose(np.array([3.0, 3.0]), history(elbo), batches, 4680) == DIVERGES


@pytest.mark.parametrize("seed", range(20))
def test_noise_at_the_start_is_no_divergence(seed):
    rng = np.random.default_rng(seed)
    for n in (12, 30, 100):
        elbo = -550 + rng.normal(0, 20, n) + np.linspace(0, rng.uniform(0, 300), n)
        assert diagnose(np.array([3.0, 3.0]), history(elbo), n, 4680) == ""


def trained(recipe, batches):
    """Return the diagnoses during a training, by the first batch after which each appeared."""
    torch.set_num_threads(1)
    training, said = Training(recipe, recipe.data.train(), recipe.data.test()), {}
    for progress in training:
        if falls(training.history.curve):
            said.setdefault(DIVERGES.split(":")[0], progress.step)
        found = health(training.model(), recipe.data.test()) if progress.step % 10 == 0 else None
        if found and (words := judge(found, training.history, progress.step, training.steps)):
            said.setdefault(words.split(":")[0], progress.step)
        if progress.step == batches:
            break
    return said


@pytest.mark.proof
def test_a_learning_rate_that_is_far_too_large_is_named_in_a_training():
    recipe = replace(Recipe(data=NpzFile(str(CASES / "i00_plain.npz"))), epochs=100, batch=16, learning_rate=1.0)
    said = trained(recipe, 410)
    assert said[DIVERGES.split(":")[0]] <= 100
    assert said["Posterior collapse"] <= 410


@pytest.mark.slow
def test_a_training_of_dark_images_says_that_they_are_dark():
    recipe = replace(Recipe(data=NpzFile(str(CASES / "i01_values_0_to_16.npz"))), epochs=1000)
    assert trained(recipe, 10) == {BLANK: 10}
    assert trained(replace(recipe, data=replace(recipe.data, stretch=True)), 10) == {}
