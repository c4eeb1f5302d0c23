"""Numbers of predictions and proposals against mpmath and exact fractions, at values of hypothesis."""

from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.gaussian import Gaussian
from engine.regression import GaussianNoise, LinearModel, Polynomial, StudentTNoise
from engine.regression.coverage import Coverage
from engine.regression.model.importance import Proposal, Proposals
from engine.regression.model.projection import Cells
from engine.regression.model.student_t_mixture import Mixture, MixturePrediction
from engine.regression.model.student_t_prediction import AveragedPrediction, GridPrediction

FEW = settings(max_examples=10)
NEAR = st.floats(-3, 3)
DF, SCALE = 4.0, 0.5


@pytest.fixture(autouse=True)
def precise():
    with mp.workdps(20):
        yield


def student(away):
    """The density of Student's t with DF degrees of freedom and SCALE."""
    z, df = mp.mpf(away) / SCALE, mp.mpf(DF)
    constant = mp.gamma((df + 1) / 2) / mp.gamma(df / 2) / mp.sqrt(df * mp.pi) / SCALE
    return constant * (1 + z * z / df) ** (-(df + 1) / 2)


@FEW
@given(st.lists(NEAR, min_size=2, max_size=2), st.floats(0.1, 3), NEAR, st.floats(0.1, 3))
def test_the_gaussian_of_a_proposal_has_its_centre_and_scale_matrix(z, a, b, c):
    """ln N(z | m, LLᵀ) by the inverse and the determinant of mpmath."""
    centre, root = [0.5, -1.0], mp.matrix([[a, 0], [b, c]])
    covariance, away = root * root.T, mp.matrix(z) - mp.matrix(centre)
    square = (away.T * mp.inverse(covariance) * away)[0]
    exact = float(-square / 2 - mp.log(mp.det(covariance)) / 2 - mp.log(2 * mp.pi))
    proposal = Proposal(np.array(centre), np.array([[a, 0.0], [b, c]]), 7.0)
    assert proposal.log_gaussian(np.array([z])) == pytest.approx([exact], rel=1e-9, abs=1e-9)
    other = Proposal(np.zeros(2), np.eye(2), 7.0)
    both = Proposals((proposal, other), np.array([0.3, 0.7])).log_gaussians(np.array([z]))
    standard = float(-(mp.mpf(z[0]) ** 2 + mp.mpf(z[1]) ** 2) / 2 - mp.log(2 * mp.pi))
    assert both == pytest.approx(np.array([[exact], [standard]]), rel=1e-9, abs=1e-9)  # without the weights


@FEW
@given(st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=1, max_size=4))
def test_each_row_of_the_evidence_by_exact_updates(points):
    """Each observation by Bayes' rule in fractions: −ln N(t | m φ, φᵀSφ + 1/β) and ½ ln(1 + β φᵀSφ)."""
    alpha, beta = Fraction(2), Fraction(25)
    s, m = [[1 / alpha, Fraction(0)], [Fraction(0), 1 / alpha]], [Fraction(0), Fraction(0)]
    losses, gains = [], []
    for x, t in points:
        phi = [Fraction(1), Fraction(x, 2)]
        along = [sum(s[i][j] * phi[j] for j in (0, 1)) for i in (0, 1)]
        f, v = sum(a * b for a, b in zip(m, phi, strict=True)), sum(a * b for a, b in zip(along, phi, strict=True))
        away, whole = Fraction(t, 2) - f, v + 1 / beta
        losses.append(float(mp.log(2 * mp.pi * float(whole)) / 2) + float(away**2 / (2 * whole)))
        gains.append(float(mp.log1p(float(beta * v)) / 2))
        m = [a + b * away / whole for a, b in zip(m, along, strict=True)]
        s = [[s[i][j] - along[i] * along[j] / whole for j in (0, 1)] for i in (0, 1)]
    x, t = (np.array(column, float) / 2 for column in zip(*points, strict=True))
    posterior = LinearModel(Polynomial(1), float(alpha), GaussianNoise(float(beta))).condition(x, t)
    found, gained = posterior.precise_rows
    assert found == pytest.approx(losses, rel=1e-11)
    assert gained == pytest.approx(gains, rel=1e-11)
    assert posterior.log_evidence == pytest.approx(-sum(losses), rel=1e-11)


def mixture_of(means, variances, shares, parents):
    """f = w in one dimension from a mixture, with a prior N(0, 1)."""
    columns = np.array(means, float)[:, None], np.array(variances, float)[:, None, None]
    prior = Gaussian.from_moments(np.zeros(1), np.eye(1))
    return Mixture(np.array(shares, float), *columns, np.array(parents), np.eye(1), prior)


