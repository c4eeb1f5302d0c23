"""The gallery: the images of the visible rows, in order."""

import numpy as np
import pytest

from engine.latent.datasets.mnist import Mnist
from engine.latent.document import Latent
from engine.latent.gaussian_q import GaussianQ
from engine.latent.image.gallery import EVERY, MOST, GallerySettings, next_test_image, shelf
from engine.latent.inputs.input import FromData
from engine.plane import Viewport


@pytest.mark.parametrize("held_out", [True, False])
@pytest.mark.parametrize("label", [EVERY, 0, 7])
def test_a_shelf_has_the_images_of_its_rows(held_out, label):
    images = Mnist().test() if held_out else Mnist().train()
    numbers = [i for i in range(len(images)) if label in (EVERY, images.labels[i])]
    found = shelf(Latent(settings=(GallerySettings(held_out, label),)), Viewport(0, 7, 30, 36, 7, 6))
    assert (found.first, found.total, found.images) == (210, len(numbers), len(images))
    np.testing.assert_array_equal(found.numbers, numbers[210:252])
    np.testing.assert_array_equal(found.labels, images.labels[numbers[210:252]])
    np.testing.assert_array_equal(found.ink, np.rint(images.pixels[numbers[210:252]] * (254 / 255)))


def test_a_shelf_has_a_largest_size():
    assert len(shelf(Latent(), Viewport(0, 300, 0, 90, 300, 90)).numbers) == MOST
    assert len(shelf(Latent(), Viewport(0, 10, 9000, 9010, 10, 10)).numbers) == 0


def test_the_position_of_the_selected_image_in_the_gallery():
    labels, screen = Mnist().test().labels, Viewport(0, 5, 0, 5, 5, 5)
    number = int(np.flatnonzero(labels == 7)[123])
    document = Latent(settings=(GallerySettings(True, 7),)).with_input(FromData(number))
    assert shelf(document, screen).chosen == 123
    assert shelf(document.with_setting(GallerySettings(True, 3)), screen).chosen is None
    assert shelf(document.with_setting(GallerySettings(False, 7)), screen).chosen is None
    assert shelf(document.with_setting(GallerySettings()), screen).chosen == number


def test_the_next_test_image_has_the_encoders_q():
    document = next_test_image(Latent(q=GaussianQ(1.0)).with_input(FromData(7, held_out=False)))
    assert document == Latent(input=FromData(0))
    assert next_test_image(document) == Latent(input=FromData(1))
