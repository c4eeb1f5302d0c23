"""Maximising the evidence: the published fixed points on Bishop's ten points, and the runaway."""

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, DotProduct
from sklearn.linear_model import BayesianRidge

from engine.regression import BASES, GaussianNoise, LinearModel, Observations, Polynomial, maximise
from engine.regression.model.log_evidence import Spectrum

X = np.arange(10) / 9
T = np.array([0.349486, 0.830839, 1.007332, 0.971507, 0.133066, 0.166823, -0.848307, -0.445686, -0.563567, 0.261502])
OTHERS = np.array([0.05, 0.5, 0.93])
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


every_basis = pytest.mark.parametrize("basis", [kind() for kind in BASES], ids=lambda basis: type(basis).__name__)


@every_basis
@pytest.mark.parametrize("n", [0, 1, 4, 40])
def test_the_surface_is_the_evidence_of_the_model_at_each_place(basis, n):
    rng = np.random.default_rng(n)
    x, t = rng.uniform(-1, 1, n), rng.standard_normal(n)
    spectrum = Spectrum.of(Observations(x, t).statistics(basis))
    alpha, beta = np.array([1e-3, 0.5, 2.0, 1e4]), np.array([1e-2, 1.0, 300.0])
    surface = spectrum.log_evidence(alpha[None, :], beta[:, None])
    assert surface.shape == (3, 4)
    for i, b in enumerate(beta):
        for j, a in enumerate(alpha):
            exact = LinearModel(basis, float(a), GaussianNoise(float(b))).condition(x, t).log_evidence
            assert surface[i, j] == pytest.approx(exact, rel=1e-9, abs=1e-8)


@every_basis
def test_a_climb_never_goes_down(basis):
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, 30)
    t = np.sin(3 * x) + 0.2 * rng.standard_normal(30)
    spectrum = Spectrum.of(Observations(x, t).statistics(basis))
    for start in STARTS:
        found = spectrum.climb(*start)
        heights = spectrum.log_evidence(found.path[:, 0], found.path[:, 1])
        assert tuple(found.path[0]) == start
        assert np.all(np.diff(heights) > -1e-9)
        if not found.runaway:
            assert found.log_evidence >= heights[-1] - 1e-9
            shrink = spectrum.shrink(found.alpha, found.beta)
            assert found.gamma == pytest.approx(shrink.sum())


def test_without_observations_there_is_nothing_to_climb():
    found = Spectrum.of(Observations().statistics(Polynomial(2))).climb(2.0, 25.0)
    assert (found.alpha, found.beta, found.log_evidence) == (2.0, 25.0, 0.0)


@every_basis
def test_evidence_and_gamma_in_the_primal_the_dual_and_as_a_gaussian_process(basis):
    alpha, beta, phi = 0.7, 9.0, basis.features(X)
    spectrum = Spectrum.of(Observations(X, T).statistics(basis))
    ours, gamma = float(spectrum.log_evidence(alpha, beta)), float(np.sum(spectrum.shrink(alpha, beta)))
    precision = alpha * np.eye(basis.size) + beta * phi.T @ phi
    mean = beta * np.linalg.solve(precision, phi.T @ T)
    energy = beta / 2 * np.sum((T - phi @ mean) ** 2) + alpha / 2 * mean @ mean
    primal = basis.size / 2 * np.log(alpha) + 5 * np.log(beta) - energy - np.linalg.slogdet(precision)[1] / 2
    assert ours == pytest.approx(primal - 5 * np.log(2 * np.pi), abs=1e-8)
    assert gamma == pytest.approx(basis.size - alpha * np.trace(np.linalg.inv(precision)), abs=1e-8)
    kernel = phi @ phi.T / alpha
    joint = kernel + np.eye(10) / beta
    dual = -0.5 * (T @ np.linalg.solve(joint, T) + np.linalg.slogdet(2 * np.pi * joint)[1])
    assert ours == pytest.approx(dual, abs=1e-8)
    assert gamma == pytest.approx(np.trace(np.linalg.solve(joint, kernel)), abs=1e-8)
    process = GaussianProcessRegressor(
        ConstantKernel(1 / alpha, "fixed") * DotProduct(0.0, "fixed"), alpha=1 / beta, optimizer=None
    ).fit(phi, T)
    assert ours == pytest.approx(process.log_marginal_likelihood_value_, abs=1e-7)
    mean, deviation = process.predict(basis.features(OTHERS), return_std=True)
    there = LinearModel(basis, alpha, GaussianNoise(beta)).condition(X, T).predict(OTHERS)
    np.testing.assert_allclose(there.mean, mean, atol=1e-7)
    np.testing.assert_allclose(np.sqrt(there.epistemic_variance), deviation, atol=1e-6)
