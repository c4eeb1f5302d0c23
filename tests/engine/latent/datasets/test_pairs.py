"""Pairs: both halves show the same thing."""

import numpy as np
import pytest
from scipy.ndimage import binary_dilation, binary_erosion

from engine.latent.datasets.faces import Faces
from engine.latent.datasets.mnist import Mnist
from engine.latent.datasets.pairs import Pairs, bold, thin


def test_thin_and_bold_digits_are_eroded_and_dilated_digits():
    ink = Mnist().test().pixels[:30] > 127.5
    square, cross = np.ones((2, 2)), np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]])
    found_thin, found_bold = thin(ink), bold(ink)
    for digit, narrow, wide in zip(ink, found_thin, found_bold, strict=True):
        np.testing.assert_array_equal(wide, binary_dilation(digit, cross))
        np.testing.assert_array_equal(narrow, binary_erosion(digit, square, origin=-1))
        assert narrow.sum() < digit.sum() < wide.sum()


def test_a_pair_is_one_image_with_the_label_of_its_digit():
    test = Pairs(held_out=50).test()
    assert test.pixels.shape == (50, *Pairs().image_shape)
    np.testing.assert_array_equal(test.labels, Mnist().test().labels[:50])
    left, right = test.pixels[..., :28] > 0, test.pixels[..., 28:] > 0
    assert not (left & ~right).any()  # all ink of the thin digit is ink of the bold digit
    assert set(np.unique(test.pixels)) == {0, 255}


@pytest.mark.parametrize("kind", ["faces by day | by night", "grey faces | colour faces"])
def test_both_halves_of_faces_have_the_same_factors(kind):
    data = Pairs(kind=kind, training=100, held_out=20)
    test = data.test()
    left, right = test.pixels[:, :, :32].astype(float), test.pixels[:, :, 32:].astype(float)
    assert test.pixels.shape == (20, *data.image_shape)
    grey = [0.299, 0.587, 0.114]
    if kind.startswith("grey"):
        np.testing.assert_allclose(left, np.repeat((right @ grey)[..., None], 3, -1), atol=0.51)
    else:
        np.testing.assert_allclose(right, left * [0.30, 0.36, 0.55], atol=0.51)
    single = Faces(look="32×32 colour", head_turn="day" in kind, hair_tone="grey" in kind, held_out=20)
    np.testing.assert_array_equal(test.factors, single.test().factors)
    assert data.light
