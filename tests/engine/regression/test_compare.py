"""Least squares, MAP and Bayes, compared with numpy, scikit-learn, scipy and direct sums."""

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
from engine.regression.data.held_out import NEW_DRAWS, new_draws
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


def with_ten_points(model, step=10):
    return Regression(model, Source(truth=Sinusoid(), low=0, high=1), Observations(TEN_X, TEN_T), step)


@pytest.mark.slow
@every_basis
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(0, 40))
def test_least_squares_agrees_with_numpy_on_the_design_matrix(basis, seed, n):
    rng = np.random.default_rng(seed)
    x, t = rng.uniform(-1, 1, n), rng.standard_normal(n)
    features = basis.features(x)
    w, _ = least_squares(Observations(x, t).statistics(basis))
    expected, *_ = np.linalg.lstsq(features, t, rcond=1e-14) if n else (np.zeros(basis.size),)
    if n and np.linalg.cond(features) > 1e4:  # the weights are ill-determined, the residuals are not
        residuals = [np.linalg.norm(t - features @ weights) for weights in (w, expected)]
        assert residuals[0] == pytest.approx(residuals[1], abs=1e-12 * (np.linalg.norm(w) + np.linalg.norm(expected)))
    else:
        np.testing.assert_allclose(w, expected, atol=1e-7 * (1 + np.abs(expected).max()))


def test_least_squares_of_bishops_ten_points():
    result = compared(with_ten_points(LinearModel(Polynomial(3))))
    np.testing.assert_allclose(result.weights[0], [0.31, 7.99, -25.43, 17.37], atol=0.005)
    assert result.rank == 4


def test_with_fewer_points_than_weights_the_norm_is_minimal():
    result = compared(with_ten_points(LinearModel(Polynomial(5)), step=3))
    features = Polynomial(5).features(TEN_X[:3])
    assert result.rank == 3
    np.testing.assert_allclose(features @ result.weights[0], TEN_T[:3], atol=1e-12)
    np.testing.assert_allclose(result.weights[0], features.T @ np.linalg.solve(features @ features.T, TEN_T[:3]))
    assert result.errors[0, 0] == pytest.approx(0, abs=1e-24)


def test_points_at_a_single_x_determine_one_direction():
    document = Regression(observations=Observations([0.5] * 7, [1.0, 2.0, 3.0] + [0.0] * 4), step=7)
    result = compared(document)
    assert result.rank == 1
    np.testing.assert_allclose(result.weights[0], np.array([1, 0.5]) * (6 / 7) / 1.25)


@pytest.mark.parametrize(("alpha", "beta"), [(2.0, 25.0), (0.005, 11.1), (30.0, 0.5)])
@every_basis
def test_map_is_ridge_regression(basis, alpha, beta):
    model = LinearModel(basis, alpha, GaussianNoise(beta))
    result = compared(with_ten_points(model))
    ridge = Ridge(alpha=alpha / beta, fit_intercept=False, solver="svd").fit(basis.features(TEN_X), TEN_T)
    np.testing.assert_allclose(result.weights[1], ridge.coef_, atol=1e-9)
    np.testing.assert_allclose(result.curves[1], ridge.predict(basis.features(result.x)), atol=1e-9)
    assert result.coincide
    np.testing.assert_allclose(result.curves[2], result.curves[1], atol=1e-12)


def test_the_training_error_of_the_sinusoid():
    errors = compared(with_ten_points(BUMPS)).errors
    assert errors[0, 1] == pytest.approx(0.034728460512, abs=1e-11)
    assert errors[0, 2] == pytest.approx(0.034728460512, abs=1e-11)
    assert errors[0, 0] < errors[0, 1]


def test_errors_and_densities_are_those_of_direct_formulas():
    result = compared(with_ten_points(LinearModel(Polynomial(3), 2.0, GaussianNoise(25.0)), step=6))
    features = np.vander(TEN_X, 4, increasing=True)
    taken, later = features[:6], features[6:]
    precision = 2 * np.eye(4) + 25 * taken.T @ taken
    bayes = np.linalg.solve(precision, 25 * taken.T @ TEN_T[:6])
    by_least_squares = np.linalg.lstsq(taken, TEN_T[:6], rcond=None)[0]
    assert result.counts == (6, 4, NEW_DRAWS)
    for i, w in enumerate((by_least_squares, bayes, bayes)):
        assert result.errors[0, i] == pytest.approx(np.mean((TEN_T[:6] - taken @ w) ** 2))
        assert result.errors[1, i] == pytest.approx(np.mean((TEN_T[6:] - later @ w) ** 2))
    spread = np.sqrt(1 / 25 + np.sum(later * np.linalg.solve(precision, later.T).T, axis=1))
    expected = (
        norm.logpdf(TEN_T[6:], later @ by_least_squares, 0.2).mean(),
        norm.logpdf(TEN_T[6:], later @ bayes, 0.2).mean(),
        norm.logpdf(TEN_T[6:], later @ bayes, spread).mean(),
    )
    np.testing.assert_allclose(result.log_densities[0], expected)
    np.testing.assert_allclose(result.deviations, np.sqrt(np.diag(np.linalg.inv(precision))))


def test_the_band_is_one_predictive_standard_deviation():
    result = compared(with_ten_points(BUMPS))
    i = int(np.argmin(np.abs(result.x - 0.25)))
    assert result.x[i] == 0.25
    half = (result.band[1] - result.band[0]) / 2
    assert result.curves[2, i] == pytest.approx(1.050768309514, abs=1e-10)
    assert half[i] == pytest.approx(0.262318027790, abs=1e-10)


