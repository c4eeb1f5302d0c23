"""Pasted pictures: they are reduced, converted to ink, and refused if they are empty."""

import numpy as np
import pytest

from engine import session
from engine.latent.datasets.data_set import DataSet
from engine.latent.datasets.mnist import Mnist
from engine.latent.document import Latent
from engine.latent.inputs.pasted import LARGEST, Pasted


class Light(DataSet):
    """Images of light."""

    light = True


def photographed(digit, *, dark_ground):
    """Return a coloured picture (400×600) of a digit that is far from the centre."""
    large = np.kron(digit, np.ones((9, 9), np.uint8))
    canvas = np.zeros((400, 600), np.uint8)
    canvas[100 : 100 + 252, 300 : 300 + 252] = large
    return np.repeat((canvas if dark_ground else 255 - canvas)[..., None], 3, axis=-1)


@pytest.mark.slow
@pytest.mark.parametrize("dark_ground", [True, False])
def test_a_picture_of_a_digit_is_the_digit(dark_ground):
    for digit in Mnist().test().pixels[:20]:
        pasted = Pasted.of(photographed(digit, dark_ground=dark_ground), "photo.png")
        assert max(pasted.h, pasted.w) == LARGEST
        made = pasted.pixels(Mnist(), (28, 28)).astype(float)
        moved = [np.roll(made, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)]  # a centre between two pixels
        assert max(np.corrcoef(there.ravel(), digit.ravel())[0, 1] for there in moved) > 0.9
        assert ("inverted" in pasted.name(Mnist())) is not dark_ground


def test_pale_ink_is_made_full():
    digit = Mnist().test().pixels[0]
    pale = Pasted.of((200 - digit // 3).astype(np.uint8), "pale")
    assert pale.pixels(Mnist(), (28, 28)).max() >= 250


def test_it_is_made_smaller_by_averaging():
    picture = np.random.default_rng(0).integers(0, 256, (256, 512), np.uint8)
    small = Pasted.of(picture, "noise")
    assert (small.h, small.w, small.channels) == (64, 128, 1)
    means = picture.reshape(64, 4, 128, 4).mean((1, 3))
    assert np.abs(255 * small.grey - means).max() <= 0.51


def test_light_is_cut_to_the_models_proportions():
    picture = np.zeros((60, 120, 3), np.uint8)
    picture[:, 30:90] = (250, 100, 0)
    made = Pasted.of(picture, "stripe").pixels(Light(), (32, 32, 3))
    np.testing.assert_array_equal(made, np.broadcast_to(np.array([250, 100, 0], np.uint8), (32, 32, 3)))
    grey = Pasted.of(picture, "stripe").pixels(Light(), (32, 32))
    np.testing.assert_array_equal(grey, round(0.299 * 250 + 0.587 * 100))
    assert Pasted.of(picture[..., 0], "grey").pixels(Light(), (16, 16, 3)).shape == (16, 16, 3)


def test_an_empty_picture_is_refused_for_ink_in_a_sentence():
    with pytest.raises(ValueError, match="the same brightness"):
        Pasted.of(np.full((40, 40), 130, np.uint8), "fog").pixels(Mnist(), (28, 28))


def test_a_picture_whose_bytes_are_not_as_many_as_its_pixels_cannot_be_made():
    with pytest.raises(ValueError, match="does not have 5 bytes"):
        Pasted(2, 2, 1, b"12345")


def test_it_survives_its_session_file():
    document = Latent().with_input(Pasted.of(photographed(Mnist().test().pixels[3], dark_ground=True), "a"))
    assert session.decode(session.encode(session.Session(document))).document == document
