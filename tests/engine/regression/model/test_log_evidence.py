"""The maxima of the evidence: the published fixed points on Bishop's ten points, and the limit α → ∞."""

import numpy as np
import pytest
from mpmath import mp
from msgspec.structs import replace
from scipy.optimize import minimize
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, DotProduct
from sklearn.linear_model import BayesianRidge

from engine.regression import (
    BASES,
    Fourier,
    GaussianBumps,
    GaussianNoise,
    LinearModel,
    Observations,
    Polynomial,
    Sigmoids,
    maximise,
)
from engine.regression.evidence import distinct
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
    spectrum = Spectrum.of(Observations(x, t), basis)
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
    spectrum = Spectrum.of(Observations(x, t), basis)
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
    found = Spectrum.of(Observations(), Polynomial(2)).climb(2.0, 25.0)
    assert (found.alpha, found.beta, found.log_evidence) == (2.0, 25.0, 0.0)


@every_basis
def test_evidence_and_gamma_in_the_primal_the_dual_and_as_a_gaussian_process(basis):
    alpha, beta, phi = 0.7, 9.0, basis.features(X)
    spectrum = Spectrum.of(Observations(X, T), basis)
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


EXACT_LINE, TWO_POINTS, MILLIONS = ([0, 1, 2, 3, 4], [1, 3, 5, 7, 9]), ([0, 1], [1, 2]), ([1, 2], [2e6, 3e6])
GRID = 10.0 ** np.arange(-12, 21, 4)


def in_110_digits(degree, x, t, alphas, betas):
    """Return ln p(t | α, β) (β, α) from the eigenvalues of ΦᵀΦ, with exact powers of the stored x."""
    with mp.workdps(110):
        return in_many_digits(degree, x, t, alphas, betas)


def in_many_digits(degree, x, t, alphas, betas):
    phi = mp.matrix([[mp.mpf(float(value)) ** p for p in range(degree + 1)] for value in x])
    t, n, k = mp.matrix([mp.mpf(float(value)) for value in t]), len(x), degree + 1
    squares, turn = mp.eigsy(phi.T * phi)
    c, total = turn.T * phi.T * t, (t.T * t)[0]
    exact = np.empty((len(betas), len(alphas)), object)
    for i, b in enumerate(map(mp.mpf, map(float, betas))):
        for j, a in enumerate(map(mp.mpf, map(float, alphas))):
            energy = b / 2 * (total - mp.fsum(b * c[q] ** 2 / (a + b * squares[q]) for q in range(k)))
            volume = mp.fsum(mp.log(1 + b * abs(squares[q]) / a) for q in range(k))
            exact[i, j] = mp.mpf(n) / 2 * mp.log(b / (2 * mp.pi)) - energy - volume / 2
    return exact.astype(float)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("degree", "x", "t"),
    [(1, *EXACT_LINE), (1, *TWO_POINTS), (1, *MILLIONS), (1, X, T), (3, X, T), (8, X, T), (9, X, T), (12, X, T)],
)
def test_the_surface_is_right_wherever_it_can_be_reached(degree, x, t):
    spectrum = Spectrum.of(Observations(x, t), Polynomial(degree))
    surface = spectrum.log_evidence(GRID[None, :], GRID[:, None])
    np.testing.assert_allclose(surface, in_110_digits(degree, x, t, GRID, GRID), rtol=1e-9, atol=1e-9)


YEARS = np.arange(1990.0, 2010.0)
CLOSE = np.array([0.0002, 0.1301, 0.1303, 0.1306, 0.1311, 0.5, 0.5001, 0.501, 0.77, 0.9, 0.9003, 0.9005, 0.92, 1.0])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("degree", "x", "t"),
    [
        (3, YEARS, np.sin(YEARS)),
        (9, YEARS, 1e6 * np.cos(YEARS)),
        (15, CLOSE, np.sin(30 * CLOSE)),
        (12, np.tile(CLOSE, 2), np.cos(20 * np.arange(28))),
        (2, 1.7e9 + 86400 * np.arange(8), np.sin(np.arange(8))),
        (1, YEARS, 0.1 * (YEARS - 2000) + 1e-10 * np.sin(YEARS)),
    ],
)
def test_the_surface_is_right_where_features_are_nearly_dependent(degree, x, t):
    """The condition of Φ is 10¹¹ to 10⁵³, or the misfit is 10⁻¹⁰ of t."""
    spectrum = Spectrum.of(Observations(x, t), Polynomial(degree))
    surface = spectrum.log_evidence(GRID[None, :], GRID[:, None])
    np.testing.assert_allclose(surface, in_450_digits(degree, x, t), rtol=1e-11, atol=1e-9)


