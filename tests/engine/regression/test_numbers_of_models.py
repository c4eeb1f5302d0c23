"""Numbers of the models of regression against mpmath and exact fractions, at values of hypothesis."""

from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.gaussian import Gaussian
from engine.regression import GaussianNoise, LinearModel, Observations, Polynomial, StudentTNoise, UnknownNoise
from engine.regression.compare import training_errors
from engine.regression.data.truths import Cubic, Line, Sinc, Sinusoid, Step
from engine.regression.data.units import Units
from engine.regression.model.basis import Fourier, GaussianBumps, Sigmoids
from engine.regression.model.linear_model import Prediction, known_precision
from engine.regression.model.precise_updates import precise_updates
from engine.regression.model.prior import Ellipse
from engine.regression.model.projection import Cells, lagrange
from engine.regression.model.projection import Line as LineOfF
from engine.regression.model.student_t_mixture import Mixture
from engine.regression.model.student_t_noise import Joint
from engine.regression.model.student_t_prediction import RobustPrediction

FEW = settings(max_examples=12)
NEAR = st.floats(-3, 3)
POSITIVE = st.floats(0.05, 20)
SMALL = st.integers(-9, 9)


@pytest.fixture(autouse=True)
def precise():
    with mp.workdps(30):
        yield


def student(z, df):
    """ln St(z | 0, 1, ν)."""
    z, df = mp.mpf(z), mp.mpf(df)
    constant = mp.loggamma((df + 1) / 2) - mp.loggamma(df / 2) - mp.log(df * mp.pi) / 2
    return constant - (df + 1) / 2 * mp.log1p(z * z / df)


def normal(x, mean, variance):
    """ln N(x | m, v)."""
    return -((mp.mpf(x) - mean) ** 2) / (2 * mp.mpf(variance)) - mp.log(2 * mp.pi * mp.mpf(variance)) / 2


@FEW
@given(NEAR, NEAR, st.floats(2.1, 20), st.floats(0.05, 20))
def test_the_log_likelihoods_of_the_three_noises(t, f, one, other):
    exact = {
        GaussianNoise(one): normal(t, f, 1 / mp.mpf(one)),
        StudentTNoise(df=one, scale=other): student((mp.mpf(t) - f) / other, one) - mp.log(other),
        UnknownNoise(one, other): student((mp.mpf(t) - f) * mp.sqrt(mp.mpf(one) / other), 2 * mp.mpf(one))
        + mp.log(mp.mpf(one) / other) / 2,
    }
    for noise, wanted in exact.items():
        assert float(noise.log_likelihood(t, f)) == pytest.approx(float(wanted), rel=1e-9, abs=1e-9), noise


def test_unknown_noise_is_averaged_over_its_precision():
    shape, rate, away = mp.mpf(2), mp.mpf("0.2"), mp.mpf("0.7")
    with mp.workdps(15):
        exact = mp.quad(
            lambda beta: mp.exp(normal(away, 0, 1 / beta) - rate * beta) * rate**shape * beta ** (shape - 1),
            [0, 9, 150],
        )
    assert float(UnknownNoise(2.0, 0.2).log_likelihood(0.7, 0.0)) == pytest.approx(float(mp.log(exact)), rel=1e-9)


def test_only_gaussian_noise_has_a_known_precision():
    assert known_precision(GaussianNoise(7.0)) == 7
    with pytest.raises(TypeError, match="has no known precision"):
        known_precision(StudentTNoise())