def test_observations_that_are_left_out_are_in_no_set():
    result = compared(with_ten_points(BUMPS, step=6).leave_out(2).leave_out(8))
    taken, later = [0, 1, 3, 4, 5], [6, 7, 9]
    assert result.counts[:2] == (5, 3)
    features = BUMPS.basis.features(TEN_X)
    w = Ridge(alpha=0.08, fit_intercept=False, solver="svd").fit(features[taken], TEN_T[taken]).coef_
    assert result.errors[0, 1] == pytest.approx(np.mean((TEN_T[taken] - features[taken] @ w) ** 2))
    assert result.errors[1, 1] == pytest.approx(np.mean((TEN_T[later] - features[later] @ w) ** 2))


def test_new_draws_follow_the_source_and_are_not_observations():
    document = with_ten_points(BUMPS)
    x, t = new_draws(document.source, document.seed)
    noise = t - np.sin(2 * np.pi * x)
    assert kstest(x, "uniform").pvalue > 1e-3
    assert kstest(noise / 0.2, "norm").pvalue > 1e-3
    drawn = document.clear().with_drawn_points(1000).observations
    assert not set(drawn.x.tolist()) & set(x.tolist())
    result = compared(document)
    for i in range(3):
        curve = BUMPS.basis.features(x) @ result.weights[i]
        assert result.errors[2, i] == pytest.approx(np.mean((curve - t) ** 2))


def test_new_draws_are_only_where_the_true_function_is_finite():
    x, t = new_draws(Source(truth=Expression("log(x)")), 1)
    assert np.all(x > 0)
    assert np.all(np.isfinite(t))
    assert len(x) == pytest.approx(NEW_DRAWS / 2, abs=4 * np.sqrt(NEW_DRAWS) / 2)
    nowhere = replace(with_ten_points(BUMPS), source=Source(truth=Expression("log(-1 - x^2)")))
    result = compared(nowhere)
    assert result.counts[2] == 0
    assert np.all(np.isnan(result.errors[2]))


def test_without_observations_the_training_error_is_nan():
    result = compared(Regression())
    assert result.counts == (0, 0, NEW_DRAWS)
    assert np.all(np.isnan(result.errors[:2]))
    assert np.all(np.isfinite(result.errors[2]))
    np.testing.assert_array_equal(result.weights, 0)


def test_of_many_waiting_observations_the_next_ones_are_used():
    rng = np.random.default_rng(0)
    x, t = rng.uniform(-1, 1, (2, CROWD + 30))
    result = compared(Regression(observations=Observations(x, t), step=10))
    assert result.counts[1] == CROWD
    w = result.weights[0]
    assert result.errors[1, 0] == pytest.approx(np.mean((t[10 : CROWD + 10] - w[0] - w[1] * x[10 : CROWD + 10]) ** 2))


X = np.array([-0.9, -0.5, -0.1, 0.3, 0.6, 0.9])
T = np.array([-0.75, -0.55, -0.35, -0.15, 0.9, 0.15])


@pytest.mark.slow
def test_under_student_t_noise_map_is_the_mode_and_not_the_mean():
    model = LinearModel(Polynomial(1), 2.0, StudentTNoise(4.0, 0.2))
    result = compared(Regression(model, observations=Observations(X, T), step=6))

    def energy(w):
        return w @ w - student.logpdf((T - w[0] - w[1] * X) / 0.2, 4).sum()

    np.testing.assert_allclose(result.weights[1], minimize(energy, [0, 0], tol=1e-12).x, atol=1e-5)
    np.testing.assert_allclose(result.weights[2], (-0.2481341699, 0.5576223915), atol=1e-4)
    assert not result.coincide


def test_under_unknown_noise_only_bayes_has_a_density():
    model = LinearModel(Polynomial(3), 100.0, UnknownNoise(2.0, 0.2))
    result = compared(with_ten_points(model, step=8))
    assert np.all(np.isnan(result.log_densities[:, :2]))
    assert np.all(np.isfinite(result.log_densities[:, 2]))
    assert result.coincide


def test_the_true_function_is_included_only_if_it_is_shown():
    assert compared(with_ten_points(BUMPS)).truth is not None
    assert compared(with_ten_points(BUMPS).with_setting(Display(show_truth=False))).truth is None


def test_of_a_standardised_model_only_the_weights_are_in_its_units():
    model = LinearModel(Polynomial(3), 2.0, GaussianNoise(25.0))
    plain, result = compared(with_ten_points(model, step=7)), compared(with_ten_points(model, step=7).standardised())
    np.testing.assert_allclose(result.curves[0], plain.curves[0], atol=1e-9)  # a cubic of a linear function is a cubic
    np.testing.assert_allclose(result.errors[:, 0], plain.errors[:, 0], rtol=1e-8)
    x, t = ((each - each.mean()) / each.std() for each in (TEN_X, TEN_T))
    features = np.vander(x, 4, increasing=True)
    w = Ridge(alpha=0.08, fit_intercept=False, solver="svd").fit(features[:7], t[:7]).coef_
    np.testing.assert_allclose(result.weights[1], w, atol=1e-10)
    residuals = TEN_T - (TEN_T.mean() + TEN_T.std() * (features @ w))
    assert result.errors[0, 1] == pytest.approx(np.mean(residuals[:7] ** 2))
    assert result.errors[1, 1] == pytest.approx(np.mean(residuals[7:] ** 2))
    assert result.log_densities[0, 1] == pytest.approx(norm.logpdf(residuals[7:], 0, 0.2 * TEN_T.std()).mean())
