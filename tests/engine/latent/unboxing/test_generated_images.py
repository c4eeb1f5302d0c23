"""Generated images: the densities of the latents, and the nearest training images against a search by brute force."""

import numpy as np
import pytest
from scipy import stats

from engine.derived import PENDING, whole
from engine.latent.datasets.own_files import drained
from engine.latent.document import Latent
from engine.latent.plane.overlays.aggregate_posterior import Aggregate
from engine.latent.posterior.nearest import AT_ONCE, nearest_images
from engine.latent.unboxing.generated_images import (
    MOST,
    PRIOR,
    Generated,
    GeneratedImagesSettings,
    Nearest,
    Reference,
    generated_images,
)
from engine.plane import Viewport
from engine.session import Session, decode, encode

RNG = np.random.default_rng(8)
AGGREGATE = "aggregate posterior q̄(z)"


@pytest.mark.parametrize("shape", [(9, 9), (33, 31, 3)])
def test_the_search_agrees_with_brute_force(shape):
    each = int(np.prod(shape))
    pixels = RNG.integers(0, 256, (3 * AT_ONCE // each + 5, *shape), dtype=np.uint8)
    wanted = RNG.random((4, *shape), np.float32)
    wanted[2] = pixels[-1] / np.float32(255)
    wanted[3] = pixels[7] / np.float32(255) + np.float32(1e-3)
    *steps, found = nearest_images(pixels, wanted)
    assert steps == [PENDING] * 4
    for i, picture in enumerate(wanted):
        away = [np.linalg.norm(picture.astype(float) - image / 255) for image in pixels]
        assert found.number[i] == int(np.argmin(away))
        assert found.distance[i] == pytest.approx(min(away), abs=1e-5)
    assert found.distance[2] < 1e-6


def told(document):
    return [found for found in generated_images(document, Viewport(0, 1, 0, 1)) if found is not PENDING]


@pytest.fixture(scope="module")
def found():
    return told(Latent())


def test_images_come_first_and_then_their_nearest_training_images(found):
    first, second, last = found
    assert len(first.z) == 8
    assert first.nearest is None
    assert second.reference is None
    assert not second.near.any()
    model = Latent().loaded_model
    np.testing.assert_array_equal(first.mean, model.decode(first.z))
    assert set(np.unique(first.sampled)) == {0, 254}
    train = model.vae.card.recipe.data.train()
    images = train.pixels.reshape(len(train), -1)
    for i, mean in enumerate(model.vae.decode(first.z[:2])):
        squares = [float(np.sum((part / 255 - mean.ravel()) ** 2, axis=1).min()) for part in np.array_split(images, 64)]
        assert last.nearest.distance[i] == pytest.approx(np.sqrt(min(squares)), rel=1e-5)
    number = last.nearest.number[0]
    assert last.nearest.classes[0] == train.classes[train.labels[number]]
    np.testing.assert_array_equal(last.nearest.ink[0] > 0, train.pixels[number] > 0)


def test_test_images_are_the_reference(found):
    reference, data = found[-1].reference, Latent().loaded_model.vae.card.recipe.data
    test, train = data.test().pixels, data.train().pixels.reshape(60_000, -1)
    chosen = test[np.linspace(0, 9999, 100).astype(int)].reshape(100, -1)
    parts = np.array_split(train, 64)
    exact = [min(np.sum((part - x) ** 2, axis=1).min() for part in parts) for x in chosen[:6].astype(np.int32)]
    search = whole(nearest_images(train, chosen / np.float32(255)))
    np.testing.assert_allclose(search.distance[:6], np.sqrt(exact) / 255, rtol=1e-6)
    assert reference == Reference(100, np.median(search.distance), np.quantile(search.distance, 0.05))


def test_images_nearer_than_test_images_are_marked():
    ink = np.zeros((3, 1, 1), np.uint8)
    nearest = Nearest(np.arange(3), ("a",) * 3, ink, np.array([0.9, 1.0, 3.0]))
    made = Generated(
        PRIOR, "Bernoulli", np.zeros((3, 2)), ink, ink, np.zeros(3, bool), 0.0, nearest, Reference(100, 2.0, 1)
    )
    assert made.near.tolist() == [True, False, False]


def test_latents_have_the_density_of_the_prior_or_the_aggregate_posterior():
    mixture = Aggregate(np.array([[-3.0, 0.0], [5.0, 1.0]]), np.array([[0.1, 0.2], [0.5, 0.01]]))
    seeds = range(400)
    prior = np.concatenate([GeneratedImagesSettings(count=MOST, seed=seed).latents(mixture) for seed in seeds])
    np.testing.assert_allclose(prior.mean(axis=0), 0, atol=5 / np.sqrt(len(prior)))
    np.testing.assert_allclose(np.cov(prior.T), np.eye(2), atol=8 / np.sqrt(len(prior)))
    drawn = np.concatenate([GeneratedImagesSettings(AGGREGATE, MOST, seed).latents(mixture) for seed in seeds])
    left = drawn[:, 0] < 1
    assert left.mean() == pytest.approx(0.5, abs=2.5 / np.sqrt(len(drawn)))
    for component, own in ((0, drawn[left]), (1, drawn[~left])):
        deviation = mixture.deviation[component]
        assert np.all(np.abs(own.mean(axis=0) - mixture.mean[component]) < 5 * deviation / np.sqrt(len(own)))
        np.testing.assert_allclose(own.std(axis=0), deviation, rtol=0.05)


@pytest.mark.parametrize("source", [PRIOR, AGGREGATE])
def test_the_seed_decides_and_a_higher_count_keeps_the_first_images(source):
    few, many = (told(Latent().with_setting(GeneratedImagesSettings(source, count, 5)))[0] for count in (2, 5))
    for name in ("z", "mean", "sampled"):
        np.testing.assert_array_equal(getattr(few, name), getattr(many, name)[:2])
    other = GeneratedImagesSettings(source, 2, 5).fresh()
    assert not np.array_equal(told(Latent().with_setting(other))[0].z, few.z)
    document = Latent().with_setting(other)
    assert decode(encode(Session(document))).document == document


def test_holes_are_cells_in_which_hardly_any_image_is_encoded(found):
    embedding = Latent().loaded_model.embedding
    edges = stats.norm.ppf(np.linspace(0, 1, 33))
    for z, hole in zip(found[0].z, found[0].holes, strict=True):
        mass = np.ones(len(embedding.mean))
        for axis in (0, 1):
            first = int(np.searchsorted(edges, z[axis])) - 1
            law = stats.norm(embedding.mean[:, axis], embedding.deviation[:, axis])
            mass *= law.cdf(edges[first + 1]) - law.cdf(edges[first])
        assert hole == (mass.mean() < 0.1 / 32**2)


def test_the_fraction_of_samples_in_holes_is_their_prior_mass(found):
    embedding = Latent().loaded_model.embedding
    mixture, z = Aggregate(embedding.mean, embedding.deviation), RNG.normal(size=(20_000, 2))
    share = mixture.in_hole(z, 0.1).mean()
    assert share == pytest.approx(found[0].hole_mass, abs=5 * np.sqrt(share / len(z)))


@pytest.mark.slow
def test_faces_are_light_with_grey_values():
    faces = told(Latent().with_model("faces"))
    assert faces[0].mean.shape[1:] == (48, 48, 3)
    assert len(np.unique(faces[0].sampled)) > 100
    assert faces[-1].reference.median < faces[-1].nearest.distance.min()


def test_training_images_that_cannot_be_read_have_a_reason(monkeypatch):
    data = type(Latent().loaded_model.vae.card.recipe.data)

    def missing(_):
        raise ValueError("They have gone.")

    monkeypatch.setattr(data, "train", missing)
    last = told(Latent().with_setting(GeneratedImagesSettings(seed=77)))[-1]
    assert last.unavailable.endswith("They have gone.")
    assert len(last.mean) == 8


def test_training_images_are_generated_in_steps():
    data = Latent().with_model("faces").loaded_model.vae.card.recipe.data
    steps = data.train_in_steps()
    assert drained(steps) is data.train()


def test_a_wrong_count_is_refused():
    with pytest.raises(ValueError, match="from 1 to 24"):
        GeneratedImagesSettings(count=0)