def in_450_digits(degree, x, t):
    with mp.workdps(450):
        return in_many_digits(degree, x, t, GRID, GRID)


@pytest.mark.parametrize("basis", [GaussianBumps(count=20, width=0.1), Sigmoids(count=20), Fourier(pairs=9)], ids=str)
def test_the_surface_of_nearly_dependent_functions_other_than_powers(basis):
    x, t = CLOSE, np.sin(9 * CLOSE)
    surface = Spectrum.of(Observations(x, t), basis).log_evidence(GRID[None, ::4], GRID[::4, None])
    with mp.workdps(60):
        phi = mp.matrix([basis.precise_features(float(value), mp) for value in x])
        np.testing.assert_allclose(basis.features(x), np.array(phi.tolist(), float), rtol=1e-12, atol=1e-14)
        column = mp.matrix(t.tolist())
        for i, beta in enumerate(GRID[::4]):
            for j, alpha in enumerate(GRID[::4]):
                factor = mp.cholesky(phi * phi.T / mp.mpf(alpha) + mp.eye(len(x)) / mp.mpf(beta))
                scaled = mp.lu_solve(factor, column)
                volume = mp.fsum(mp.log(2 * mp.pi) / 2 + mp.log(factor[n, n]) for n in range(len(x)))
                exact = float(-(scaled.T * scaled)[0] / 2 - volume)
                assert surface[i, j] == pytest.approx(exact, rel=1e-10, abs=1e-9)


def test_a_singular_value_that_comes_from_the_rounding_of_x_is_no_direction_of_a_limit():
    """Nine bumps around ½ and a constant have rank 9 at ten symmetric x; 1/9 is not a binary number."""
    spectrum = Spectrum.of(Observations(X, T), GaussianBumps())
    assert (len(spectrum.s), spectrum.rank) == (10, 9)
    assert spectrum.s[-1] < 1e-14 * spectrum.s[0]


def test_many_observations_are_decomposed_in_double_precision():
    x = np.linspace(-1, 1, 2_000)
    spectrum = Spectrum.of(Observations(x, np.sin(3 * x)), Polynomial(15))
    assert (spectrum.rank, spectrum.n, spectrum.is_explained) == (16, 2_000, False)


def test_far_out_the_published_values_of_two_points():
    spectrum = Spectrum.of(Observations(*TWO_POINTS), Polynomial(1))
    assert spectrum.log_evidence(1e3, 10**19.9) == pytest.approx(-994.9, abs=0.05)
    assert spectrum.log_evidence(1.0, 1e14) == pytest.approx(-2.8379, abs=5e-5)


def rests(basis, x, t):
    spectrum = Spectrum.of(Observations(x, t), basis)
    return distinct([spectrum.climb(*start) for start in spectrum.starts()] + spectrum.limits())


@pytest.mark.parametrize("scale", [1e-12, 1e-3, 7.0, 1e6, 1e12])
@pytest.mark.parametrize("basis", [Polynomial(1), Polynomial(3), Polynomial(9), GaussianBumps()], ids=str)
def test_t_times_a_constant_scales_both_precisions(scale, basis):
    """p(ct) = p(t)/cⁿ if α and β are divided by c², so all maxima and limits scale likewise."""
    plain, scaled = rests(basis, X, T), rests(basis, X, scale * T)
    assert [found.kind for found in plain] == [found.kind for found in scaled]
    for one, other in zip(plain, scaled, strict=True):
        np.testing.assert_allclose([other.alpha * scale**2, other.beta * scale**2], [one.alpha, one.beta], rtol=1e-6)
        assert other.log_evidence + 10 * np.log(scale) == pytest.approx(one.log_evidence, abs=1e-8)


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_t_times_a_constant_scales_both_precisions_over_years_too(scale):
    t = np.sin(YEARS) + 0.3 * (YEARS - 2000)
    plain, scaled = rests(Polynomial(3), YEARS, t), rests(Polynomial(3), YEARS, scale * t)
    assert [found.kind for found in plain] == [found.kind for found in scaled] == ["maximum", "no function"]
    for one, other in zip(plain, scaled, strict=True):
        np.testing.assert_allclose([other.alpha * scale**2, other.beta * scale**2], [one.alpha, one.beta], rtol=1e-9)
        assert other.log_evidence + 20 * np.log(scale) == pytest.approx(one.log_evidence, abs=1e-9)


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1e6, 1e12])
def test_x_times_a_constant_changes_nothing_if_the_basis_is_scaled_as_well(scale):
    plain = rests(GaussianBumps(), X, T)
    scaled = rests(GaussianBumps(width=0.1 * scale, low=0.0, high=scale), scale * X, T)
    for one, other in zip(plain, scaled, strict=True):
        np.testing.assert_allclose([other.alpha, other.beta], [one.alpha, one.beta], rtol=1e-6)
        assert other.log_evidence == pytest.approx(one.log_evidence, abs=1e-8)


