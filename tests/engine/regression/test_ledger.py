"""The ledger, compared with the numbers of the lecture and with updates one by one, and in any order."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.derived import ANYWHERE, resolve
from engine.regression import BASES, GaussianNoise, LinearModel, Observations, Polynomial, StudentTNoise
from engine.regression.document import Regression
from engine.regression.ledger import MOST, entry, ledger, ledger_of
from engine.regression.model.precise_updates import precise_updates
from engine.regression.model.prior import Ellipse

X, T = np.array([0.9, -0.6, 0.2]), np.array([0.15, -0.6, -0.2])
every_basis = pytest.mark.parametrize("basis", [kind() for kind in BASES], ids=lambda basis: type(basis).__name__)


def prior(model):
    return model.condition([], [])


def test_the_three_points_of_the_lecture():
    rows = ledger_of(prior(LinearModel()), X, T)
    np.testing.assert_allclose(rows.surprise, [0.902558119365, 1.019285254610, -0.492583680405], atol=1e-11)
    np.testing.assert_allclose(rows.gained, [1.581152736690, 1.404717284190, 0.197150380211], atol=1e-11)
    np.testing.assert_allclose(rows.evidence, [-0.902558119365, -1.921843373975, -1.429259693571], atol=1e-11)


@pytest.mark.slow
@every_basis
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(0, 12), log_alpha=st.floats(-9, 9), log_beta=st.floats(-9, 9))
def test_the_ledger_agrees_with_updates_one_by_one(basis, seed, n, log_alpha, log_beta):
    model = LinearModel(basis, 10.0**log_alpha, GaussianNoise(10.0**log_beta))
    rng = np.random.default_rng(seed)
    x, t = rng.uniform(-1, 1, n), rng.standard_normal(n)
    rows, posterior = ledger_of(prior(model), x, t), prior(model)
    for i in range(n):
        prediction = posterior.predict(x[i : i + 1])
        deviation = np.sqrt(prediction.variance[0])
        residual = (t[i] - prediction.mean[0]) / deviation
        surprise = 0.5 * np.log(2 * np.pi) + np.log(deviation) + 0.5 * residual**2
        assert rows.surprise[i] == pytest.approx(surprise, rel=1e-6, abs=1e-6)
        gained = 0.5 * np.log1p(model.noise.precision * prediction.epistemic_variance[0])
        assert rows.gained[i] == pytest.approx(gained, rel=1e-6, abs=1e-6)
        posterior = posterior.update(x[i], t[i])
        assert rows.evidence[i] == pytest.approx(posterior.log_evidence, rel=1e-6, abs=1e-5)


YEARS = np.arange(1991.0, 2011.0)
WAVE = np.array([(-1) ** i * (i % 7) / 4 for i in range(20)])


def exact_surprises(k, alpha, beta, x, t):
    """−ln p(t_n | past) and the gains (n,) from the joint covariance of all t in exact fractions: its LDLᵀ factor."""
    x, t = [Fraction(v) for v in x], [Fraction(v) for v in t]
    rows = [
        [sum((a * b) ** p for p in range(k)) / Fraction(alpha) + (i == j) / Fraction(beta) for j, b in enumerate(x)]
        + [t[i]]
        for i, a in enumerate(x)
    ]
    found = []
    for n, row in enumerate(rows):
        d, r = row[n], row[-1]
        found.append((0.5 * math.log(2 * math.pi * d) + 0.5 * float(r * r / d), 0.5 * math.log(d * Fraction(beta))))
        for other in rows[n + 1 :]:
            factor = other[n] / d
            other[n:] = [b - factor * a for a, b in zip(row[n:], other[n:], strict=True)]
    return np.array(found).T


@pytest.mark.parametrize(("alpha", "beta"), [(2.0, 25.0), (2.0**-20, 2.0**20)])
def test_raw_years_under_degree_9_have_the_evidence_of_exact_fractions(alpha, beta):
    """In double precision the log evidence was 0.003 nats off."""
    surprise, gained = exact_surprises(10, alpha, beta, YEARS.tolist(), WAVE.tolist())
    model = LinearModel(Polynomial(9), alpha, GaussianNoise(beta))
    document = Regression(model=model, observations=Observations(YEARS, WAVE), step=20)
    rows = ledger(document, ANYWHERE)
    np.testing.assert_allclose(rows.surprise, surprise, rtol=1e-12)
    np.testing.assert_allclose(rows.gained, gained, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(rows.evidence, -np.cumsum(surprise), rtol=1e-12)
    assert model.condition(YEARS, WAVE).log_evidence == pytest.approx(-surprise.sum(), rel=1e-12)
    assert entry(document, 19).surprise == pytest.approx(surprise[19], rel=1e-9)


def test_precise_updates_start_from_any_prior():
    prior = Ellipse(0.3, -0.2, 0.7, 0.4, 0.8)
    model, x, t = LinearModel(Polynomial(2), 2.0, GaussianNoise(25.0), prior), X, T
    surprise, gained = precise_updates(model.prior, model.basis, x, t, 25.0)
    rows = ledger_of(model.condition([], []), x, t)
    np.testing.assert_allclose(surprise, rows.surprise, rtol=1e-11)
    np.testing.assert_allclose(gained, rows.gained, rtol=1e-11)


@given(st.permutations(range(8)))
def test_the_total_is_the_same_in_any_order(order):
    rng = np.random.default_rng(0)
    x, t = rng.uniform(-1, 1, 8), rng.standard_normal(8)
    model = LinearModel(Polynomial(2))
    one, other = ledger_of(prior(model), x, t), ledger_of(prior(model), x[order], t[order])
    assert one.evidence[-1] == pytest.approx(other.evidence[-1], abs=1e-10)
    assert one.gained.sum() == pytest.approx(other.gained.sum(), abs=1e-10)
    assert one.evidence[-1] == pytest.approx(model.condition(x, t).log_evidence, abs=1e-10)


def test_the_scene_contains_the_latest_rows_with_their_running_total():
    rng = np.random.default_rng(0)
    x, t = rng.uniform(-1, 1, MOST + 50), rng.standard_normal(MOST + 50)
    document = Regression(observations=Observations(x, t), step=MOST + 20)
    rows = resolve(document, {ledger: ANYWHERE}).get(ledger)
    assert (rows.first, len(rows.surprise)) == (20, MOST)
    exact = document.model.condition(x[: document.step], t[: document.step]).log_evidence
    assert rows.evidence[-1] == pytest.approx(exact, rel=1e-10)


def test_reordering_observations_changes_only_their_order():
    document = Regression(observations=Observations(X, T), step=2)
    moved = document.reorder(0, 2)
    assert moved.observations.x.tolist() == [-0.6, 0.2, 0.9]
    assert moved.observations.t.tolist() == [-0.6, -0.2, 0.15]
    assert moved.reorder(2, 0) == document


def test_a_sampled_evidence_comes_with_its_stated_error():
    model = LinearModel(Polynomial(2), noise=StudentTNoise())
    document = Regression(model=model, observations=Observations([-0.5, 0.2, 0.9], [0.3, -0.2, 0.5]), step=3)
    rows = ledger(document, ANYWHERE)
    assert 0 < rows.error < 0.02
    assert rows.error == model.condition(document.taken.x, document.taken.t).log_evidence_error
    assert ledger(replace(document, model=LinearModel()), ANYWHERE).error == 0


@pytest.mark.parametrize("alpha", [1e-12, 1e-4, 1.0])
@pytest.mark.parametrize("degree", [1, 2, 3])
def test_the_evidence_of_seconds_since_1970_has_all_digits_in_the_ledger_too(alpha, degree):
    """Each power is nearly a sum of those below it; the log evidence of a parabola was up to 10 % wrong."""
    x, t, beta = [1718000000.0, 1718000003.0, 1718000009.0, 1718000011.0], [1.0, 2.0, 1.5, 3.0], 1e20
    with mpmath.workdps(200):
        phi = mpmath.matrix([[mpmath.mpf(value) ** j for j in range(degree + 1)] for value in x])
        joint = phi * phi.T / mpmath.mpf(alpha) + mpmath.eye(4) / mpmath.mpf(beta)
        miss = mpmath.lu_solve(joint, mpmath.matrix(t))
        fit = sum(a * b for a, b in zip(t, miss, strict=True))
        exact = float(-(fit + mpmath.log(mpmath.det(joint)) + 4 * mpmath.log(2 * mpmath.pi)) / 2)
    model = LinearModel(Polynomial(degree), alpha, GaussianNoise(beta))
    assert model.condition(x, t).log_evidence == pytest.approx(exact, rel=1e-12)
