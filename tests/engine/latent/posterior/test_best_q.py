"""q*: equal to closed forms where they exist, never worse than the encoder's q, and stationary."""

from functools import partial

import numpy as np
import pytest

from engine.derived import PENDING, Pending, whole
from engine.gaussian import LN_2PI
from engine.latent.document import Latent
from engine.latent.gaussian_q import GaussianQ, kl_to_prior
from engine.latent.inputs.input import FromData
from engine.latent.posterior.best_q import Ascent, MultiStart, gap_parts, starts
from engine.latent.posterior.grid_density import WeightedCells
from engine.latent.posterior.lost_modes import peaks
from engine.latent.posterior.scoring.at_latents import log_likelihoods
from engine.latent.posterior.unboxing import Bound, bound
from engine.latent.unboxing.elbo_decomposition import Decomposition, elbo_decomposition
from engine.latent.unboxing.shared_posterior import seen_of, unboxing_of
from engine.plane import Viewport

ONCE = Viewport(0, 1, 0, 1, 1, 1)
A = np.array([[9.0, 5.0], [5.0, 4.0]])  # precision of the likelihood
MIDDLE = np.array([1.0, -2.0])
AWAY = np.array([-1.5, 0.5]), np.array([0.7, 2.0])


def found(generator):
    """The value that a generator returns."""
    while True:
        try:
            next(generator)
        except StopIteration as end:
            return end.value


def exhausted(search):
    return whole(search.go())


def gaussian(z):
    """A log likelihood −½ (z − m)ᵀ A (z − m), whose posterior is a correlated Gaussian; and its gradient."""
    along = (z - MIDDLE) @ A
    return -0.5 * np.sum(along * (z - MIDDLE), axis=1), -along


def value_of(slopes):
    return lambda z: slopes(z)[0]


def searched(slopes, tried):
    """A search whose bounds are sums over an even grid, and whose encoder's q is the first start."""

    def bounds(mean, deviation):
        kl = kl_to_prior(mean, deviation)
        yield PENDING
        yield Bound(mean, deviation, dense_elbo(value_of(slopes), mean, np.log(deviation)) + kl, kl)

    *_, encoder = bounds(*tried[0])
    return MultiStart(slopes, bounds, encoder, tried)


def mixture(weights, centres, deviation):
    """The log likelihood, and its gradient, for which the posterior is a mixture of isotropic Gaussians."""

    def slopes(z):
        away = (z[:, None] - centres) / deviation
        logs = np.log(weights) - 0.5 * np.sum(away**2, axis=2) - LN_2PI - 2 * np.log(deviation)
        total = np.logaddexp.reduce(logs, axis=1)
        gradient = np.einsum("nk,nkd->nd", np.exp(logs - total[:, None]), -away / deviation)
        return total + 0.5 * np.sum(z**2, axis=1) + LN_2PI, gradient + z

    return slopes


def dense_elbo(score, mean, log_deviation, step=0.3):
    """The ELBO by an independent sum over an even grid, from −5 to 5 standard deviations."""
    along = np.arange(-5, 5 + step / 2, step)
    shares = np.exp(-0.5 * along**2)
    places = np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2)
    shares = np.outer(shares, shares).ravel() / shares.sum() ** 2
    deviation = np.exp(log_deviation)
    return float(shares @ score(mean + deviation * places)) - kl_to_prior(mean, deviation)


def test_the_best_q_of_a_correlated_gaussian_has_its_mean_and_the_diagonal_of_its_precision():
    precision = A + np.eye(2)
    mean = np.linalg.solve(precision, A @ MIDDLE)
    best = exhausted(searched(gaussian, [AWAY]))
    assert best.mean == pytest.approx(mean, abs=3e-3)  # a hundredth of a deviation
    assert best.deviation == pytest.approx(1 / np.sqrt(np.diag(precision)), rel=1e-2)
    # The gap is KL(q*‖p) = ½ (Σ ln Λᵢᵢ − ln |Λ|); the evidence is the integral of a product of two Gaussians.
    log_evidence = -0.5 * np.linalg.slogdet(precision)[1] - 0.5 * MIDDLE @ np.linalg.solve(
        np.linalg.inv(A) + np.eye(2), MIDDLE
    )
    gap = 0.5 * (np.log(np.diag(precision)).sum() - np.linalg.slogdet(precision)[1])
    assert log_evidence - best.elbo == pytest.approx(gap, abs=1e-4)