@pytest.mark.parametrize("scale", [1e-6, 1e3, 1e9])
def test_features_times_a_constant_scale_alpha(scale):
    plain = Spectrum.of(Observations(X, T), Polynomial(3))
    scaled = replace(plain, s=plain.s * scale)
    for one, other in zip(plain.starts(), scaled.starts(), strict=True):
        found, same = plain.climb(*one), scaled.climb(*other)
        np.testing.assert_allclose([same.alpha / scale**2, same.beta], [found.alpha, found.beta], rtol=1e-6)


def test_two_points_in_millions_do_not_prefer_no_function():
    """α = 10⁻¹², β → ∞: −30.4689 nats; weights of zero: −32.34 nats."""
    best = rests(Polynomial(1), *MILLIONS)[0]
    assert (best.kind, best.beta) == ("no noise", np.inf)
    assert best.alpha == pytest.approx(1e-12)
    assert best.log_evidence == pytest.approx(-30.468898182337895, abs=1e-9)
    exact = in_110_digits(1, *MILLIONS, [1e-12], [1e-6, 1e20])[:, 0]
    assert exact[1] == pytest.approx(best.log_evidence, abs=1e-9)
    assert len(rests(Polynomial(1), *TWO_POINTS)) == 1


def test_no_function_is_compared_with_the_maxima_and_named_only_where_it_is_one():
    best = rests(Polynomial(3), X, T)
    assert [found.kind for found in best] == ["no function", "maximum"]
    assert best[0].log_evidence == pytest.approx(-9.7566549997, abs=1e-9)
    assert [found.kind for found in rests(GaussianBumps(), X, T)] == ["maximum"]


@pytest.mark.parametrize(
    ("x", "t", "alpha"),
    [
        (YEARS, 0.1 * YEARS, 200.0),
        (YEARS, 0.1 * (YEARS - 2000), 2 / (200**2 + 0.1**2)),
        (*EXACT_LINE, 2 / 5),
        ([0, 1, 2, 3, 4], [3] * 5, 2 / 9),
        ([0, 1, 2], [0] * 3, np.inf),
    ],
)
def test_observations_that_fewer_weights_explain_have_no_maximum(x, t, alpha):
    (found,) = rests(Polynomial(1), x, t)
    assert (found.kind, found.beta, found.log_evidence) == ("unbounded", np.inf, np.inf)
    assert found.alpha == pytest.approx(alpha)
    assert Spectrum.of(Observations(x, t), Polynomial(1)).climb(2.0, 25.0).kind == "unbounded"


def test_one_observation_leaves_a_ridge_that_is_shown_once():
    (found,) = rests(Polynomial(1), [0.5], [1.0])
    assert found.log_evidence == pytest.approx(-0.5 * (np.log(2 * np.pi) + 1))


@pytest.mark.parametrize("degree", range(10))
def test_every_limit_that_is_named_is_higher_than_what_is_near(degree):
    spectrum = Spectrum.of(Observations(X, T), Polynomial(degree))
    for limit in spectrum.limits():
        far = 1e9 * float(spectrum.s[0] ** 2)
        near = (
            (far * limit.beta, limit.beta)
            if limit.kind == "no function"
            else (limit.alpha, 1e9 * limit.alpha / spectrum.s[-1] ** 2)
        )
        assert limit.log_evidence >= spectrum.log_evidence(*near) - 1e-12
        assert spectrum.log_evidence(*near) == pytest.approx(limit.log_evidence, abs=1e-6)
