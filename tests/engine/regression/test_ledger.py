"""The ledger, compared with the numbers of the lecture and with updates one by one, and in any order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.derived import ANYWHERE, resolve
from engine.regression import BASES, GaussianNoise, LinearModel, Observations, Polynomial, StudentTNoise
from engine.regression.document import Regression
from engine.regression.ledger import MOST, ledger, ledger_of

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


def test_a_sampled_evidence_comes_with_its_standard_error():
    model = LinearModel(Polynomial(2), noise=StudentTNoise())
    document = Regression(model=model, observations=Observations([-0.5, 0.2, 0.9], [0.3, -0.2, 0.5]), step=3)
    rows = ledger(document, ANYWHERE)
    assert 0 < rows.error < 0.02
    assert rows.error == model.condition(document.taken.x, document.taken.t).log_evidence_error
    assert ledger(replace(document, model=LinearModel()), ANYWHERE).error == 0
