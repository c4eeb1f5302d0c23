"""Centring, compared with MNIST, whose images were centred so."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.latent.datasets.mnist import Mnist
from engine.latent.inputs.centring import centred, resized


@pytest.mark.slow
def test_a_digit_cut_out_of_mnist_is_put_back_where_it_was():
    for digit in Mnist().test().pixels[:2000] / np.float32(255):
        rows, columns = np.flatnonzero(digit.any(1)), np.flatnonzero(digit.any(0))
        cut = digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        np.testing.assert_array_equal(centred(np.pad(cut, ((3, 40), (17, 2))), (28, 28)), digit)


def test_nothing_stays_nothing():
    assert not centred(np.zeros((9, 5), np.float32), (28, 28)).any()


@pytest.mark.parametrize("shape", [(28, 28), (48, 48), (32, 20), (2, 3)])
def test_the_box_keeps_its_proportions_in_every_shape(shape):
    made = centred(np.ones((60, 30), np.float32), shape)
    assert made.shape == shape
    side = max(1, round(20 / 28 * min(shape)))
    assert made.any(1).sum() == side
    assert made.any(0).sum() == max(1, round(side / 2))


@given(st.tuples(*[st.integers(1, 12)] * 4))
def test_a_resized_picture_has_the_same_mean_and_a_flat_one_stays_flat(sides):
    picture = np.random.default_rng(0).random(sides[:2], np.float32)
    assert resized(picture, sides[2:]).mean() == pytest.approx(picture.mean(), abs=1e-5)
    np.testing.assert_allclose(resized(np.ones((*sides[:2], 3), np.float32), sides[2:]), 1, atol=1e-5)


def test_whole_blocks_are_averaged():
    picture = np.random.default_rng(1).random((12, 8), np.float32)
    np.testing.assert_allclose(resized(picture, (4, 4)), picture.reshape(4, 3, 4, 2).mean((1, 3)), atol=1e-6)
