"""Classes: the same z for all classes, the leak against scikit-learn, and the functions that give a class."""

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from engine.derived import PENDING
from engine.latent.datasets.mnist import Mnist
from engine.latent.document import Latent
from engine.latent.inputs.input import Blank, FromData
from engine.latent.model import Embedding, as_shown
from engine.latent.plane.classes import (
    NO_CLASSES,
    NO_LABEL,
    ClassesSettings,
    each_class,
    leak_of,
    with_class_model,
    with_next_class,
    with_own_class,
    with_previous_class,
    written,
)
from engine.latent.probes import LatentPlace
from engine.latent.vae.likelihoods import Bernoulli
from engine.latent.vae.networks.checkpoint import rounded, save_model
from engine.plane import Viewport
from tests.engine.latent.vae.tiny import tiny

ONCE = Viewport(0, 1, 0, 1, 1, 1)


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "tiny.safetensors"
    vae = tiny(Bernoulli(), shape=(28, 28), classes=tuple("0123456789"))
    save_model(path, rounded(vae.networks.family), vae.card)
    return Latent(model=str(path), given=3)


def embedding_of(mean, labels):
    return Embedding(mean, np.ones_like(mean), labels.astype(np.uint8), ("a", "b", "c"))


def test_the_leak_is_the_leave_one_out_accuracy_of_the_nearest_means():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 90)
    mean = rng.standard_normal((90, 2)) + 1.2 * np.column_stack([labels == 1, labels == 2])
    found = leak_of(embedding_of(mean, labels), neighbours=9)
    right = 0
    for i in range(90):
        others = np.arange(90) != i
        right += KNeighborsClassifier(9).fit(mean[others], labels[others]).predict(mean[i : i + 1])[0] == labels[i]
    assert found.read == pytest.approx(right / 90, abs=1e-9)
    assert found.largest == np.bincount(labels).max() / 90


def test_without_a_leak_only_the_share_of_a_class_is_read():
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 3, 3000)
    found = leak_of(embedding_of(rng.standard_normal((3000, 2)), labels))
    assert abs(found.read - 1 / 3) < 0.05


def test_one_latent_is_decoded_given_each_class(document):
    values = [value for value in written(document, ONCE) if value is not PENDING]
    vae = document.loaded_model.vae
    expected = [as_shown(vae.given(y).decode(np.zeros(2)), False)[0] for y in range(10)]
    np.testing.assert_allclose(values[-1].middle.astype(int), np.array(expected).astype(int), atol=1)
    assert (values[-1].given, vae.y) == (3, 3)
    assert values[-1].leak is not None
    answer = LatentPlace(0.4, -1.0).answer(document)
    np.testing.assert_array_equal(answer.each, each_class(document.loaded_model, (0.4, -1.0)))
    np.testing.assert_allclose(answer.each[3].astype(int), answer.ink.astype(int), atol=1)
    assert LatentPlace(0.4, -1.0).answer(Latent()).each is None


def test_the_selected_image_is_written_from_its_own_latent(document):
    chosen = document.with_input(FromData(7)).with_setting(ClassesSettings(latent="encoder"))
    values = [value for value in written(chosen, ONCE) if value is not PENDING]
    image = Mnist().test().pixels[7:8] / np.float32(255)
    mean = document.loaded_model.vae.encode(image)[0][0]
    np.testing.assert_allclose(values[-1].z, mean, atol=1e-6)
    np.testing.assert_array_equal(values[-1].written, each_class(chosen.loaded_model, tuple(mean)))
    assert not values[-1].exact
    assert values[-1].label == 9


@pytest.mark.slow
def test_the_exact_latent_has_the_highest_posterior_density(document):
    chosen = document.with_input(FromData(7))
    last = [value for value in written(chosen, ONCE) if value is not PENDING][-1]
    assert last.exact
    vae, image = chosen.loaded_model.vae, Mnist().test().pixels[7] / np.float32(255)
    joint = [
        vae.log_likelihood(image, z)[0] - 0.5 * np.sum(np.square(z))
        for z in (last.z, vae.encode(image[None])[0][0], (0.0, 0.0))
    ]
    around = np.array(last.z) + 0.1 * np.random.default_rng(0).standard_normal((200, 2))
    others = vae.log_likelihood(image, around) - 0.5 * np.sum(around**2, axis=1)
    assert joint[0] >= max(joint[1:]) - 1e-3
    assert joint[0] >= others.max() - 0.05


def test_classes_are_given_in_turn(document):
    assert [with_next_class(document).given, with_previous_class(document).given] == [4, 2]
    assert with_next_class(document.with_given(9)).given == 0
    assert with_previous_class(document.with_given(0)).given == 9
    assert document.with_given(200).loaded_model.vae.y == 9


def test_the_own_class_of_an_image_is_given_if_it_is_known(document):
    assert with_own_class(document.with_input(FromData(7))).given == 9
    with pytest.raises(ValueError) as refusal:
        with_own_class(document.with_input(Blank()))
    assert str(refusal.value) == NO_LABEL


def test_a_model_without_the_class_says_so():
    plain = Latent()
    assert [value.unavailable for value in written(plain, ONCE)] == [NO_CLASSES]
    assert with_next_class(plain).given == 0
    assert with_class_model(plain).loaded_model.vae.classes == tuple("0123456789")