@FEW
@given(st.floats(-2, 2), st.floats(0.05, 3), st.integers(1, 4))
def test_the_features_of_each_basis_in_double_and_in_more_digits(x, width, count):
    u = [(mp.mpf(x) - centre) / width for centre in ([mp.mpf("0.5")] if count == 1 else mp.linspace(0, 1, count))]
    waves = [wave(2 * mp.pi * j * x / width) for j in range(1, count + 1) for wave in (mp.sin, mp.cos)]
    exact = {
        Polynomial(count): [mp.mpf(x) ** power for power in range(count + 1)],
        GaussianBumps(count=count, width=width): [1, *(mp.exp(-each * each / 2) for each in u)],
        Sigmoids(count=count, width=width, bias=False): [1 / (1 + mp.exp(-each)) for each in u],
        Fourier(count, width): [1, *waves],
    }
    for basis, wanted in exact.items():
        found = basis.features(x)[0]
        assert basis.size == len(wanted) == len(found)
        np.testing.assert_allclose(found, np.array(wanted, float), rtol=1e-12, atol=2e-13)
        precise = basis.precise_features(x, mp)
        assert all(abs(one - other) < 1e-14 for one, other in zip(precise, wanted, strict=True))


@FEW
@given(st.floats(-2, 2).filter(lambda x: x == 0 or abs(x) > 1e-9), NEAR, st.floats(0.1, 3))
def test_the_true_functions(x, a, b):
    pi_x = mp.pi * mp.mpf(x) / b
    exact = {
        Line(a, b): a + mp.mpf(b) * x,
        Sinusoid(a, b): a * mp.sin(2 * pi_x),
        Cubic(a, b, -a, 0.5): a + mp.mpf(b) * x - a * mp.mpf(x) ** 2 + mp.mpf(x) ** 3 / 2,
        Step(0.25, a, b): a if x < 0.25 else b,
        Sinc(a, b): a * mp.sin(pi_x) / pi_x if x else a,
    }
    for truth, wanted in exact.items():
        assert float(truth.at(np.array([x]))[0]) == pytest.approx(float(wanted), rel=1e-12, abs=1e-12), truth


@FEW
@given(SMALL, SMALL, SMALL, st.integers(1, 9), st.integers(1, 9))
def test_units_there_and_back(value, x_shift, t_shift, x_scale, t_scale):
    units = Units(x_shift / 4, x_scale / 2, t_shift / 4, t_scale / 2)
    assert units.x_of_model(np.array([value]))[0] == pytest.approx(
        float((value - Fraction(x_shift, 4)) / Fraction(x_scale, 2)), rel=1e-14
    )
    model = units.t_of_model(np.array([value]))
    assert model[0] == pytest.approx(float((value - Fraction(t_shift, 4)) / Fraction(t_scale, 2)), rel=1e-14)
    assert units.t_back(model)[0] == pytest.approx(value, abs=1e-13)


@FEW
@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(0.05, 3), st.floats(0.05, 3), st.floats(-0.95, 0.95))
def test_the_handles_of_a_prior_are_its_mean_and_the_ends_of_its_95_percent_ellipse(m0, m1, s0, s1, rho):
    prior = Ellipse(m0, m1, s0, s1, rho)
    handles = prior.handles()
    covariance = mp.matrix([[s0**2, rho * s0 * s1], [rho * s0 * s1, s1**2]])
    for end in handles[1:]:
        away = mp.matrix((end - handles[0]).tolist())
        square = (away.T * covariance**-1 * away)[0]
        assert float(1 - mp.exp(-square / 2)) == pytest.approx(0.95, abs=1e-9)  # of the mass lies inside
    assert handles[0].tolist() == [m0, m1]
    assert float((handles[1] - handles[0]) @ (handles[2] - handles[0])) == pytest.approx(0, abs=1e-9)


@FEW
@given(st.lists(st.tuples(SMALL, SMALL), min_size=1, max_size=6), SMALL, SMALL)
def test_training_errors_are_the_mean_squares_of_the_residuals(points, w0, w1):
    x, t = (np.array(column, float) for column in zip(*points, strict=True))
    statistics = Observations(x, t).statistics(Polynomial(1))
    exact = Fraction(sum((b - w0 - w1 * a) ** 2 for a, b in points), len(points))
    found = training_errors(statistics, np.array([[w0, w1]], float))[0]
    assert found == pytest.approx(float(exact), rel=1e-12, abs=1e-10)


