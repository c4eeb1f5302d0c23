"""Any resolution: one latent at several sizes, in bands, and only by a coordinate decoder."""

import tracemalloc

import numpy as np
import pytest

from engine.derived import PENDING, whole
from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.plane.any_resolution import AnyResolutionSettings, rendered, rendered_image, sized
from engine.plane import Viewport
from tests.engine.latent.coordinates import saved

SCREEN = Viewport(0, 1, 0, 1, 300, 200)
Z = (0.4, -1.1)


@pytest.fixture(params=["grey", "colour"])
def document(request, tmp_path):
    return Latent(model=saved(tmp_path, request.param), pins=(Z,))


def test_at_the_models_own_size_it_equals_the_decoded_image(document):
    model = document.loaded_model
    *_, (done, ink) = rendered(model.vae, Z, *model.vae.image_shape[:2])
    assert done == 1
    assert np.abs(ink.astype(int) - model.decode([Z])[0]).max() <= 1


def test_pixels_of_a_large_and_a_small_image_agree_at_equal_centres(document):
    model = document.loaded_model
    *_, (_, small) = rendered(model.vae, Z, 100, 100)
    *_, (_, large) = rendered(model.vae, Z, 300, 300)
    assert np.abs(large[1::3, 1::3].astype(int) - small).max() <= 1
    assert np.ptp(small) > 2


def test_it_fills_the_viewport_in_the_models_proportions_and_can_be_cancelled(document):
    found = list(rendered_image(document, SCREEN))
    assert found[:-1] and all(step is PENDING for step in found[:-1])
    assert found[-1].ink.shape[:2] == (200, 200)
    assert (found[-1].z, found[-1].name) == (Z, "pin 1")
    assert len(list(rendered_image(document, SCREEN))) == 1  # the last image is cached


def test_the_middle_is_decoded_if_no_image_is_selected(tmp_path):
    document = Latent(model=saved(tmp_path))
    assert whole(rendered_image(document, SCREEN)).z == (0.0, 0.0)
    document = document.with_input(FromData(2))
    assert whole(rendered_image(document, SCREEN)).z == pytest.approx(tuple(document.loaded_model.vae.encode(
        document.loaded_model.vae.card.recipe.data.test().pixels[2:3] / np.float32(255))[0][0]), abs=1e-6)  # fmt: skip


def test_memory_is_that_of_the_image_and_a_band(document):
    model = document.loaded_model
    next(iter(rendered(model.vae, Z, 28, 28)))
    tracemalloc.start()
    *_, (_, ink) = rendered(model.vae, Z, 2048, 2048)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert ink.shape[:2] == (2048, 2048)
    assert most < 1.5 * ink.nbytes + 2**20


def test_a_model_with_a_fixed_resolution_has_no_image():
    found = whole(rendered_image(Latent(), SCREEN))
    assert found.ink is None
    with pytest.raises(ValueError, match="architecture Coordinates"):
        next(iter(rendered(Latent().loaded_model.vae, Z, 64, 64)))


def test_sizes_keep_proportions_and_have_limits():
    assert sized((28, 28), 2048) == (2048, 2048)
    assert sized((30, 60, 3), 512) == (512, 1024)
    assert sized((40, 20), 100) == (200, 100)
    for size in (27, 2049):
        with pytest.raises(ValueError, match="Pixels must be a whole number from 28 to 2048"):
            AnyResolutionSettings(size)
