"""Annealed importance sampling against the closed forms of probabilistic PCA, in two to eight dimensions."""

from functools import partial

import numpy as np
import pytest
import torch

from engine.latent.observations.full import Full
from engine.latent.posterior.annealing import Annealed, Path, disagree
from engine.latent.posterior.scoring.measurement_gradients import log_likelihood_slopes
from engine.latent.unboxing.bracket import MOVES
from tests.engine.latent.linear import LinearModel


def returned(steps):
    """The value that a generator returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def problem(latents, temperatures=80, wide=1.3, seed=0):
    """A linear model, an image that it draws, ln p(x), the posterior, and a path from a wrong q."""
    model, rng = LinearModel(seed, latents=latents, shape=(3, 4)), np.random.default_rng(seed + 7)
    z = rng.standard_normal(latents)
    x = (model.w @ z + model.b + model.sigma * rng.standard_normal(len(model.b))).reshape(3, 4)
    mean, covariance, log_evidence = model.posterior(np.eye(x.size), x.ravel())
    deviation = np.sqrt(np.diag(covariance))
    slopes = partial(log_likelihood_slopes, model.vae, Full().measure(x).measurements)
    return log_evidence, (mean, covariance), Path(slopes, mean + 0.5 * deviation, wide * deviation, temperatures)


@pytest.mark.parametrize("latents", [2, 5, 8])
def test_ln_p_of_x_lies_within_the_bracket(latents):
    log_evidence, (mean, covariance), path = problem(latents)
    rng = np.random.default_rng(1)
    forward = returned(path.forward(128, rng))
    reverse = returned(path.reverse(rng.multivariate_normal(mean, covariance, 128), rng))
    assert forward.lower - 3 * forward.error < log_evidence < reverse.upper + 3 * reverse.reverse_error
    assert forward.lower == pytest.approx(log_evidence, abs=0.15)
    assert reverse.upper == pytest.approx(log_evidence, abs=0.15)
    assert forward.error < 0.08 and reverse.reverse_error < 0.08
    found = forward.shares @ forward.z
    spread = np.sqrt(np.diag(covariance) / forward.effective)
    assert np.all(np.abs(found - mean) < 4 * spread) and forward.effective > 60
    second = (forward.shares[:, None] * (forward.z - mean)).T @ (forward.z - mean)
    assert np.abs(second - covariance).max() < 0.35 * np.abs(covariance).max()


def test_the_mean_of_the_weights_is_p_of_x_and_of_their_inverses_1_over_p_of_x():
    """Also for few chains and a short path, over many repeats: the bounds hold in expectation, on their own sides."""
    log_evidence, (mean, covariance), path = problem(3, temperatures=4)
    rng = np.random.default_rng(2)
    forward = returned(path.forward(1500, rng))
    reverse = returned(path.reverse(rng.multivariate_normal(mean, covariance, 1500), rng))
    assert np.exp(forward.log_weights - log_evidence).mean() == pytest.approx(1, abs=5 * forward.error)
    groups = np.log(np.exp(forward.log_weights - log_evidence).reshape(-1, 3).mean(axis=1))
    assert groups.mean() < 0 < -np.log(np.exp(log_evidence - reverse.log_weights).reshape(-1, 3).mean(axis=1)).mean()


def test_the_error_of_the_upper_bound_is_honest_after_the_moves_from_one_sample_and_too_small_without():
    """50 brackets of one image, each with 40 chains from one exact sample; q is narrow, so that chains move slowly."""
    log_evidence, (mean, covariance), path = problem(2, temperatures=6, wide=0.4)
    rng = np.random.default_rng(4)
    samples = np.repeat(rng.multivariate_normal(mean, covariance, 50), 40, axis=0)
    missed = []
    for moves in (0, MOVES):
        starts = returned(path.spread_out(samples, moves, rng))
        found = returned(path.reverse(starts, rng)).log_weights.reshape(50, 40)
        runs = [Annealed(np.empty((40, 2)), logs, 1.0) for logs in found]
        missed.append(np.mean([abs(run.upper - log_evidence) > 2 * run.reverse_error for run in runs]))
    assert missed[1] < 0.13 < 0.25 < missed[0]
    assert starts.mean(axis=0) == pytest.approx(mean, abs=5 * np.sqrt(covariance.diagonal().max() / 50))
    assert np.cov(starts.T) == pytest.approx(covariance, abs=0.15 * np.abs(covariance).max())


def test_a_path_from_the_posterior_itself_has_equal_weights():
    """With q equal to the posterior, every weight is p(x)."""
    model = LinearModel(0, latents=2, shape=(1, 2))
    model.w = np.diag([1.5, -0.7])
    model.vae.networks.decoder.weight.data = torch.from_numpy(model.w)
    x = np.array([[0.4, 0.9]])
    mean, covariance, log_evidence = model.posterior(np.eye(2), x.ravel())
    slopes = partial(log_likelihood_slopes, model.vae, Full().measure(x).measurements)
    path = Path(slopes, mean, np.sqrt(np.diag(covariance)), 5)
    found = returned(path.forward(20, np.random.default_rng(3)))
    np.testing.assert_allclose(found.log_weights, log_evidence, atol=1e-9)
    assert found.effective == pytest.approx(20) and found.accepted > 0.8


@pytest.mark.parametrize(("variance", "chains_agree"), [(0.25, True), (0.5, True), (2.0, False), (4.0, False)])
def test_the_chains_disagree_where_two_standard_errors_miss_twice_too_often(variance, chains_agree):
    """With ln w ~ N(−v/2, v) the mean weight is 1; a Gaussian is outside two standard errors in 4.6 % of all runs."""
    rng = np.random.default_rng(8)
    runs = [Annealed(np.empty((64, 2)), logs, 1.0) for logs in rng.normal(-variance / 2, variance**0.5, (2000, 64))]
    missed = np.mean([abs(run.lower) > 2 * run.error for run in runs])
    agree = not disagree(float(np.median([run.effective for run in runs])), 64)
    assert agree == chains_agree == (missed < 2 * 0.046)


def test_the_limit_is_a_third_of_the_chains():
    assert [disagree(effective, 60) for effective in (1, 19.9, 20.1, 60)] == [True, True, False, False]


def test_the_effective_size_of_reverse_chains_is_that_of_their_inverse_weights():
    """Of the weights 1, 1 and 4: (1 + 1 + 1/4)²/(1 + 1 + 1/16) in reverse, and 6²/18 forward (Kish 1965)."""
    run = Annealed(np.empty((3, 2)), np.log([1.0, 1.0, 4.0]) - 900, 1.0)
    assert (run.effective, run.reverse_effective) == (pytest.approx(2), pytest.approx(2.25**2 / 2.0625))