@FEW
@given(st.lists(st.tuples(st.integers(-4, 4), SMALL), min_size=1, max_size=3), st.integers(1, 5), st.integers(1, 25))
def test_surprise_and_information_of_each_observation_by_exact_fractions(points, alpha, beta):
    """In the space of functions: t ~ N(0, β⁻¹I + ΦΦᵀ/α), with determinants and inverses of fractions."""
    x, t = (np.array(column, float) for column in zip(*points, strict=True))
    model = LinearModel(Polynomial(1), float(alpha), GaussianNoise(float(beta)))
    surprise, gain = precise_updates(model.prior, model.basis, x, t, float(beta))
    before = (mp.mpf(0), mp.mpf(0))
    for n in range(1, len(points) + 1):
        rows = [
            [mp.mpf(i == j) / beta + mp.mpf(1 + a * c) / alpha for j, (c, _) in enumerate(points[:n])]
            for i, (a, _) in enumerate(points[:n])
        ]
        cov, values = mp.matrix(rows), mp.matrix([b for _, b in points[:n]])
        quadratic, log_det = (values.T * cov**-1 * values)[0], mp.log(mp.det(cov))
        total = -(quadratic + log_det + n * mp.log(2 * mp.pi)) / 2
        informed = (log_det + n * mp.log(beta)) / 2
        assert surprise[n - 1] == pytest.approx(float(before[0] - total), rel=1e-12, abs=1e-12)
        assert gain[n - 1] == pytest.approx(float(informed - before[1]), rel=1e-12, abs=1e-12)
        before = total, informed


@FEW
@given(st.fractions(-2, 9, max_denominator=8), st.integers(2, 8))
def test_the_polynomials_of_lagrange(x, order):
    exact = []
    for i in range(order):
        product = Fraction(1)
        for j in set(range(order)) - {i}:
            product *= (x - j) / (i - j)
        exact.append(float(product))
    found = [float(each) for each in lagrange(np.array(float(x)), order)]
    size = max(map(abs, exact))
    assert found == pytest.approx(exact, abs=1e-10 * size)


@FEW
@given(NEAR, st.floats(2.1, 30), st.floats(0.3, 2))
def test_the_density_under_cells_of_f_is_the_sum_over_them(t, df, scale):
    f, shares = np.linspace(-1, 1, 9), np.arange(1.0, 10.0) / 45
    exact = mp.log(mp.fsum(n * mp.exp(student((t - c) / scale, df)) / (45 * scale) for n, c in enumerate(f, 1)))
    cells = Cells(f, shares)
    assert cells.log_density(np.array([t]), df, scale)[0] == pytest.approx(float(exact), abs=1e-12)
    many = cells.log_density(np.append(np.linspace(-3, 3, 30), t), df, scale)
    assert many[-1] == pytest.approx(float(exact), abs=1e-6)  # by interpolation


@FEW
@given(st.floats(-2, 2), st.floats(2.1, 30), st.floats(0.01, 2), st.floats(0.2, 1))
def test_the_density_under_a_gaussian_f_and_noise_of_any_width(t, df, scale, width):
    """By the scale mixture and by the line of p(f), against a sum over a dense grid that is fine near t."""
    dense = np.union1d(np.linspace(-9 * width, 9 * width, 40_001), t + scale * np.sinh(np.linspace(-9, 9, 40_001)))
    dense = dense[np.abs(dense) <= 9 * width]
    at_0 = float(student(0, df))
    logs = -0.5 * (dense / width) ** 2 - (df + 1) / 2 * np.log1p(((t - dense) / scale) ** 2 / df)
    area = float(np.trapezoid(np.exp(logs), dense))
    exact = np.log(area) + at_0 - np.log(scale * width) - 0.5 * np.log(2 * np.pi)
    prediction = RobustPrediction(*np.array([[0.0], [width**2], [0.0]]), StudentTNoise(df=df, scale=scale))
    assert prediction.log_density(np.array([t]))[0] == pytest.approx(exact, abs=2e-6)
    places = np.linspace(-12, 12, 481)
    f = width * 8 * np.sinh(places / 8)
    log_p = -0.5 * (f / width) ** 2 - np.log(width) - 0.5 * np.log(2 * np.pi)
    assert LineOfF(places, log_p, 0.0, width).log_density(np.array([t]), df, scale)[0] == pytest.approx(exact, abs=2e-6)


