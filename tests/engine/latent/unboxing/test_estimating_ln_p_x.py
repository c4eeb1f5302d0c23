"""Estimators of ln p(x): their expectations against quadrature, disjoint groups, and the seed."""

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss
from scipy import stats

from engine.derived import PENDING
from engine.latent.document import Latent
from engine.latent.gaussian_q import GaussianQ
from engine.latent.inputs.input import FromData
from engine.latent.unboxing.estimating_ln_p_x import (
    AT_ONCE,
    FIRST,
    EstimatingSettings,
    Pool,
    effective_size,
    estimates,
    evidence_estimates,
    grouped,
    log_weights,
    scatter,
    shares,
)
from engine.latent.unboxing.latent_space import NO_IMAGE, NOTHING_SEEN
from engine.plane import Viewport
from engine.session import Session, decode, encode

# A linear-Gaussian decoder x ~ N(A z + b, s²I), of which ln p(x) and every ELBO are known in closed form.
RNG = np.random.default_rng(4)
A, B, X, S = 0.6 * RNG.normal(size=(3, 2)), RNG.normal(size=3), RNG.normal(size=3), 0.9
PRIOR = np.zeros(2), np.ones(2)
Q = np.array([0.2, -0.3]), np.array([0.8, 0.75])
EVIDENCE = stats.multivariate_normal(B, A @ A.T + S**2 * np.eye(3)).logpdf(X)


def score(z):
    return stats.norm.logpdf(X - z @ A.T - B, scale=S).sum(axis=1)


def elbo(mean, deviation):
    fit = score(mean[None])[0] - 0.5 * np.sum(A**2 @ deviation**2) / S**2
    return fit - 0.5 * np.sum(mean**2 + deviation**2 - 1) + np.sum(np.log(deviation))


def quadrature(nodes):
    """Nodes (n², 2) and weights (n²,) of a standard Gaussian in the plane."""
    places, weights = hermegauss(nodes)
    weights = weights / weights.sum()
    return np.stack(np.meshgrid(places, places), axis=-1).reshape(-1, 2), np.outer(weights, weights).ravel()


def expectation(proposal, samples, nodes, of):
    """The expectation of a function of the estimate, as a sum over all tuples of nodes."""
    places, weights = quadrature(nodes)
    logs = log_weights(score, *proposal, places)
    tuples = np.stack(np.meshgrid(*[np.arange(len(places))] * samples), axis=-1).reshape(-1, samples)
    return np.prod(weights[tuples], axis=1) @ of(estimates(logs[tuples].ravel(), samples))


@pytest.mark.parametrize("proposal", [PRIOR, Q], ids=["prior", "q"])
@pytest.mark.parametrize(("samples", "nodes"), [(1, 40), (2, 24), (3, 9)])
def test_the_mean_of_the_estimate_itself_is_p_of_x(proposal, samples, nodes):
    assert expectation(proposal, samples, nodes, np.exp) == pytest.approx(np.exp(EVIDENCE), rel=2e-3)


def test_weights_from_the_prior_are_likelihoods():
    epsilon = RNG.normal(size=(6, 2))
    np.testing.assert_allclose(log_weights(score, *PRIOR, epsilon), score(epsilon), rtol=1e-12)


@pytest.mark.parametrize("proposal", [PRIOR, Q], ids=["prior", "q"])
def test_the_mean_of_the_log_starts_at_the_elbo_and_increases_towards_the_evidence(proposal):
    bounds = [expectation(proposal, samples, nodes, np.asarray) for samples, nodes in ((1, 12), (2, 12), (3, 9))]
    assert bounds[0] == pytest.approx(elbo(*proposal), abs=1e-9)
    assert bounds[0] < bounds[1] - 1e-3 < bounds[2] - 2e-3 < EVIDENCE


def test_samples_of_the_posterior_have_equal_weights():
    precision = np.eye(2) + A.T @ A / S**2
    values, turn = np.linalg.eigh(precision)
    mean = np.linalg.solve(precision, A.T @ (X - B) / S**2)

    def turned(z):  # q has independent axes, so the plane is rotated to the axes of the posterior
        return score(z @ turn.T)

    logs = log_weights(turned, turn.T @ mean, values**-0.5, RNG.normal(size=(64, 2)))
    np.testing.assert_allclose(logs, EVIDENCE, rtol=1e-10)
    np.testing.assert_allclose(effective_size(shares(logs, 16)), 16)


