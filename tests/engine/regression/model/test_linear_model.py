"""Bayesian linear regression, compared with exact fractions, mpmath and scikit-learn, and its laws."""

from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import DotProduct
from sklearn.linear_model import BayesianRidge

from engine.plane import Viewport
from engine.regression import BASES, GaussianBumps, GaussianNoise, LinearModel, Polynomial, StudentTNoise

LINE = LinearModel(basis=Polynomial(degree=1), prior_precision=2.0, noise=GaussianNoise(precision=25.0))
X, T = [0.9, -0.6, 0.2], [0.15, -0.6, -0.2]
MEANS = [
    (Fraction(5, 63), Fraction(1, 14)),
    (Fraction(-711, 2510), Fraction(5823, 12550)),
    (Fraction(-205, 716), Fraction(83, 179)),
]
COVARIANCES = [
    (Fraction(89, 378), Fraction(-5, 21), Fraction(2, 7)),
    (Fraction(5, 251), Fraction(-6, 1255), Fraction(208, 6275)),
    (Fraction(129, 9308), Fraction(-25, 4654), Fraction(77, 2327)),
]
BEFORE = [
    (Fraction(0), Fraction(189, 200)),
    (Fraction(23, 630), Fraction(251, 378)),
    (Fraction(-5976, 31375), Fraction(9308, 156875)),
]
SURPRISES = [-0.902558119365, -1.019285254610, 0.492583680405]
EVIDENCES = [-0.902558119365, -1.921843373975, -1.429259693571]
NATS = [1.581152736690, 1.404717284190, 0.197150380211]

TEN_X = np.arange(10) / 9
TEN_T = np.array(
    [0.349486, 0.830839, 1.007332, 0.971507, 0.133066, 0.166823, -0.848307, -0.445686, -0.563567, 0.261502]
)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_lectures_line_in_exact_fractions(n):
    before, after = LINE.condition(X[: n - 1], T[: n - 1]), LINE.condition(X[:n], T[:n])
    mean, (s00, s01, s11) = MEANS[n - 1], COVARIANCES[n - 1]
    np.testing.assert_allclose(after.weights.mean, [float(m) for m in mean], rtol=1e-13)
    np.testing.assert_allclose(after.weights.covariance.ravel(), [float(s) for s in (s00, s01, s01, s11)], rtol=1e-12)
    there = before.predict([X[n - 1]])
    np.testing.assert_allclose(there.mean, float(BEFORE[n - 1][0]), atol=1e-14)
    np.testing.assert_allclose(there.variance, float(BEFORE[n - 1][1]), rtol=1e-13)
    assert after.log_evidence - before.log_evidence == pytest.approx(SURPRISES[n - 1], abs=1e-12)
    assert after.log_evidence == pytest.approx(EVIDENCES[n - 1], abs=1e-12)
    gained = 0.5 * np.log1p(25 * there.epistemic_variance[0])
    assert gained == pytest.approx(NATS[n - 1], abs=1e-12)


def test_epistemic_and_noise_variance_are_kept_apart():
    there = LINE.condition(X, T).predict([0.0, 5.0])
    np.testing.assert_allclose(there.noise_variance, 1 / 25)
    assert there.epistemic_variance[1] > 10 * there.epistemic_variance[0]
    np.testing.assert_allclose(there.variance, there.epistemic_variance + there.noise_variance)


@pytest.mark.parametrize(
    ("degree", "exact"),
    list(enumerate([-23.102677, -17.884195, -20.308795, -13.934107, -13.712931])),
)
def test_evidence_of_polynomials_on_bishops_ten_points(degree, exact):
    model = LinearModel(Polynomial(degree), 0.005, GaussianNoise(11.1))
    assert model.condition(TEN_X, TEN_T).log_evidence == pytest.approx(exact, abs=1e-6)


def test_least_squares_is_the_flat_limit():
    fitted = LinearModel(Polynomial(3), 1e-9, GaussianNoise(1e4)).condition(TEN_X, TEN_T).weights.mean
    np.testing.assert_allclose(fitted, [0.31, 7.99, -25.43, 17.37], atol=0.005)


