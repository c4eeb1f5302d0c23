"""The plane through three images: it has the three encoder means, which are pinned; what is no plane is refused."""

import numpy as np
import pytest

from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.plane.latents import NONE, TWICE, LatentsSettings, with_image
from engine.latent.plane.three_images import LINE, means_of, with_plane


def test_the_last_three_images_are_kept_in_order_and_none_twice():
    document = Latent(model="mnist-8")
    with pytest.raises(ValueError) as reason:
        with_image(document)
    assert str(reason.value) == NONE
    for index in (3, 7, 1, 4):
        document = with_image(document.with_input(FromData(index)))
    assert document[LatentsSettings].images == (FromData(7), FromData(1), FromData(4))
    with pytest.raises(ValueError) as reason:
        with_image(document)
    assert str(reason.value) == TWICE


def test_the_plane_goes_through_the_three_means_and_pins_them():
    document = Latent(model="mnist-8").with_setting(LatentsSettings((FromData(0), FromData(1), FromData(2))))
    whole = document.whole_model
    means = means_of(document[LatentsSettings].images, whole)
    test = whole.vae.card.recipe.data.test().pixels[:3] / np.float32(255)
    np.testing.assert_allclose(means, whole.vae.encode(test)[0], atol=1e-5)
    over = with_plane(document, means)
    plane = over.loaded_model.plane
    np.testing.assert_allclose(plane.latents(np.array(over.pins)), means, atol=1e-6)
    away = means[1] - means[0]
    np.testing.assert_allclose(plane.axes[0], away / np.linalg.norm(away), atol=1e-9)
    assert with_plane(over, means).pins == over.pins  # not pinned twice


def test_fewer_images_and_three_points_on_a_line_are_refused():
    points = np.random.default_rng(0).standard_normal((2, 8))
    with pytest.raises(ValueError, match="and two are chosen"):
        with_plane(Latent(), points)
    for third in (3 * points[1] - 2 * points[0], points[0], points[1]):
        with pytest.raises(ValueError, match=f"^{LINE}$"):
            with_plane(Latent(), np.stack([*points, third]))


def test_an_image_that_the_model_cannot_encode_is_left_out():
    document = Latent(model="mnist-8").with_setting(LatentsSettings((FromData(0), FromData(9_999_999))))
    assert means_of(document[LatentsSettings].images, document.whole_model).shape == (1, 8)
