"""Least squares, MAP and Bayes against numpy, scikit-learn, scipy and sums by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from scipy.optimize import minimize
from scipy.stats import kstest, norm
from scipy.stats import t as student
from sklearn.linear_model import Ridge

from engine.derived import resolve
from engine.plane import Viewport
from engine.regression import BASES, GaussianBumps, GaussianNoise, LinearModel, Observations, Polynomial, Source
from engine.regression.compare import comparison, least_squares
from engine.regression.data.held_out import FRESH, fresh
from engine.regression.data.observations import CROWD
from engine.regression.data.truths import Expression, Sinusoid
from engine.regression.display import Display
from engine.regression.document import Regression
from engine.regression.model.noise import StudentTNoise, UnknownNoise

VIEW = Viewport(0, 1, -2, 2)
TEN_X = np.arange(10) / 9
TEN_T = np.array(
    [0.349486, 0.830839, 1.007332, 0.971507, 0.133066, 0.166823, -0.848307, -0.445686, -0.563567, 0.261502]
)
BUMPS = LinearModel(GaussianBumps(), 2.0, GaussianNoise(25.0))
every_basis = pytest.mark.parametrize("basis", [kind() for kind in BASES], ids=lambda basis: type(basis).__name__)


def compared(document):
    return resolve(document, {comparison: VIEW}).get(comparison)


def of_ten(model, step=10):
    return Regression(model, Source(truth=Sinusoid(), low=0, high=1), Observations(TEN_X, TEN_T), step)


@every_basis
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(0, 40))
def test_least_squares_is_numpys_of_the_whole_design_matrix(basis, seed, n):
    rng = np.random.default_rng(seed)
    x, t = rng.uniform(-1, 1, n), rng.standard_normal(n)
    features = basis.features(x)
    w, _ = least_squares(Observations(x, t).statistics(basis))
    expected, *_ = np.linalg.lstsq(features, t, rcond=1e-14) if n else (np.zeros(basis.size),)
    if n and np.linalg.cond(features) > 1e4:  # then weights are not to be told from their neighbours, but misses are
        misses = [np.linalg.norm(t - features @ weights) for weights in (w, expected)]
        assert misses[0] == pytest.approx(misses[1], abs=1e-12 * (np.linalg.norm(w) + np.linalg.norm(expected)))
    else:
        np.testing.assert_allclose(w, expected, atol=1e-7 * (1 + np.abs(expected).max()))


def test_least_squares_of_bishops_ten_points():
    found = compared(of_ten(LinearModel(Polynomial(3))))
    np.testing.assert_allclose(found.weights[0], [0.31, 7.99, -25.43, 17.37], atol=0.005)
    assert found.rank == 4


def test_fewer_points_than_weights_leave_the_shortest_weights():
    found = compared(of_ten(LinearModel(Polynomial(5)), step=3))
    features = Polynomial(5).features(TEN_X[:3])
    assert found.rank == 3
    np.testing.assert_allclose(features @ found.weights[0], TEN_T[:3], atol=1e-12)
    np.testing.assert_allclose(found.weights[0], features.T @ np.linalg.solve(features @ features.T, TEN_T[:3]))
    assert found.errors[0, 0] == pytest.approx(0, abs=1e-24)


def test_the_same_x_again_and_again_decides_one_direction():
    document = Regression(observations=Observations([0.5] * 7, [1.0, 2.0, 3.0] + [0.0] * 4), step=7)
    found = compared(document)
    assert found.rank == 1
    np.testing.assert_allclose(found.weights[0], np.array([1, 0.5]) * (6 / 7) / 1.25)


@pytest.mark.parametrize(("alpha", "beta"), [(2.0, 25.0), (0.005, 11.1), (30.0, 0.5)])
@every_basis
def test_map_is_ridge_regression(basis, alpha, beta):
    model = LinearModel(basis, alpha, GaussianNoise(beta))
    found = compared(of_ten(model))
    ridge = Ridge(alpha=alpha / beta, fit_intercept=False, solver="svd").fit(basis.features(TEN_X), TEN_T)
    np.testing.assert_allclose(found.weights[1], ridge.coef_, atol=1e-9)
    np.testing.assert_allclose(found.curves[1], ridge.predict(basis.features(found.x)), atol=1e-9)
    assert found.coincide
    np.testing.assert_allclose(found.curves[2], found.curves[1], atol=1e-12)


def test_the_training_error_of_the_sinusoid():
    errors = compared(of_ten(BUMPS)).errors
    assert errors[0, 1] == pytest.approx(0.034728460512, abs=1e-11)
    assert errors[0, 2] == pytest.approx(0.034728460512, abs=1e-11)
    assert errors[0, 0] < errors[0, 1]


def test_errors_and_densities_by_hand():
    found = compared(of_ten(LinearModel(Polynomial(3), 2.0, GaussianNoise(25.0)), step=6))
    features = np.vander(TEN_X, 4, increasing=True)
    taken, later = features[:6], features[6:]
    precision = 2 * np.eye(4) + 25 * taken.T @ taken
    bayes = np.linalg.solve(precision, 25 * taken.T @ TEN_T[:6])
    by_least_squares = np.linalg.lstsq(taken, TEN_T[:6], rcond=None)[0]
    assert found.counts == (6, 4, FRESH)
    for i, w in enumerate((by_least_squares, bayes, bayes)):
        assert found.errors[0, i] == pytest.approx(np.mean((TEN_T[:6] - taken @ w) ** 2))
        assert found.errors[1, i] == pytest.approx(np.mean((TEN_T[6:] - later @ w) ** 2))
    spread = np.sqrt(1 / 25 + np.sum(later * np.linalg.solve(precision, later.T).T, axis=1))
    expected = (
        norm.logpdf(TEN_T[6:], later @ by_least_squares, 0.2).mean(),
        norm.logpdf(TEN_T[6:], later @ bayes, 0.2).mean(),
        norm.logpdf(TEN_T[6:], later @ bayes, spread).mean(),
    )
    np.testing.assert_allclose(found.log_densities[0], expected)
    np.testing.assert_allclose(found.deviations, np.sqrt(np.diag(np.linalg.inv(precision))))


def test_the_band_is_one_standard_deviation_with_noise():
    found = compared(of_ten(BUMPS))
    i = int(np.argmin(np.abs(found.x - 0.25)))
    assert found.x[i] == 0.25
    half = (found.band[1] - found.band[0]) / 2
    assert found.curves[2, i] == pytest.approx(1.050768309514, abs=1e-10)
    assert half[i] == pytest.approx(0.262318027790, abs=1e-10)


def test_what_is_left_out_is_neither_taken_nor_waiting():
    found = compared(of_ten(BUMPS, step=6).leave_out(2).leave_out(8))
    taken, later = [0, 1, 3, 4, 5], [6, 7, 9]
    assert found.counts[:2] == (5, 3)
    features = BUMPS.basis.features(TEN_X)
    w = Ridge(alpha=0.08, fit_intercept=False, solver="svd").fit(features[taken], TEN_T[taken]).coef_
    assert found.errors[0, 1] == pytest.approx(np.mean((TEN_T[taken] - features[taken] @ w) ** 2))
    assert found.errors[1, 1] == pytest.approx(np.mean((TEN_T[later] - features[later] @ w) ** 2))


def test_fresh_draws_scatter_about_the_truth_and_are_no_observations():
    document = of_ten(BUMPS)
    x, t = fresh(document.source, document.seed)
    noise = t - np.sin(2 * np.pi * x)
    assert kstest(x, "uniform").pvalue > 1e-3
    assert kstest(noise / 0.2, "norm").pvalue > 1e-3
    drawn = document.clear().with_drawn_points(1000).observations
    assert not set(drawn.x.tolist()) & set(x.tolist())
    found = compared(document)
    for i in range(3):
        curve = BUMPS.basis.features(x) @ found.weights[i]
        assert found.errors[2, i] == pytest.approx(np.mean((curve - t) ** 2))


def test_fresh_draws_are_only_where_the_truth_has_a_value():
    x, t = fresh(Source(truth=Expression("log(x)")), 1)
    assert np.all(x > 0)
    assert np.all(np.isfinite(t))
    assert len(x) == pytest.approx(FRESH / 2, abs=4 * np.sqrt(FRESH) / 2)
    nowhere = replace(of_ten(BUMPS), source=Source(truth=Expression("log(-1 - x^2)")))
    found = compared(nowhere)
    assert found.counts[2] == 0
    assert np.all(np.isnan(found.errors[2]))


def test_without_observations_there_is_no_error_of_training():
    found = compared(Regression())
    assert found.counts == (0, 0, FRESH)
    assert np.all(np.isnan(found.errors[:2]))
    assert np.all(np.isfinite(found.errors[2]))
    np.testing.assert_array_equal(found.weights, 0)


def test_of_very_many_waiting_observations_the_next_are_asked():
    rng = np.random.default_rng(0)
    x, t = rng.uniform(-1, 1, (2, CROWD + 30))
    found = compared(Regression(observations=Observations(x, t), step=10))
    assert found.counts[1] == CROWD
    w = found.weights[0]
    assert found.errors[1, 0] == pytest.approx(np.mean((t[10 : CROWD + 10] - w[0] - w[1] * x[10 : CROWD + 10]) ** 2))


X = np.array([-0.9, -0.5, -0.1, 0.3, 0.6, 0.9])
T = np.array([-0.75, -0.55, -0.35, -0.15, 0.9, 0.15])


def test_under_students_noise_map_is_the_mode_and_not_the_mean():
    model = LinearModel(Polynomial(1), 2.0, StudentTNoise(4.0, 0.2))
    found = compared(Regression(model, observations=Observations(X, T), step=6))

    def energy(w):
        return w @ w - student.logpdf((T - w[0] - w[1] * X) / 0.2, 4).sum()

    np.testing.assert_allclose(found.weights[1], minimize(energy, [0, 0], tol=1e-12).x, atol=1e-5)
    np.testing.assert_allclose(found.weights[2], (-0.2481341699, 0.5576223915), atol=1e-4)
    assert not found.coincide


def test_under_unknown_noise_only_bayes_has_a_density():
    model = LinearModel(Polynomial(3), 100.0, UnknownNoise(2.0, 0.2))
    found = compared(of_ten(model, step=8))
    assert np.all(np.isnan(found.log_densities[:, :2]))
    assert np.all(np.isfinite(found.log_densities[:, 2]))
    assert found.coincide


def test_the_truth_is_told_only_if_it_is_shown():
    assert compared(of_ten(BUMPS)).truth is not None
    assert compared(of_ten(BUMPS).with_setting(Display(show_truth=False))).truth is None


def test_under_a_model_of_standardised_x_and_t_all_but_the_weights_is_in_original_units():
    model = LinearModel(Polynomial(3), 2.0, GaussianNoise(25.0))
    plain, found = compared(of_ten(model, step=7)), compared(of_ten(model, step=7).standardised())
    np.testing.assert_allclose(found.curves[0], plain.curves[0], atol=1e-9)  # a cubic of anything linear is a cubic
    np.testing.assert_allclose(found.errors[:, 0], plain.errors[:, 0], rtol=1e-8)
    x, t = ((each - each.mean()) / each.std() for each in (TEN_X, TEN_T))
    features = np.vander(x, 4, increasing=True)
    w = Ridge(alpha=0.08, fit_intercept=False, solver="svd").fit(features[:7], t[:7]).coef_
    np.testing.assert_allclose(found.weights[1], w, atol=1e-10)
    misses = TEN_T - (TEN_T.mean() + TEN_T.std() * (features @ w))
    assert found.errors[0, 1] == pytest.approx(np.mean(misses[:7] ** 2))
    assert found.errors[1, 1] == pytest.approx(np.mean(misses[7:] ** 2))
    assert found.log_densities[0, 1] == pytest.approx(norm.logpdf(misses[7:], 0, 0.2 * TEN_T.std()).mean())
