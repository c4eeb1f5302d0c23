"""The gallery: the right images in the right order, only those asked for."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.latent.datasets.mnist import Mnist
from engine.latent.document import Latent
from engine.latent.image.gallery import EVERY, MOST, GallerySettings, shelf
from engine.latent.inputs.input import FromData
from engine.plane import Viewport


@pytest.mark.parametrize("held_out", [True, False])
@pytest.mark.parametrize("label", [EVERY, 0, 7])
def test_a_shelf_holds_the_images_of_its_rows(held_out, label):
    images = Mnist().test() if held_out else Mnist().train()
    numbers = [i for i in range(len(images)) if label in (EVERY, images.labels[i])]
    found = shelf(Latent(settings=(GallerySettings(held_out, label),)), Viewport(0, 7, 30, 36, 7, 6))
    assert (found.first, found.total, found.images) == (210, len(numbers), len(images))
    np.testing.assert_array_equal(found.numbers, numbers[210:252])
    np.testing.assert_array_equal(found.labels, images.labels[numbers[210:252]])
    np.testing.assert_array_equal(found.ink, np.rint(images.pixels[numbers[210:252]] * (254 / 255)))


def test_it_never_hands_over_more_than_it_says():
    assert len(shelf(Latent(), Viewport(0, 300, 0, 90, 300, 90)).numbers) == MOST
    assert len(shelf(Latent(), Viewport(0, 10, 9000, 9010, 10, 10)).numbers) == 0


def test_it_knows_where_the_chosen_image_hangs():
    labels, screen = Mnist().test().labels, Viewport(0, 5, 0, 5, 5, 5)
    number = int(np.flatnonzero(labels == 7)[123])
    document = Latent(settings=(GallerySettings(True, 7),)).with_input(FromData(number))
    assert shelf(document, screen).chosen == 123
    assert shelf(document.with_setting(GallerySettings(True, 3)), screen).chosen is None
    assert shelf(document.with_setting(GallerySettings(False, 7)), screen).chosen is None
    assert shelf(replace(document, gallery=GallerySettings()), screen).chosen == number