@FEW
@given(NEAR, NEAR, POSITIVE, POSITIVE)
def test_the_log_density_and_the_information_of_a_gaussian_prediction(t, mean, epistemic, noise):
    found = Prediction(*np.array([[mean], [epistemic], [noise]]))
    assert found.variance[0] == pytest.approx(epistemic + noise, rel=1e-15)
    exact = normal(t, mean, mp.mpf(epistemic) + mp.mpf(noise))
    assert found.log_density(t)[0] == pytest.approx(float(exact), rel=1e-13, abs=1e-13)


@FEW
@given(st.lists(SMALL, min_size=6, max_size=6), st.lists(st.integers(1, 9), min_size=3, max_size=3))
def test_a_mixture_of_gaussians_gives_the_moments_of_f(numbers, sizes):
    """One direction of two weights is determined by the data, the other keeps its prior N(0, 1/4)."""
    shares = [Fraction(size, sum(sizes)) for size in sizes]
    means, variances = [Fraction(n, 4) for n in numbers[:3]], [Fraction(n * n + 1, 8) for n in numbers[3:]]
    a, b = Fraction(3, 5), Fraction(4, 5)  # the direction of the whitened weights
    mixture = Mixture(
        np.array(shares, float), np.array(means, float)[:, None], np.array(variances, float)[:, None, None],
        np.arange(3), np.array([[a, b]], float), Gaussian(2 * np.eye(2), np.zeros(2)),
    )  # fmt: skip
    features = np.array([[1.0, 2.0], [-3.0, 0.5]])
    each_mean, each_variance = mixture.of_f(features)
    mean, variance = mixture.moments(features)
    for n, row in enumerate(features.tolist()):
        u, v = (Fraction(value) / 2 for value in row)  # of the whitened weights z = 2 w
        along = a * u + b * v
        rest = u * u + v * v - along * along
        in_each = [along * m for m in means], [along * along * s + rest for s in variances]
        assert each_mean[:, n] == pytest.approx(list(map(float, in_each[0])), abs=1e-12)
        assert each_variance[:, n] == pytest.approx(list(map(float, in_each[1])), abs=1e-12)
        centre = sum(p * m for p, m in zip(shares, in_each[0], strict=True))
        square = sum(p * (s + (m - centre) ** 2) for p, m, s in zip(shares, *in_each, strict=True))
        assert (mean[n], variance[n]) == pytest.approx((float(centre), float(square)), abs=1e-12)


@FEW
@given(st.lists(st.tuples(NEAR, NEAR), min_size=1, max_size=4), NEAR, NEAR, st.floats(2.1, 30), st.floats(0.1, 2))
def test_the_joint_density_under_student_t_noise_and_its_whitened_form(points, w0, w1, df, scale):
    x, t = (np.array(column) for column in zip(*points, strict=True))
    model = LinearModel(Polynomial(1), 2.0, StudentTNoise(df=df, scale=scale))
    joint = Joint(model, Observations(x, t))
    w = np.array([w0, w1])
    prior = sum(normal(value, 0, mp.mpf(1) / 2) for value in w.tolist())
    fit = sum(student((b - w0 - mp.mpf(w1) * a) / scale, df) - mp.log(scale) for a, b in points)
    assert float(joint.log_density(w)) == pytest.approx(float(prior + fit), rel=1e-11, abs=1e-11)
    target, directions = joint.whitened()
    z = directions @ (np.sqrt(2.0) * w)
    constant = sum(student(0, df) for _ in points)  # of Student's t, which the target leaves out
    expected = fit + len(points) * mp.log(scale) - constant + sum(normal(value, 0, 1) for value in z.tolist())
    assert target.log_density(z[None])[0] == pytest.approx(float(expected), rel=1e-9, abs=1e-9)
