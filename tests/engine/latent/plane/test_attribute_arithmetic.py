"""Attribute arithmetic: the means of classes and factors, and the sum."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.latent.charts import EqualProbability
from engine.latent.datasets.mnist import Mnist
from engine.latent.document import SHIPPED, Latent
from engine.latent.inputs.input import FromData
from engine.latent.model import Embedding, open_model
from engine.latent.plane.attribute_arithmetic import (
    ArithmeticSettings,
    attribute_sum,
    attributes,
    factors_at,
    matched,
)
from engine.latent.slice import Slice
from engine.plane import Viewport

WHEREVER = Viewport(0, 1, 0, 1)
RNG = np.random.default_rng(0)
MEANS = RNG.standard_normal((60, 2))
LABELS = np.repeat([0, 2], 30).astype(np.uint8)


@pytest.fixture(scope="module")
def encoded():
    test = Mnist().test()
    return open_model(SHIPPED).vae.encode(test.pixels / np.float32(255))[0], test.labels


def sum_of(document):
    found = attribute_sum(document, WHEREVER)
    assert found is not None
    return found


@pytest.mark.slow
def test_classes_have_the_means_of_their_images(encoded):
    means, labels = encoded
    found = sum_of(Latent()).attributes
    assert [attribute.name for attribute in found] == list("0123456789")
    for digit, attribute in enumerate(found):
        np.testing.assert_allclose(attribute.mean, means[labels == digit].mean(0), atol=1e-5)
        assert attribute.count == (labels == digit).sum()


def test_factors_give_two_attributes_and_empty_classes_none():
    factors = np.column_stack([RNG.uniform(-1, 1, 60), RNG.integers(0, 2, 60)])
    embedding = Embedding(MEANS, MEANS, LABELS, ("a", "b", "c"), factors, ("smile", "glasses"))
    found = {attribute.name: attribute for attribute in attributes(embedding)}
    assert list(found) == ["smile below its median", "smile above its median", "no glasses", "glasses", "a", "c"]
    middle = np.sort(factors[:, 0])[29:31].mean()
    np.testing.assert_allclose(found["smile above its median"].mean, MEANS[factors[:, 0] > middle].mean(0))
    np.testing.assert_allclose(found["no glasses"].mean, MEANS[factors[:, 1] == 0].mean(0))
    assert found["smile below its median"].count == found["smile above its median"].count == 30


def ring(n=3000):
    """Return images whose first factor is the distance from the origin, and whose second factor is the angle."""
    factors = np.random.default_rng(1).uniform(-1, 1, (n, 2))
    mean = (2 + factors[:, :1]) * np.stack([np.cos(np.pi * factors[:, 1]), np.sin(np.pi * factors[:, 1])], axis=1)
    return Embedding(mean, mean, np.zeros(n, np.uint8), ("a",), factors, ("distance", "angle"))


@pytest.mark.parametrize("angle", [-0.9, -0.2, 0.5])
def test_with_the_other_factor_kept_the_attribute_vector_of_a_ring_is_its_radius(angle):
    """The means of both halves of the distance are at 1.5 and 2.5, at the angle of the base."""
    embedding, radius = ring(), np.array([np.cos(np.pi * angle), np.sin(np.pi * angle)])
    near, far = attributes(embedding)[:2]
    values = factors_at(embedding, 1.7 * radius)
    np.testing.assert_allclose(values, (-0.3, angle), atol=0.1)
    means = [matched(embedding, attribute, values, (1,)).mean for attribute in (near, far)]
    np.testing.assert_allclose(means, [1.5 * radius, 2.5 * radius], atol=0.3)
    np.testing.assert_allclose(means[1] - means[0], radius, atol=0.15)
    assert np.hypot(*(far.mean - near.mean)) < 0.1  # of all images, no direction is the distance


def test_the_means_of_kept_factors_are_weighted_means():
    factors = np.array([[0.0, -1.0], [0.0, 1.0], [1.0, -1.0], [1.0, 0.9]])
    mean = np.array([[0.0, 0.0], [0.0, 4.0], [3.0, 0.0], [3.0, 4.0]])
    embedding = Embedding(mean, mean, np.zeros(4, np.uint8), ("a",), factors, ("glasses", "smile"))
    without, worn = attributes(embedding)[:2]
    assert (without.name, worn.name) == ("no glasses", "glasses")
    found = matched(embedding, worn, np.array([0.0, 0.95]), (1,))
    weights = np.exp(-0.5 * ((factors[2:, 1] - 0.95) / (0.05 * 2)) ** 2)
    np.testing.assert_allclose(found.mean, weights @ mean[2:] / weights.sum(), atol=1e-12)
    assert found.count == 1


def test_digits_have_no_factor_that_can_be_kept():
    plain, kept = (sum_of(Latent(settings=(ArithmeticSettings("4", "9", keep=k),))) for k in (False, True))
    np.testing.assert_array_equal(plain.z, kept.z)
    assert plain.kept is kept.kept is None


@given(st.floats(-2, 2), st.sampled_from("0123456789"), st.sampled_from("0123456789"))
def test_the_sum_is_the_base_plus_strength_times_the_difference(strength, start, end):
    found = sum_of(Latent(pins=((0.3, -0.4),), settings=(ArithmeticSettings(start, end, strength),)))
    means = {attribute.name: attribute.mean for attribute in found.attributes}
    np.testing.assert_allclose(found.base, (0.3, -0.4))
    np.testing.assert_allclose(found.z, found.base + strength * (means[end] - means[start]), atol=1e-12)
    np.testing.assert_allclose(found.means, [means[start], means[end]])
    if len(found.arrow):
        np.testing.assert_allclose(found.arrow[[0, -1]], [found.base, found.z], atol=1e-12)


def test_the_images_are_decoded_from_base_and_sum():
    found = sum_of(Latent(input=FromData(4), settings=(ArithmeticSettings("4", "9", 1.5),)))
    model = open_model(SHIPPED)
    mean, _ = model.vae.encode(Mnist().test().pixels[4:5] / np.float32(255))
    np.testing.assert_allclose(found.base, mean[0], atol=1e-6)
    np.testing.assert_array_equal(found.reconstruction, model.decode(found.base[None])[0])
    np.testing.assert_array_equal(found.result, model.decode(found.z[None])[0])
    assert found.image is not None
    np.testing.assert_array_equal(found.image > 0, Mnist().test().pixels[4] > 0)


def test_the_base_is_the_image_else_the_last_pin_else_the_mean():
    document = Latent()
    mean = sum_of(document)
    np.testing.assert_array_equal(mean.base, mean.start.mean)
    assert mean.name == "the mean of “0”"
    document = replace(document, pins=((0.0, 0.0), (1.0, 2.0)))
    assert tuple(sum_of(document).base) == (1.0, 2.0)
    assert sum_of(document).image is None
    document = document.with_input(FromData(1))
    assert "test image 1" in sum_of(document).name


def test_unknown_names_stand_for_the_default_attributes():
    found = sum_of(Latent(settings=(ArithmeticSettings("smile above its median", "glasses"),)))
    assert (found.start.name, found.end.name) == ("0", "1")


def test_strength_zero_changes_nothing_and_has_no_arrow():
    found = sum_of(Latent(settings=(ArithmeticSettings("3", "3"),)))
    np.testing.assert_array_equal(found.result, found.reconstruction)
    assert len(found.arrow) == 0


def test_in_another_chart_the_arrow_is_curved_between_the_same_latents():
    chart = EqualProbability()
    plain, bent = (sum_of(Latent(chart=c, settings=(ArithmeticSettings("1", "0"),))) for c in (Latent().chart, chart))
    np.testing.assert_allclose(chart.to_latent(bent.arrow), plain.arrow, atol=1e-9)
    np.testing.assert_allclose(chart.to_latent(bent.means), plain.means, atol=1e-9)


def test_strength_has_limits():
    with pytest.raises(ValueError, match="Strength must be a number from −2 to 2"):
        ArithmeticSettings(strength=2.5)


@pytest.mark.slow
@pytest.mark.parametrize("at_image", [True, False])
def test_with_eight_latents_the_whole_vector_is_added_and_the_plane_shows_its_part(at_image):
    """The base is the whole encoder mean of an image, or a pin on the plane; the image is decoded in all latents."""
    document = Latent(model="mnist-8").with_slice(Slice(2, 5, values=(0.5, -1.0)))
    document = document.with_input(FromData(3)) if at_image else document.pin((0.3, -0.7))
    found = sum_of(document.with_setting(ArithmeticSettings("3", "8", 0.5)))
    whole = document.whole_model
    three, eight = (whole.embedding.mean[whole.embedding.labels == digit].mean(0) for digit in (3, 8))
    base = np.array([0.5, -1.0, 0.3, 0, 0, -0.7, 0, 0])
    if at_image:
        base = whole.vae.encode(Mnist().test().pixels[3:4] / np.float32(255))[0][0]
    np.testing.assert_allclose(found.base, base, atol=1e-6)
    np.testing.assert_allclose(found.z, base + 0.5 * (eight - three), atol=1e-6)
    np.testing.assert_allclose(found.places, [base[[2, 5]], found.z[[2, 5]]], atol=1e-6)
    np.testing.assert_allclose(found.arrow[[0, -1]], document.chart.to_place(found.places), atol=1e-6)
    np.testing.assert_array_equal(found.result, whole.decode(found.z[None])[0])
    assert not np.array_equal(found.result, document.loaded_model.decode(found.places[1:])[0])  # that of the plane