def test_the_ascent_learns_the_curvature_and_needs_few_evaluations():
    """Without BFGS, with the curvature of independent axes alone, it takes 190."""
    ascent, count = Ascent(gaussian, *AWAY, 0.5, 1e-9), 0
    evaluate = ascent._evaluate

    def counted(at):
        nonlocal count
        count += 1
        return (yield from evaluate(at))

    ascent._evaluate = counted
    found(ascent.go())
    assert ascent.q[1] == pytest.approx(1 / np.sqrt(np.diag(A + np.eye(2))), rel=1e-4)
    assert count < 40


@pytest.mark.parametrize("heavier", [0, 1])
def test_the_heavier_of_two_modes_is_found_whatever_the_encoders_q_is(heavier):
    centres = np.array([[-1.0, 0.3], [1.2, -0.4]])
    weights = np.where(np.arange(2) == heavier, 0.7, 0.3)
    slopes = mixture(weights, centres, 0.05)
    tried = [(centre, np.full(2, 0.08)) for centre in centres]
    best = exhausted(searched(slopes, [tried[1 - heavier], tried[heavier]]))
    assert best.mean == pytest.approx(centres[heavier], abs=1e-3)
    assert best.deviation == pytest.approx([0.05, 0.05], rel=1e-2)
    assert best.elbo == pytest.approx(np.log(0.7), abs=1e-3)  # ln p(x) is 0, and q covers one mode


def test_a_search_that_is_cancelled_at_every_step_finds_the_same_q():
    straight = exhausted(searched(gaussian, [AWAY]))
    search = searched(gaussian, [AWAY])
    while search.best is None:
        job = search.go()
        next(job)
        job.close()
    np.testing.assert_array_equal(search.best.mean, straight.mean)
    np.testing.assert_array_equal(search.best.deviation, straight.deviation)
    assert search.best.elbo == straight.elbo


def test_a_better_q_is_a_further_start():
    centres = np.array([[-1.0, 0.0], [1.0, 0.0]])
    slopes = mixture(np.array([0.2, 0.8]), centres, 0.05)
    search = searched(slopes, [(centres[0], np.full(2, 0.05))])
    assert exhausted(search).mean == pytest.approx(centres[0], abs=1e-3)
    search.consider(bound(value_of(slopes), np.array([0.97, 0.02]), np.full(2, 0.06)))
    assert exhausted(search).mean == pytest.approx(centres[1], abs=1e-3)


def test_the_encoders_q_is_the_result_if_no_better_q_is_found():
    encoder = Bound(np.zeros(2), np.ones(2), 1e6, 0.0)
    assert exhausted(MultiStart(gaussian, searched(gaussian, [AWAY])._bounds, encoder, [AWAY])) is encoder


def test_the_gradient_of_an_ascent_is_that_of_its_sum():
    slopes = mixture(np.array([0.6, 0.4]), np.array([[0.0, 0.0], [0.1, 0.05]]), 0.06)
    ascent = Ascent(slopes, np.array([0.03, -0.02]), np.array([0.05, 0.09]), 0.5, 1e-3)

    def evaluated(at):
        return found(ascent._evaluate(at))

    at, h = ascent._at, 1e-6
    steps = h * np.eye(4)
    expected = [(evaluated(at + step)[0] - evaluated(at - step)[0]) / (2 * h) for step in steps]
    assert evaluated(at)[1] == pytest.approx(expected, rel=1e-5, abs=1e-5)


def test_peaks_are_local_maxima_the_highest_first():
    axis = np.linspace(-2, 2, 81)
    places = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    slopes = mixture(np.array([0.3, 0.7, 1e-9]), np.array([[-1.0, 0.5], [1.0, -0.5], [0.0, 1.5]]), 0.2)
    logs = (slopes(places)[0] - 0.5 * np.sum(places**2, axis=1)).reshape(81, 81)
    assert peaks(axis, logs) == pytest.approx(np.array([[1.0, -0.5], [-1.0, 0.5]]), abs=0.03)


def test_each_large_mode_is_a_start_with_its_own_standard_deviations():
    rng = np.random.default_rng(0)
    heavy, light = rng.normal(0, [0.1, 0.3], (5000, 2)), rng.normal(3, 0.2, (5000, 2))
    z = np.concatenate([heavy, light, [[9.0, 9.0]]])
    shares = np.concatenate([np.full(5000, 0.8), np.full(5000, 0.19), [50.0]]) / 5000
    mass = WeightedCells(z, np.full(len(z), 0.01), shares)
    first, *rest = starts(mass, np.array([[0.0, 0.0], [3.0, 3.0], [9.0, 9.0]]), AWAY)
    assert first is AWAY
    assert len(rest) == 2
    assert rest[0][0] == pytest.approx([0, 0], abs=0.02)
    assert rest[0][1] == pytest.approx([0.1, 0.3], rel=0.05)
    assert rest[1][0] == pytest.approx([3, 3], abs=0.02)


