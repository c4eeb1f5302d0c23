"""The frame of weight space contains the 95 % outlines of what is there, compared with scipy's quantiles."""

import numpy as np
import pytest
from scipy.stats import chi2

from engine.derived import ANYWHERE
from engine.regression import GaussianNoise, LinearModel, Observations, Polynomial
from engine.regression.document import Regression
from engine.regression.weight_space import ROOM, weight_frame

RADIUS = np.sqrt(chi2(2).ppf(0.95))  # of the 95 % outline, in standard deviations


def test_without_observations_the_frame_is_that_of_the_prior():
    frame = weight_frame(Regression(), ANYWHERE)
    half = RADIUS / np.sqrt(2.0) * (1 + 2 * ROOM)
    assert [frame.right, -frame.left, frame.top, -frame.bottom] == pytest.approx([half] * 4, rel=5e-3)


def test_a_flat_prior_is_left_out_so_that_the_posterior_is_seen():
    x, t = [0.0, 4.0, 10.0, 7.0], [1.0, 5.5, 12.0, 8.0]
    document = Regression(model=LinearModel(Polynomial(1), 1e-6, GaussianNoise(25.0))).imported(Observations(x, t))
    frame = weight_frame(document, ANYWHERE)
    features = np.vander(x, 2, increasing=True)
    covariance = np.linalg.inv(1e-6 * np.eye(2) + 25 * features.T @ features)
    mean = 25 * covariance @ features.T @ t
    reach = RADIUS * np.sqrt(np.diag(covariance))
    assert np.all([frame.left, frame.bottom] < mean - reach)
    assert np.all([frame.right, frame.top] > mean + reach)
    assert frame.right - frame.left < 60 * reach.max()


def test_a_model_with_one_weight_has_no_frame():
    assert weight_frame(Regression(model=LinearModel(Polynomial(0))), ANYWHERE) is None