def test_the_errors_of_the_moments_are_those_of_the_batches_of_draws():
    """The influence of a draw on the mean is (m − E f)/σ, and on σ it is (v/σ² + (m − E f)²/σ² − 1)/2."""
    rng = np.random.default_rng(0)
    n, batches = 160, 16
    means, variances = rng.integers(-9, 9, n) / 8, rng.integers(1, 9, n) / 8
    weights = rng.integers(1, 9, n)
    parents = np.arange(n)
    shares = [Fraction(int(w), int(weights.sum())) for w in weights]
    exact_means, exact_variances = [list(map(Fraction, column.tolist())) for column in (means, variances)]
    mean = sum(p * m for p, m in zip(shares, exact_means, strict=True))
    variance = sum(p * (v + (m - mean) ** 2) for p, m, v in zip(shares, exact_means, exact_variances, strict=True))
    errors = []
    for influence in (
        [m - mean for m in exact_means],
        [
            (v / variance + (m - mean) ** 2 / variance - 1) / 2
            for m, v in zip(exact_means, exact_variances, strict=True)
        ],
    ):
        parts = [sum(shares[i] * influence[i] for i in range(n) if i % batches == b) for b in range(batches)]
        errors.append(float(sum(part**2 for part in parts)) * batches / (batches - 1))
    errors[0] /= float(variance)
    found = mixture_of(means, variances, list(map(float, shares)), parents).moments_error(np.ones((1, 1)))
    assert found == pytest.approx([max(errors) ** 0.5], rel=1e-10)


def cells_of(f, shares):
    return Cells(np.array(f, float), np.array(shares, float))


GRID = np.arange(-40, 41) / 20.0
MASS = np.exp(-0.5 * (GRID - 0.3) ** 2 / 0.16) + 0.5 * np.exp(-0.5 * (GRID + 0.9) ** 2 / 0.04)
MASS /= MASS.sum()


def on_grid(t):
    """p(t) as a sum over the cells of f, by mpmath."""
    return mp.fsum(mp.mpf(p) * student(t - f) for f, p in zip(GRID.tolist(), MASS.tolist(), strict=True))


def grid_prediction():
    mean = np.array([GRID @ MASS])
    variance = np.array([GRID**2 @ MASS]) - mean**2
    noise = StudentTNoise(DF, SCALE)
    nothing = {"line": None, "within": None, "sampled": None, "narrow": np.array([False])}
    return GridPrediction(
        mean=mean,
        epistemic_variance=variance,
        noise_variance=SCALE**2 * DF / (DF - 2),
        noise=noise,
        cells=lambda _: cells_of(GRID, MASS),
        **nothing,
    )


def test_the_density_at_an_x_is_the_sum_over_the_cells_of_f():
    t = np.array([-3.0, -0.9, 0.2, 1.7, 8.0])
    exact = [float(mp.log(on_grid(each))) for each in t.tolist()]
    assert grid_prediction().log_density_at(0, t) == pytest.approx(exact, abs=2e-4)


def test_the_density_at_an_x_is_the_sum_over_the_gaussians_of_f():
    """1024 Gaussians, as a sum over a dense grid of f: the merging of similar ones changes little."""
    n = 1024
    means, variances = 0.5 * np.sin(np.arange(n)), np.full(n, 0.09)
    mixture = mixture_of(means, variances, np.full(n, 1 / n), np.arange(n))
    mean, variance = mixture.moments(np.ones((1, 1)))
    prediction = MixturePrediction(
        mean=mean,
        epistemic_variance=variance,
        noise_variance=SCALE**2 * DF / (DF - 2),
        noise=StudentTNoise(DF, SCALE),
        mixture=mixture,
        features=np.ones((1, 1)),
    )
    f = np.linspace(-2, 2, 401)
    heights = np.mean(np.exp(-0.5 * (f[:, None] - means) ** 2 / 0.09), axis=1) / np.sqrt(2 * np.pi * 0.09) * 0.01
    for t in (-1.5, 0.1, 2.5):
        exact = mp.log(mp.fsum(mp.mpf(p) * student(t - g) for g, p in zip(f.tolist(), heights.tolist(), strict=True)))
        assert prediction.log_density_at(0, np.array([t])) == pytest.approx([float(exact)], abs=2e-3)


def test_a_prediction_without_a_distribution_has_no_density():
    numbers = dict.fromkeys(("mean", "epistemic_variance"), np.ones(1))
    prediction = AveragedPrediction(**numbers, noise_variance=1.0, noise=StudentTNoise(DF, SCALE))
    with pytest.raises(NotImplementedError):
        prediction.log_density_at(0, np.ones(1))


def test_the_information_gain_by_steps_is_the_difference_of_two_entropies():
    """H(t) − H(t | f), both by the trapezoid rule over a dense grid of t = sinh(y)."""
    y = np.linspace(-11, 11, 4001)
    t, dt = np.sinh(y), np.cosh(y) * (y[1] - y[0])

    def entropy(density):
        return -np.sum(density * np.log(density) * dt)

    def noise(away):
        return float(student(0)) * (1 + (away / SCALE) ** 2 / DF) ** (-(DF + 1) / 2)

    exact = entropy(noise(t[:, None] - GRID) @ MASS) - entropy(noise(t))
    steps, yields = grid_prediction().information_gain_by_steps(), 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found = end.value
            break
        yields += 1
    assert yields == 1  # one for each x
    assert found == pytest.approx([float(exact)], abs=2e-3)


@FEW
@given(*[st.integers(1, 99)] * 3)
def test_a_coverage_is_off_by_standard_errors(counted, expected, error):
    rows = [np.array([value / 128]) for value in (counted, expected, error)]
    found = Coverage(*[None] * 7, *rows).off(0)
    assert found == pytest.approx(float(Fraction(counted - expected, error)), rel=1e-14)