def test_groups_are_complete_consecutive_and_disjoint():
    assert grouped(np.arange(11), 3).tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    logs = RNG.normal(size=11) * 5
    changed = logs.copy()
    changed[4] += 1
    assert (estimates(logs, 3) != estimates(changed, 3)).tolist() == [False, True, False]


def test_estimates_with_extreme_weights_are_accurate():
    logs = np.array([-2000.0, -2000.0 + np.log(3), -np.inf, -np.inf, 800.0, -np.inf])
    np.testing.assert_allclose(estimates(logs, 2)[[0, 2]], [-2000 + np.log(2), 800 - np.log(2)], rtol=1e-12)
    assert estimates(logs, 2)[1] == -np.inf


def test_the_effective_sample_size():
    logs = np.log([[1, 1, 1, 1], [4, 1e-9, 1e-9, 1e-9], [1, 2, 3, 4]]).ravel()
    np.testing.assert_allclose(effective_size(shares(logs, 4)), [4, 1, 100 / 30], rtol=1e-6)


def test_a_scatter_has_the_quantiles_of_its_groups():
    logs = RNG.normal(size=512)
    found = scatter(logs, 5, np.log(40))
    assert found.counts.tolist() == [1, 2, 4, 8, 16, 32, 64]
    assert found.needed == pytest.approx(40)
    for i, k in enumerate(found.counts):
        means = sorted(np.log(np.mean(np.exp(logs[start : start + k]))) for start in range(0, 512, k))
        np.testing.assert_allclose([found.low[i], found.median[i]], np.quantile(means, [0.1, 0.5]), rtol=1e-9)
    assert len(found.repeats) == 102


@pytest.fixture(scope="module")
def document():
    return Latent().with_input(FromData(3))


def told(document):
    return (found for found in evidence_estimates(document, Viewport(0, 1, 0, 1)) if found is not PENDING)


@pytest.fixture(scope="module")
def last(document):
    return list(told(document))[-1]


@pytest.mark.proof
def test_both_estimators_approach_the_grid_and_the_prior_more_slowly(document, last):
    assert last.samples == 64
    assert len(last.prior.repeats) == 512
    assert last.prior.median[0] < last.prior.median[6] < last.prior.median[-1] < last.log_evidence + 1
    short = last.log_evidence - np.array([np.median(last.prior.repeats), np.median(last.q.repeats)])
    assert 0 < short[1] < 1 < short[0]
    assert last.prior.effective < 1.5
    assert last.prior.needed > 100
    again = list(told(document))
    assert [found.pool for found in again] == [0, last.pool]
    np.testing.assert_array_equal(again[-1].q.repeats, last.q.repeats)


@pytest.mark.proof
def test_the_mean_with_one_sample_is_the_elbo_by_quadrature(document, last):
    one = list(told(document.with_setting(EstimatingSettings(1))))[-1]
    error = one.q.repeats.std() / np.sqrt(len(one.q.repeats))
    assert one.q.repeats.mean() == pytest.approx(last.elbo, abs=5 * error)


@pytest.mark.slow
def test_the_seed_decides(document, last):
    other = document.with_setting(document[EstimatingSettings].fresh())
    first = next(found for found in told(other) if found.pool)
    assert not np.isin(first.q.repeats, last.q.repeats).any()
    assert decode(encode(Session(other))).document == other


def test_a_q_of_the_user_is_marked(document):
    put = document.with_q(GaussianQ(0.5, 0.2, 0.6, 0.3))
    assert next(told(put)).by_hand


def test_a_reason_is_given_if_there_are_no_estimates(document):
    assert next(told(Latent())).unavailable == NO_IMAGE
    assert next(told(document.step_to(0))).unavailable == NOTHING_SEEN
    assert "no image" in next(told(Latent().with_input(FromData(10**6)))).unavailable


def test_the_number_of_samples_is_checked():
    with pytest.raises(ValueError, match="from 1 to 4096"):
        EstimatingSettings(0)


def test_a_pool_grows_beyond_its_first_room_and_keeps_its_samples():
    pool = Pool(score, *Q, (1,))
    seen = []
    while pool.size < 4 * FIRST:
        pool.grow()
        seen.append(pool.log_weights[-AT_ONCE:].copy())
    np.testing.assert_array_equal(pool.log_weights, np.concatenate(seen))
