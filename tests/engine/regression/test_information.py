"""The information gain in the panels, and fits at the mode, under every noise."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.derived import ANYWHERE, PENDING
from engine.regression import (
    GaussianNoise,
    LinearModel,
    Observations,
    Polynomial,
    Source,
    StudentTNoise,
    UnknownNoise,
)
from engine.regression.data.held_out import HeldOut
from engine.regression.document import Regression
from engine.regression.ledger import ledger
from engine.regression.model_size import by_order
from engine.regression.uncertainty_budget import gains, sliced

PUBLISHED = {
    GaussianNoise(25.0): 0.5 * np.log1p(25 * 0.905),
    UnknownNoise(2.0, 0.2): 0.3650122501,
    StudentTNoise(4.0, 0.2): 1.3388,
    StudentTNoise(2.1, 0.2): 1.1467,
}


@pytest.mark.parametrize("noise", PUBLISHED, ids=str)
def test_budget_and_ledger_say_the_mutual_information(noise):
    document = Regression(model=LinearModel(noise=noise), source=Source(low=-0.9, high=0.9))
    assert sliced(document, 0.9).gain == pytest.approx(PUBLISHED[noise], abs=1e-4)
    found = gains(document, ANYWHERE)
    assert found.gain[-1] == pytest.approx(PUBLISHED[noise], abs=1e-4)
    assert ledger(document.observe(0.9, 0.3), ANYWHERE).gained[0] == pytest.approx(PUBLISHED[noise], abs=1e-4)


def test_the_gain_under_very_narrow_noise_is_computed_in_steps_that_continue():
    """One step takes a fraction of the whole, so that other panels and later edits need not wait for it."""
    x, t = [-0.4, 0.1, 0.9], [-0.5, -0.2, 0.15]
    model = LinearModel(noise=StudentTNoise(4.0, 0.01))
    document = Regression(model=model, observations=Observations(x, t), step=3)
    steps = list(gains(document, ANYWHERE))
    assert steps[:-1] == [PENDING] * 17
    exact = model.condition(x, t).information_gain(steps[-1].x[[0, 128, 256]])
    np.testing.assert_allclose(steps[-1].gain[[0, 128, 256]], exact, rtol=1e-6)
    assert list(gains(document, ANYWHERE)) == steps[-1:]


def test_standardising_changes_nothing_about_the_gain_at_one_place():
    document = Regression(observations=Observations([1.0, 2.0, 4.0], [1e6, 3e6, 2e6]), step=3).standardised()
    inner = document.model.condition(document.taken.x, document.taken.t)
    gain = inner.information_gain(document.units.x_of_model([3.0]))[0]
    assert sliced(document, 3.0).gain == pytest.approx(gain)


@pytest.mark.slow
def test_where_the_posterior_has_two_modes_the_fit_is_that_of_the_higher_one():
    model = LinearModel(Polynomial(0), 0.1, StudentTNoise(2.1, 0.05))
    observations = Observations([0.0, 0.1, 0.2, 0.3], [-1.0, 1.03, -1.02, 1.03])
    found = by_order(model, observations, HeldOut(np.array([0.5]), np.array([0.0]), "one"))
    assert np.all(found.occam[:3] < 0)
    side = np.linspace(-3, 3, 60_001)
    density = np.zeros(len(side)) - 0.05 * side**2
    fit = sum(model.noise.log_likelihood(t, side) for t in observations.t)
    assert found.fit[0] == pytest.approx(fit[np.argmax(density + fit)], abs=1e-5)
    assert found.error[0] == found.error[1] == 0 < found.error[2] < 0.05


@pytest.mark.slow
def test_surprises_and_predictions_agree_under_students_noise():
    """The Ledger takes evidences, Compare p(t | x): both are exact up to two weights."""
    x, t = np.array([-0.9, -0.5, -0.1, 0.3, 0.6, 0.9]), np.array([-0.75, -0.55, -0.35, -0.15, 0.9, 0.15])
    document = Regression(model=LinearModel(noise=StudentTNoise()), observations=Observations(x, t), step=6)
    rows = ledger(document, ANYWHERE)
    for n in range(6):
        there = replace(document, step=n)
        posterior = there.model.condition(there.taken.x, there.taken.t)
        assert -posterior.predict([x[n]]).log_density(t[n])[0] == pytest.approx(rows.surprise[n], abs=1e-6)