def exact_posterior(phi, t, alpha, beta):
    """Return m_N, S_N and the log evidence with 50 digits, from PRML 3.53, 3.54 and 3.86."""
    n, k = phi.shape
    features, target = mp.matrix(phi.tolist()), mp.matrix(t.tolist())
    precision = mp.mpf(alpha) * mp.eye(k) + mp.mpf(beta) * features.T * features
    covariance = precision**-1
    mean = mp.mpf(beta) * covariance * features.T * target
    misfit = target - features * mean
    energy = (mp.mpf(beta) * (misfit.T * misfit)[0] + mp.mpf(alpha) * (mean.T * mean)[0]) / 2
    evidence = (k * mp.log(alpha) + n * mp.log(beta) - mp.log(mp.det(precision)) - n * mp.log(2 * mp.pi)) / 2 - energy
    return mean, covariance, evidence, mp.mnorm(precision, 1) * mp.mnorm(covariance, 1)


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 12),
    st.integers(0, 4),
    st.floats(-9, 9),
    st.floats(-9, 9),
)
def test_against_mpmath_at_50_digits(seed, n, degree, log_alpha, log_beta):
    rng = np.random.default_rng(seed)
    x, t = rng.uniform(-1, 1, n), rng.standard_normal(n)
    alpha, beta = 10.0**log_alpha, 10.0**log_beta
    model = LinearModel(Polynomial(degree), alpha, GaussianNoise(beta))
    found = model.condition(x, t)
    assert np.all(np.isfinite(found.weights.covariance))
    with mp.workdps(50):
        mean, covariance, evidence, condition = exact_posterior(model.basis.features(x), t, alpha, beta)
        # Rotations use the square root, so the error grows with the root of the condition number.
        tolerance = 1e-9 if condition <= 1e6 else 1e-9 * mp.sqrt(condition / 1e6)
        assert error(found.weights.mean, mean) <= tolerance
        assert error(found.weights.covariance, covariance) <= tolerance
        assert abs(found.log_evidence - evidence) <= tolerance * (1 + abs(evidence))


def error(found, exact):
    """Return the error of a vector or a matrix, relative to its largest entry."""
    found = np.atleast_2d(found.T).T
    largest = max(abs(v) for v in exact)
    entries = ((mp.mpf(float(found[i, j])), exact[i, j]) for i in range(exact.rows) for j in range(exact.cols))
    return max(abs(a - b) for a, b in entries) / largest if largest else 0


def test_against_bayesian_ridge_with_fixed_hyperparameters():
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, 30)
    t = np.sin(3 * x) + 0.1 * rng.standard_normal(30)
    model = LinearModel(Polynomial(5), 0.7, GaussianNoise(13.0))
    # scikit-learn's alpha_ is Bishop's β, and its lambda_ is α.
    ridge = BayesianRidge(max_iter=1, alpha_init=13.0, lambda_init=0.7, fit_intercept=False)
    phi = model.basis.features(x)
    solved = ridge._update_coef_(phi, t, *phi.shape, phi.T @ t, *_decomposed(phi), 13.0, 0.7)[0]
    np.testing.assert_allclose(model.condition(x, t).weights.mean, solved, rtol=1e-9)


def _decomposed(phi):
    u, s, vh = np.linalg.svd(phi, full_matrices=False)
    return u, vh, s**2


def test_against_a_gaussian_process_with_the_same_kernel():
    rng = np.random.default_rng(1)
    x, t, alpha, beta = rng.uniform(-1, 1, 15), rng.standard_normal(15), 2.0, 25.0
    kernel = DotProduct(sigma_0=1.0, sigma_0_bounds="fixed")  # 1 + x x′
    process = GaussianProcessRegressor(kernel * (1 / alpha), alpha=1 / beta, optimizer=None).fit(x[:, None], t)
    found = LinearModel(Polynomial(1), alpha, GaussianNoise(beta)).condition(x, t)
    at = np.linspace(-2, 2, 7)
    mean, deviation = process.predict(at[:, None], return_std=True)
    np.testing.assert_allclose(found.predict(at).mean, mean, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(found.predict(at).epistemic_variance, deviation**2, rtol=1e-6)
    assert found.log_evidence == pytest.approx(process.log_marginal_likelihood_value_, rel=1e-9)


# Laws of every registered basis


every_basis = pytest.mark.parametrize("basis", [kind() for kind in BASES], ids=lambda basis: type(basis).__name__)


@pytest.mark.slow
@every_basis
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 20))
def test_order_does_not_matter(basis, seed, n):
    model, (x, t) = LinearModel(basis), drawn(seed, n)
    order = np.random.default_rng(seed).permutation(n)
    one, other = model.condition(x, t), model.condition(x[order], t[order])
    np.testing.assert_allclose(one.weights.mean, other.weights.mean, atol=1e-10)
    assert one.log_evidence == pytest.approx(other.log_evidence, abs=1e-9)


