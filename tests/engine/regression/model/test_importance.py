"""The evidence under Student's t noise for many weights, compared with published importance sampling and the grid."""

import numpy as np
import pytest
from scipy import stats

from engine.regression import GaussianBumps, LinearModel, Observations, Polynomial, StudentTNoise
from engine.regression.model.importance import _estimated
from engine.regression.model.student_t_noise import LaplacePosterior

X = np.arange(10) / 9
T = np.array([0.349486, 0.830839, 1.007332, 0.971507, 0.133066, 0.166823, -0.848307, -0.445686, -0.563567, 0.261502])
PUBLISHED = {(4.0, 0.2): (-0.22, -0.26, -0.30, -0.36, -0.38), (2.1, 0.1): (-0.69, -1.11, -0.74, -0.96, -1.09)}


@pytest.mark.slow
@pytest.mark.parametrize(("df", "scale"), PUBLISHED)
def test_laplace_is_off_by_what_was_published_and_sampling_is_not(df, scale):
    for degree, off in enumerate(PUBLISHED[df, scale], 2):
        found = LinearModel(Polynomial(degree), 0.005, StudentTNoise(df, scale)).condition(X, T)
        assert found.method == "Laplace"
        assert found.log_evidence_by_laplace - found.log_evidence == pytest.approx(off, abs=0.04)
        assert 0 < found.log_evidence_error < 0.04


@pytest.mark.parametrize("df", [2.1, 4.0, 30.0])
@pytest.mark.parametrize("n", [1, 2, 6, 10])
@pytest.mark.parametrize("degree", [0, 1])
def test_up_to_two_weights_the_grid_says_the_same(df, n, degree):
    model = LinearModel(Polynomial(degree), 0.5, StudentTNoise(df, 0.2))
    sampled = LaplacePosterior(model, Observations(X[:n], T[:n]))
    exact = model.condition(X[:n], T[:n])
    assert exact.method == "grid"
    assert exact.log_evidence_error == 0
    assert abs(sampled.log_evidence - exact.log_evidence) < sampled.log_evidence_error + 5e-4
    assert sampled.log_evidence_error < 0.02


@pytest.mark.slow
@pytest.mark.parametrize("basis", [GaussianBumps(), GaussianBumps(count=30, width=0.05), Polynomial(15)])
def test_more_weights_than_observations(basis):
    """Plain draws from the prior are accurate enough for three observations."""
    model, rng = LinearModel(basis, 2.0, StudentTNoise(4, 0.3)), np.random.default_rng(0)
    found = model.condition(X[:3], T[:3])
    f = model.prior.sample(rng, 400_000) @ basis.features(X[:3]).T
    log_p = stats.t(4, scale=0.3).logpdf(T[:3] - f).sum(axis=1)
    assert found.log_evidence == pytest.approx(np.logaddexp.reduce(log_p) - np.log(len(f)), abs=0.04)


def test_it_is_the_same_every_time_in_any_order_and_smooth():
    model = LinearModel(Polynomial(3), 0.5, StudentTNoise(4, 0.2))
    one = model.condition(X, T).log_evidence
    assert model.condition(X, T).log_evidence == one
    assert model.condition(X[::-1], T[::-1]).log_evidence == pytest.approx(one, abs=1e-9)
    assert model.condition(X, T + 1e-7).log_evidence == pytest.approx(one, abs=1e-4)


def test_the_mean_is_taken_where_the_control_variates_would_make_it_negative():
    """The ratios rise with a control that is never near its mean of 1."""
    ratios, pairs = np.array([0.01, 0.02, 0.03, 1.0]), np.arange(4)
    controls = np.array([[3.0, 3.1, 3.2, 4.0]])
    found = _estimated(np.log(ratios), controls, pairs)
    assert found.log_evidence == pytest.approx(np.log(ratios.mean()))
    assert found.error == pytest.approx(np.sqrt(np.sum((ratios - ratios.mean()) ** 2)) / ratios.sum())


def test_draws_of_one_pair_count_as_one():
    """Equal draws of the same pair have the error of half as many draws."""
    ratios = np.array([0.2, 0.9, 0.4, 1.0])
    alone = _estimated(np.log(ratios), np.empty((0, 4)), np.arange(4))
    twice = _estimated(np.log(np.tile(ratios, 2)), np.empty((0, 8)), np.tile(np.arange(4), 2))
    assert twice.log_evidence == pytest.approx(alone.log_evidence)
    assert twice.error == pytest.approx(alone.error)


def test_features_that_are_zero_leave_the_noise_alone():
    model = LinearModel(GaussianBumps(count=3, width=0.01, bias=False), 2.0, StudentTNoise(4, 0.2))
    exact = stats.t(4, scale=0.2).logpdf([0.3, -0.1]).sum()
    assert model.condition([50.0, 60.0], [0.3, -0.1]).log_evidence == pytest.approx(exact, abs=1e-9)
