"""Maximising the evidence: the published fixed points on Bishop's ten points, and the runaway."""

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import BayesianRidge

from engine.regression import GaussianNoise, LinearModel, Polynomial, maximise

X = np.arange(10) / 9
T = np.array([0.349486, 0.830839, 1.007332, 0.971507, 0.133066, 0.166823, -0.848307, -0.445686, -0.563567, 0.261502])
STARTS = [(1.0, 1.0), (1e-5, 1e-5), (0.005, 11.1), (10.0, 100.0)]


def test_degree_1_has_one_fixed_point():
    for found in maximise(Polynomial(1), X, T, STARTS):
        assert found.alpha == pytest.approx(1.94635757, rel=1e-8)
        assert found.beta == pytest.approx(3.45637097, rel=1e-8)
        assert found.gamma == pytest.approx(1.54475042, rel=1e-8)
        assert found.log_evidence == pytest.approx(-10.0109152428, abs=1e-9)
        assert not found.runaway


def test_degree_3_depends_on_the_start_and_runs_away():
    near, tiny, one = maximise(Polynomial(3), X, T, [(0.005, 11.1), (1e-5, 1e-5), (1.0, 1.0)])
    assert near.alpha == pytest.approx(0.00575293886, rel=1e-8)
    assert near.beta == pytest.approx(15.1441749, rel=1e-8)
    assert near.gamma == pytest.approx(3.80257024, rel=1e-8)
    assert near.log_evidence == pytest.approx(-13.7887476610, abs=1e-9)
    for found in (tiny, one):
        assert found.runaway
        assert found.alpha == np.inf
        assert found.log_evidence == pytest.approx(-9.7566549997, abs=1e-9)


def test_a_fixed_point_is_a_maximum_of_the_evidence():
    found = maximise(Polynomial(1), X, T, [(1.0, 1.0)])[0]

    def descend(logs):
        alpha, beta = np.exp(logs)
        return -LinearModel(Polynomial(1), float(alpha), GaussianNoise(float(beta))).condition(X, T).log_evidence

    best = minimize(descend, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-12})
    np.testing.assert_allclose(np.exp(best.x), [found.alpha, found.beta], rtol=1e-5)


def test_the_path_is_that_of_bayesian_ridge():
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, 40)
    t = 0.5 - x + 2 * x**2 + 0.3 * rng.standard_normal(40)
    phi = Polynomial(2).features(x)
    none = {"alpha_1": 0, "alpha_2": 0, "lambda_1": 0, "lambda_2": 0}  # without scikit-learn's hyper-priors
    ridge = BayesianRidge(max_iter=5000, tol=1e-14, fit_intercept=False, alpha_init=1, lambda_init=1, **none).fit(
        phi, t
    )
    found = maximise(Polynomial(2), x, t, [(1.0, 1.0)])[0]
    assert found.alpha == pytest.approx(ridge.lambda_, rel=1e-6)
    assert found.beta == pytest.approx(ridge.alpha_, rel=1e-6)