@pytest.mark.slow
@every_basis
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 20))
def test_one_by_one_is_all_at_once(basis, seed, n):
    model, (x, t) = LinearModel(basis), drawn(seed, n)
    posterior = model.condition([], [])
    for x_n, t_n in zip(x, t, strict=True):
        posterior = posterior.update(x_n, t_n)
    batch = model.condition(x, t)
    np.testing.assert_allclose(posterior.weights.mean, batch.weights.mean, atol=1e-10)
    np.testing.assert_allclose(posterior.weights.covariance, batch.weights.covariance, atol=1e-10)
    assert posterior.log_evidence == pytest.approx(batch.log_evidence, abs=1e-9)


@pytest.mark.slow
@every_basis
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 20))
def test_an_observation_never_raises_a_variance(basis, seed, n):
    x, t = drawn(seed, n)
    posterior = LinearModel(basis).condition([], [])
    for x_n, t_n in zip(x, t, strict=True):
        after = posterior.update(x_n, t_n)
        assert np.all(np.diag(after.weights.covariance) <= np.diag(posterior.weights.covariance) * (1 + 1e-12))
        posterior = after


@pytest.mark.slow
@every_basis
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 10))
def test_posterior_is_prior_times_likelihood(basis, seed, n):
    model, (x, t) = LinearModel(basis), drawn(seed, n)
    product = model.prior * model.likelihood(x, t)
    np.testing.assert_allclose(product.mean, model.condition(x, t).weights.mean, atol=1e-10)
    np.testing.assert_allclose(product.covariance, model.condition(x, t).weights.covariance, atol=1e-10)


@pytest.mark.slow
@every_basis
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 10))
def test_evidence_is_the_product_of_predictive_densities(basis, seed, n):
    x, t = drawn(seed, n)
    posterior, total = LinearModel(basis).condition([], []), 0.0
    for x_n, t_n in zip(x, t, strict=True):
        there = posterior.predict([x_n])
        total -= 0.5 * float(np.log(2 * np.pi * there.variance[0]) + (t_n - there.mean[0]) ** 2 / there.variance[0])
        posterior = posterior.update(x_n, t_n)
    assert posterior.log_evidence == pytest.approx(total, abs=1e-8)


def drawn(seed, n):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, n), rng.standard_normal(n)


