"""The orders of a basis: evidence, fit and errors, compared with other computations."""

import numpy as np
import pytest
from scipy.stats import kstest, norm
from sklearn.linear_model import Ridge

from engine.derived import ANYWHERE, whole
from engine.plane import Viewport
from engine.regression import BASES, NOISES, GaussianNoise, LinearModel, Observations, Polynomial, UnknownNoise
from engine.regression.compare import comparison
from engine.regression.data.held_out import HeldOut
from engine.regression.document import Regression
from engine.regression.model_size import by_order, held_out, model_sizes
from engine.regression.own_data import set_aside

X = np.arange(10) / 9
T = np.array([0.349486, 0.830839, 1.007332, 0.971507, 0.133066, 0.166823, -0.848307, -0.445686, -0.563567, 0.261502])
OTHERS = HeldOut(np.array([0.05, 0.5, 0.93]), np.array([0.2, -0.1, -0.4]), "three others")

every_basis = pytest.mark.parametrize("basis", [kind() for kind in BASES], ids=lambda basis: type(basis).__name__)


def test_the_orders_of_polynomials_on_bishops_ten_points():
    model = LinearModel(Polynomial(1), 0.005, GaussianNoise(11.1))
    sizes = by_order(model, Observations(X, T), OTHERS)
    assert sizes.orders.tolist() == list(range(16))
    exact = [-23.102677, -17.884195, -20.308795, -13.934107, -13.712931]
    np.testing.assert_allclose(sizes.log_evidence[:5], exact, atol=1e-6)
    assert np.argmax(sizes.log_evidence) == 4


@every_basis
def test_the_log_evidence_is_the_fit_plus_a_negative_occam_factor(basis):
    model = LinearModel(basis, 0.7, GaussianNoise(9.0))
    sizes = by_order(model, Observations(X, T), OTHERS)
    assert basis.of_order(basis.order) == basis
    for order, evidence, fit in zip(basis.orders, sizes.log_evidence, sizes.fit, strict=True):
        ordered = basis.of_order(order)
        assert ordered.order == order
        posterior = LinearModel(ordered, 0.7, GaussianNoise(9.0)).condition(X, T)
        assert evidence == pytest.approx(posterior.log_evidence, abs=1e-9)
        exact = norm(ordered.features(X) @ posterior.weights.mean, 1 / 3).logpdf(T).sum()
        assert fit == pytest.approx(exact, abs=1e-8)
    assert np.all(sizes.occam < 0)


def test_errors_by_order_agree_with_scikit_learn():
    model = LinearModel(Polynomial(1), 0.005, GaussianNoise(11.1))
    sizes = by_order(model, Observations(X, T), OTHERS)
    for order in range(10):
        ridge = Ridge(alpha=0.005 / 11.1, fit_intercept=False).fit(np.vander(X, order + 1, increasing=True), T)
        own = ridge.predict(np.vander(X, order + 1, increasing=True))
        other = ridge.predict(np.vander(OTHERS.x, order + 1, increasing=True))
        assert sizes.mean_square[order] == pytest.approx(np.mean((own - T) ** 2), rel=1e-7)
        assert sizes.held_out[order] == pytest.approx(np.mean((other - OTHERS.t) ** 2), rel=1e-7)
    spread = model.condition(X, T).predict(OTHERS.x)
    exact = norm(spread.mean, np.sqrt(spread.variance)).logpdf(OTHERS.t).mean()
    assert sizes.log_density[1] == pytest.approx(exact)


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(NOISES), ids=lambda kind: kind.__name__)
def test_the_orders_are_compared_under_every_noise(kind):
    sizes = by_order(LinearModel(Polynomial(1), 0.1, kind()), Observations(X, T), OTHERS)
    assert np.all(np.isfinite([sizes.log_evidence, sizes.fit, sizes.mean_square, sizes.held_out, sizes.log_density]))
    assert sizes.mean_square[3] < sizes.mean_square[1] < sizes.mean_square[0]


def test_own_data_are_judged_by_own_data_that_the_models_were_not_fitted_to():
    document = Regression(model=LinearModel(Polynomial(3), 2.0)).imported(Observations(X, T))
    assert set_aside(document) == (2, 7)
    others = held_out(document)
    np.testing.assert_array_equal(others.t, [T[2], T[7]])
    sizes = whole(model_sizes(document, ANYWHERE))
    rest = [i for i in range(10) if i not in (2, 7)]
    features = np.vander(np.array(X)[rest], 4, increasing=True)  # by the normal equations, degree 3
    weights = np.linalg.solve(2.0 * np.eye(4) + 25.0 * features.T @ features, 25.0 * features.T @ np.array(T)[rest])
    squares = (np.vander(np.array(X)[[2, 7]], 4, increasing=True) @ weights - np.array(T)[[2, 7]]) ** 2
    assert sizes.held_out[3] == pytest.approx(squares.mean(), rel=1e-9)
    compared = comparison(document, Viewport(0, 1, 0, 1))
    assert compared.errors[1, 2] == pytest.approx(squares.mean(), rel=1e-9)
    assert compared.counts == (10, 2, 0)
    assert compared.truth is None
    assert set_aside(document.step_to(5)) == ()  # the unused observations are held out
    assert document.clear() == Regression(model=document.model)


def test_held_out_observations_are_the_waiting_ones_or_new_draws():
    document = Regression(observations=Observations(X, T), step=7)
    waiting = held_out(document)
    np.testing.assert_array_equal(waiting.x, X[7:])
    assert "3 unused" in waiting.source
    new = held_out(document.step_to(10))
    assert "new draws" in new.source
    residual = (new.t - (-0.3 + 0.5 * new.x)) / 0.2
    assert kstest(residual, "norm").pvalue > 1e-4
    np.testing.assert_array_equal(held_out(document.step_to(10)).t, new.t)


def test_the_fit_under_unknown_noise_has_the_posterior_mean_of_the_precision():
    """β is a_N/b_N (PRML exercise 3.12), from the normal equations with the prior w | β ~ N(0, (100/β) I)."""
    sizes = by_order(LinearModel(Polynomial(1), 0.01, UnknownNoise(2.0, 0.2)), Observations(X, T), OTHERS)
    phi = Polynomial(3).features(X)
    precision = 0.01 * np.eye(4) + phi.T @ phi
    mean = np.linalg.solve(precision, phi.T @ T)
    a, b = 2 + 5, 0.2 + 0.5 * (T @ T - mean @ precision @ mean)
    assert b == pytest.approx(1.091878806193, abs=1e-10)
    assert sizes.fit[3] == pytest.approx(np.sum(norm(phi @ mean, np.sqrt(b / a)).logpdf(T)), abs=1e-8)
    assert sizes.occam[3] == pytest.approx(-14.028644228758 - sizes.fit[3], abs=1e-8)
