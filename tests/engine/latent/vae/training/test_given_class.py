"""Trainings whose networks are given the class: they learn p(x|z, y), resume to the bit, and refuse other classes."""

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from engine.latent.datasets.data_set import Images
from engine.latent.vae.architectures.mlp import Mlp
from engine.latent.vae.recipe import Recipe
from engine.latent.vae.training.check_state import check_state
from engine.latent.vae.training.elbo import evaluate
from engine.latent.vae.training.given_class import NO_CLASSES
from engine.latent.vae.training.training import Training, card_of, save_state

RECIPE = Recipe(
    architecture=Mlp(widths=(8,)),
    epochs=40,
    batch=16,
    learning_rate=0.05,
    averaging=0.9,
    input_dropout=0.0,
    precision="float32",
    given_class=True,
)


@pytest.fixture(scope="module")
def images():
    """Images of noise with 8×8 pixels: the class decides one black and one white pixel; the others are noise."""
    rng = np.random.default_rng(0)
    labels = (np.arange(64) % 3).astype(np.uint8)
    pixels = 255 * (rng.random((64, 8, 8)) < 0.5)
    pixels[np.arange(64), 0, labels] = 255
    pixels[np.arange(64), 1, labels] = 0
    return Images(pixels.astype(np.uint8), labels, ("a", "b", "c"))


def trained(recipe, images, steps=None):
    training = Training(recipe, images)
    for progress in training:
        if progress.step == steps:
            break
    return training


def test_the_class_is_learned(images):
    """At every z the two pixels that the class decides are decoded as it says; β is so high that z says nothing."""
    training = trained(replace(RECIPE, beta=20.0), images)
    z = torch.randn(50, 2, generator=torch.Generator().manual_seed(1))
    for y in range(3):
        mean = training.averaged.given(y).mean(z).detach().reshape(-1, 8, 8).numpy()
        assert mean[:, 0, y].min() > 0.9
        assert mean[:, 1, y].max() < 0.1
        np.testing.assert_allclose(mean[:, :, y - 1].mean(), 0.5, atol=0.25)
    plain = trained(replace(RECIPE, beta=20.0, given_class=False), images)
    with_class, without = (
        evaluate(each.model(), RECIPE.likelihood, images, samples=4).total for each in (training, plain)
    )
    assert with_class > without + 1.0  # of the 2 × 0.64 nats that a pixel with p = 2/3 costs, nearly all are saved


def test_the_card_has_the_classes(images):
    training = Training(RECIPE, images)
    measured = evaluate(training.model(), RECIPE.likelihood, images, samples=1)
    assert card_of(training, "c", measured, 64).classes == images.classes
    plain = Training(replace(RECIPE, given_class=False), images)
    assert card_of(plain, "p", measured, 64).classes == ()


def test_a_resumed_training_equals_an_uninterrupted_one_to_the_bit(images, tmp_path):
    recipe = replace(RECIPE, epochs=3)
    whole, part = trained(recipe, images), trained(recipe, images, 5)
    save_state(tmp_path / "s.safetensors", part)
    assert check_state(tmp_path / "s.safetensors") == recipe
    resumed = Training.restore(part.state(), images)
    list(resumed)
    expected = whole.averaged.state_dict()
    assert all(torch.equal(weight, expected[name]) for name, weight in resumed.averaged.state_dict().items())
    assert bool((expected["decoder_classes"] != 0).any())


def test_a_training_cannot_be_resumed_with_other_classes(images):
    state = trained(replace(RECIPE, epochs=1), images).state()
    other = Images(images.pixels, images.labels[::-1].copy(), images.classes)
    with pytest.raises(ValueError, match="The training images have changed"):
        Training.restore(state, other)


def test_images_without_classes_are_refused(images):
    with pytest.raises(ValueError, match="These images have no classes") as refusal:
        Training(RECIPE, Images(images.pixels, np.zeros(64, np.uint8), ("all",)))
    assert str(refusal.value) == NO_CLASSES