def decomposed(i):
    document = Latent(input=FromData(i))
    return document, whole(elbo_decomposition(document, ONCE))


@pytest.mark.proof
@pytest.mark.timeout(600)  # a minute alone, several under load
def test_no_encoders_q_of_thirty_test_images_is_better_than_q_star():
    gaps = []
    for i in range(30):
        _, told = decomposed(i)
        gaps.append((told.gap_parts.approximation, told.gap_parts.amortisation))
        assert told.gap_parts.approximation + told.gap_parts.amortisation == pytest.approx(told.unboxing.gap, abs=1e-9)
        assert told.gap_parts.amortisation >= 0
        assert told.gap_parts.approximation > -0.05 - told.unboxing.error
    assert np.median(gaps, axis=0)[0] < 0.3  # nearly Gaussian posteriors: the amortisation gap is the larger one
    assert np.median(gaps, axis=0)[1] > np.median(gaps, axis=0)[0]


@pytest.mark.slow
@pytest.mark.parametrize("i", [0, 3, 6, 9, 28])
def test_the_elbo_is_stationary_at_q_star_of_test_images(i):
    document, told = decomposed(i)
    score = partial(log_likelihoods, document.loaded_model.vae, seen_of(document).measurements)
    best = told.gap_parts.best
    at, scale, h = np.concatenate([best.mean, np.log(best.deviation)]), np.append(best.deviation, [1, 1]), 0.05
    for step in h * np.diag(scale):
        low, high = (dense_elbo(score, *np.split(at + sign * step, 2)) for sign in (-1, 1))
        assert abs(high - low) / (2 * h) < 0.04
        assert max(low, high) < dense_elbo(score, best.mean, np.log(best.deviation)) + 1e-3


def test_the_bound_is_yielded_first_and_the_parts_of_the_gap_last():
    values = [value for value in elbo_decomposition(Latent(input=FromData(44)), ONCE) if not isinstance(value, Pending)]
    told = [value for value in values if isinstance(value, Decomposition)]
    assert [value.gap_parts is None for value in told] == [True] * (len(told) - 1) + [False]
    assert len(told) > 1
    assert told[-1].unboxing.error <= told[0].unboxing.error
    again = list(elbo_decomposition(Latent(input=FromData(44)), ONCE))
    assert again.count(PENDING) < len(again)
    assert again[-1].gap_parts.best is told[-1].gap_parts.best  # from the cache


def test_a_q_of_the_user_is_compared_with_the_encoders_q_and_with_the_same_q_star():
    document, told = decomposed(3)
    best = told.gap_parts.best
    hand = GaussianQ(float(best.mean[0]), float(best.mean[1]), *map(float, best.deviation))
    moved = whole(elbo_decomposition(document.with_q(hand), ONCE))
    assert moved.by_hand
    assert moved.encoder.elbo == pytest.approx(told.unboxing.elbo, abs=1e-9)
    assert moved.ahead == pytest.approx(told.gap_parts.amortisation, abs=1e-6)
    assert moved.gap_parts.amortisation == pytest.approx(0, abs=1e-6)
    assert moved.unboxing.log_evidence == pytest.approx(told.unboxing.log_evidence, abs=1e-9)


def test_without_an_image_a_sentence_says_what_to_do():
    (words,) = [value for value in elbo_decomposition(Latent(), ONCE) if isinstance(value, str)][-1:]
    assert "Gallery" in words


def test_the_parts_of_a_gap_add_up():
    document, _ = decomposed(3)
    unboxing = found(unboxing_of(document))
    parts = gap_parts(unboxing, Bound(np.zeros(2), np.ones(2), unboxing.elbo + 1.0, 0.5))
    assert parts.amortisation == pytest.approx(0.5)
    assert parts.approximation == pytest.approx(unboxing.gap - 0.5)


def test_a_search_that_lacked_memory_is_made_again(monkeypatch):
    document, go = Latent().with_input(FromData(4712)), Ascent.go

    def full(_):
        yield PENDING
        raise MemoryError

    monkeypatch.setattr(Ascent, "go", full)
    with pytest.raises(MemoryError):
        whole(elbo_decomposition(document, ONCE))
    monkeypatch.setattr(Ascent, "go", go)
    assert whole(elbo_decomposition(document, ONCE)).gap_parts is not None
