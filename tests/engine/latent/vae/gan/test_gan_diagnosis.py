"""The diagnosis of a GAN: each failure has its own sentence, and a linear generator has known singular values."""

import numpy as np
import pytest

from engine.latent.vae.gan.gan_diagnosis import Spread, diagnose, prior_draws, singular_values, spread_of


def linear(matrix):
    """A generator G(z) = Az, with images (n, 2, 2) in double precision."""
    return lambda z: (z @ np.asarray(matrix, float).T).reshape(len(z), 2, 2)


ROTATED = np.linalg.qr(np.random.default_rng(0).standard_normal((4, 2)))[0]


def test_the_singular_values_of_a_linear_generator_are_those_of_its_matrix():
    found = singular_values(linear(ROTATED @ np.diag([3.0, 0.25])), prior_draws())
    np.testing.assert_allclose(found, np.tile([3.0, 0.25], (len(found), 1)), rtol=1e-9)


def test_the_spread_of_a_linear_generator_is_that_of_the_prior_draws():
    z = prior_draws()
    real = np.array([[[1.0, 0], [0, 0]], [[-1.0, 0], [0, 0]]])  # the squared spread is 1
    found = spread_of(linear(ROTATED @ np.diag([2.0, 1.0])), real)
    assert found.spread == pytest.approx(np.sqrt((z.var(0) * [4, 1]).sum()))
    assert found.lost == 0
    assert spread_of(linear(ROTATED @ np.diag([2.0, 0.03])), real).lost == 1  # below 0.05/√2
    assert spread_of(linear(ROTATED @ np.diag([2.0, 0.04])), real).lost == 0


@pytest.mark.parametrize(
    ("found", "gap", "step", "says"),
    [
        (Spread(0.1, 1.0), 0.0, 600, "Collapse"),
        (Spread(0.9, 0.9), 0.1, 600, "A direction of the plane is lost: in 90 %"),
        (Spread(0.9, 0.1), 7.0, 600, "The GAN diverges: the gap of D's mean logits is 7.0"),
        (Spread(0.9, 0.1), 0.1, 600, ""),
        (Spread(0.1, 1.0), 9.0, 400, ""),
    ],
)
def test_each_failure_is_named(found, gap, step, says):
    sentence = diagnose(found, gap, step)
    assert sentence.startswith(says) and bool(sentence) == bool(says)
