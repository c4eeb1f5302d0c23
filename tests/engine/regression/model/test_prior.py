"""Priors: laws of the family, and the handles of the ellipse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.regression import PRIORS, Ellipse, LinearModel, Polynomial
from engine.regression.model.prior import PRESETS, RADIUS

small = st.floats(-3, 3)


@pytest.mark.parametrize("kind", list(PRIORS), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("size", [1, 2, 5])
def test_every_prior_is_proper_over_any_number_of_weights(kind, size):
    prior = kind().gaussian(size, 2.0)
    assert prior.size == size
    assert np.all(np.linalg.eigvalsh(prior.covariance) > 0)
    assert np.allclose(np.tril(prior.root, -1), 0)
    np.testing.assert_allclose(prior.covariance[2:, 2:], np.eye(size)[2:, 2:] / 2)


def test_the_ellipse_has_its_own_moments():
    prior = Ellipse(0.3, -0.2, 0.4, 0.6, 0.7).gaussian(3, 4.0)
    np.testing.assert_allclose(prior.mean, [0.3, -0.2, 0], atol=1e-12)
    expected = [[0.16, 0.168, 0], [0.168, 0.36, 0], [0, 0, 0.25]]
    np.testing.assert_allclose(prior.covariance, expected, atol=1e-12)


def test_one_observation_under_a_full_prior_by_hand():
    shape = Ellipse(0.3, -0.2, 0.4, 0.6, 0.7)
    found = LinearModel(prior_shape=shape).condition([0.5], [1.0])
    phi, s, noise = np.array([1, 0.5]), shape.covariance, 1 / 25
    spread = phi @ s @ phi + noise
    np.testing.assert_allclose(found.weights.mean, shape.mean + s @ phi * (1 - phi @ shape.mean) / spread)
    np.testing.assert_allclose(found.weights.covariance, s - np.outer(s @ phi, s @ phi) / spread, atol=1e-14)
    expected = -0.5 * (np.log(2 * np.pi * spread) + (1 - phi @ shape.mean) ** 2 / spread)
    assert found.log_evidence == pytest.approx(expected, abs=1e-12)


def test_its_handles_lie_on_the_contour_of_95_percent():
    shape = Ellipse(0.3, -0.2, 0.4, 0.6, 0.7)
    about = shape.handles()[1:] - shape.mean
    distance = np.sqrt(np.sum(about @ np.linalg.inv(shape.covariance) * about, axis=1))
    np.testing.assert_allclose(distance, RADIUS)
    assert abs(about[0] @ about[1]) < 1e-12


@pytest.mark.slow
@given(small, small)
def test_the_middle_moves_it_and_nothing_else(x, y):
    shape = Ellipse(0.3, -0.2, 0.4, 0.6, 0.7)
    moved = shape.dragged(0, x, y)
    np.testing.assert_allclose(moved.mean, [x, y])
    np.testing.assert_allclose(moved.covariance, shape.covariance, atol=1e-12)


@pytest.mark.slow
@given(st.sampled_from([1, 2]), st.floats(0.7, 1.5), st.floats(-0.3, 0.3))
def test_an_end_goes_where_it_is_dragged_and_the_other_axis_keeps_its_length(handle, stretch, turn):
    shape = Ellipse(0.3, -0.2, 0.4, 0.6, 0.5)
    arm = shape.handles()[handle] - shape.mean
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    place = shape.mean + stretch * rotation @ arm
    moved = shape.dragged(handle, *place)
    away = np.linalg.norm(moved.handles()[1:] - place, axis=1)
    mirrored = np.linalg.norm(2 * moved.mean - moved.handles()[1:] - place, axis=1)
    assert min(away.min(), mirrored.min()) < 1e-9
    lengths = sorted(np.linalg.norm(moved.handles()[1:] - moved.mean, axis=1))
    kept = np.linalg.norm(shape.handles()[3 - handle] - shape.mean)
    np.testing.assert_allclose(lengths, sorted([stretch * np.linalg.norm(arm), kept]), rtol=1e-9)


def test_an_end_dragged_into_the_middle_is_refused():
    with pytest.raises(ValueError, match="cannot have length 0"):
        Ellipse().dragged(1, 0, 0)


def test_the_confident_and_wrong_prior_needs_more_data_than_the_others():
    x = np.linspace(-1, 1, 6)
    misses = {}
    for name, (alpha, shape) in PRESETS.items():
        found = LinearModel(Polynomial(1), alpha, prior_shape=shape).condition(x, -0.3 + 0.5 * x)
        misses[name] = np.linalg.norm(found.weights.mean - [-0.3, 0.5])
    assert misses["Flat"] < misses["The lecture's"] < 0.1 < misses["Confident and wrong"]