@pytest.mark.parametrize("alpha", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("beta", [1e-9, 1.0, 1e9])
def test_at_the_extremes_of_the_precisions_the_prediction_is_right(alpha, beta):
    model = LinearModel(Polynomial(3), alpha, GaussianNoise(beta))
    there = model.condition([0.9], [0.15]).predict([0.9])
    with mp.workdps(60):
        phi = mp.matrix(model.basis.features([0.9]).tolist())
        precision = mp.mpf(alpha) * mp.eye(4) + mp.mpf(beta) * phi.T * phi
        variance = (phi * precision**-1 * phi.T)[0]
        assert abs(there.epistemic_variance[0] / variance - 1) < 1e-6
        assert abs(there.mean[0] - mp.mpf(beta) * variance * 0.15) < 1e-9


def test_numbers_outside_the_declared_range_make_no_model():
    with pytest.raises(ValueError, match="Prior precision α must be a number from 10⁻⁴⁰ to 10⁴⁰, not −1"):
        LinearModel(prior_precision=-1.0)
    with pytest.raises(ValueError, match="not-a-number"):
        GaussianNoise(precision=float("nan"))


def test_the_lectures_nine_bumps_on_bishops_ten_points():
    model = LinearModel(GaussianBumps(), 2.0, GaussianNoise(25.0))
    found = model.condition(TEN_X, TEN_T)
    assert found.log_evidence == pytest.approx(-9.974166746674, abs=1e-11)
    there = found.predict([0.25, 3.0])
    np.testing.assert_allclose(there.mean, [1.050768309514, 0.195450618253], rtol=1e-11)
    np.testing.assert_allclose(np.sqrt(there.variance), [0.262318027790, 0.415946384109], rtol=1e-11)
    np.testing.assert_allclose(np.sqrt(there.epistemic_variance), [0.169737290256, 0.364707272280], rtol=1e-11)
    misfit = TEN_T - found.predict(TEN_X).mean
    assert np.mean(misfit**2) == pytest.approx(0.034728460512, abs=1e-12)


def test_without_the_bias_nothing_is_known_far_away_but_the_noise():
    found = LinearModel(GaussianBumps(bias=False), 2.0, GaussianNoise(25.0)).condition(TEN_X, TEN_T)
    assert found.log_evidence == pytest.approx(-9.455680365514, abs=1e-11)
    np.testing.assert_allclose(np.sqrt(found.predict([3.0]).variance), 0.2, rtol=1e-12)


def exact_given(features, t, alpha, beta, keep, at):
    """Row, offset and variance of f at the features `at`, given the weights in `keep`, in exact fractions."""
    k = len(at)
    rows = [[Fraction(value) for value in row] for row in features.tolist()]
    precision = [[beta * sum(row[i] * row[j] for row in rows) + (i == j) * alpha for j in range(k)] for i in range(k)]
    shift = [beta * sum(row[i] * Fraction(value) for row, value in zip(rows, t, strict=True)) for i in range(k)]
    rest = [i for i in range(k) if i not in keep]
    at = [Fraction(value) for value in at]
    system = [[precision[i][j] for j in rest] + [at[i]] for i in rest]
    for i, pivot in enumerate(system):  # Gauss–Jordan elimination
        system[i] = pivot = [value / pivot[i] for value in pivot]
        for j, other in enumerate(system):
            if j != i:
                system[j] = [b - other[i] * a for a, b in zip(pivot, other, strict=True)]
    pull = [row[-1] for row in system]
    row = [float(at[i] - sum(p * precision[j][i] for p, j in zip(pull, rest, strict=True))) for i in keep]
    offset = float(sum(p * shift[j] for p, j in zip(pull, rest, strict=True)))
    return row, offset, float(sum(p * at[j] for p, j in zip(pull, rest, strict=True)))


@pytest.mark.parametrize("keep", [(0, 1), (1, 3), (2, 3)])
@pytest.mark.parametrize("start", [0.0, 2000.0], ids=["near 0", "years"])
def test_a_function_value_given_two_weights_is_that_of_exact_fractions(keep, start):
    x, t = start + np.array([0.25, 1.5, 2.0, 3.75]), np.array([0.5, -1.0, 0.25, 0.75])
    model = LinearModel(Polynomial(3), 2.0, GaussianNoise(25.0))
    at = model.basis.features([start + 1.0])[0]
    row, offset, variance = exact_given(model.basis.features(x), t, 2, 25, keep, at)
    found = model.condition(x, t).given(keep, at)
    scale = np.abs(at[list(keep)]).max()  # the features given the other weights are differences of these numbers
    np.testing.assert_allclose(found[0], row, rtol=1e-6, atol=1e-9 * scale)
    assert found[1] == pytest.approx(offset, rel=1e-5)
    assert found[2] == pytest.approx(variance, rel=1e-5)


@pytest.mark.parametrize("noise", [GaussianNoise(25.0), StudentTNoise(210.0, 1e-4)], ids=str)
def test_powers_beyond_all_digits_give_a_likelihood_and_no_error(noise):
    """The covariance of two of these weights is singular in double precision."""
    x, t = 1e9 + np.array([-0.67, -0.34, 0.28, -0.54, -0.83]), 1e-9 * np.array([-1.1, -1.6, -0.4, 0.8, 0.3])
    posterior = LinearModel(Polynomial(15), 1e9, noise).condition(x, t)
    view = Viewport(-1, 1, -1, 1, 8, 8)
    logs = posterior.log_likelihood_over((0, 15), x[0], t[0], view, np.empty((2, 8, 8), np.float32))
    assert np.isfinite(logs).all()
