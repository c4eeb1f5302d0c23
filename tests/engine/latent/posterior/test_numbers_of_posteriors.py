"""Numbers of the exact posterior against mpmath, exact fractions and loops over all nodes, at values of hypothesis."""

from fractions import Fraction
from itertools import pairwise, product
from types import SimpleNamespace

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.gaussian import Gaussian
from engine.latent.model import Embedding
from engine.latent.observations.measurement import Pixels
from engine.latent.posterior.class_votes import kernels
from engine.latent.posterior.grid_density import (
    REACH,
    WeightedCells,
    deviation,
    integrate_on_grid,
    prior,
    widened,
)
from engine.latent.posterior.lost_modes import NARROWEST, below, peaks
from engine.latent.posterior.scoring.at_latents import log_likelihood_terms, log_likelihoods
from engine.latent.posterior.scoring.nodes import between, high, joint, levels, next_to
from engine.latent.posterior.unboxing import Unboxing
from engine.latent.vae.likelihoods import Bernoulli
from tests.engine.latent.vae.tiny import tiny

FEW = settings(max_examples=12)
AXIS = np.linspace(-8, 8, 65)
HEIGHTS = arrays(float, (7, 7), elements=st.integers(-40, 0).map(float))


@pytest.fixture(autouse=True)
def precise():
    with mp.workdps(30):
        yield


def neighbours(size):
    """Yield each node (row, column) with all nodes that touch it, and itself."""
    for i, j in product(range(size), repeat=2):
        around = product(range(max(i - 1, 0), min(i + 2, size)), range(max(j - 1, 0), min(j + 2, size)))
        yield (i, j), list(around)


@pytest.mark.parametrize("size", [9, 13])
def test_the_level_of_a_node_is_its_coarsest_stride(size):
    found = levels(size).reshape(size, size)
    for i, j in product(range(size), repeat=2):
        assert found[i, j] == next(n for n, stride in enumerate((4, 2, 1)) if i % stride == j % stride == 0)


@FEW
@given(HEIGHTS, st.floats(0.5, 30))
def test_high_nodes_their_neighbours_and_those_between_them(heights, far):
    wanted = np.zeros((7, 7), bool)
    finer = np.zeros((13, 13), bool)
    for at, around in neighbours(7):
        wanted[at] = any(heights[each] > heights.max() - far for each in around)
    for at, around in neighbours(13):
        finer[at] = any(i % 2 == j % 2 == 0 and wanted[i // 2, j // 2] for i, j in around)
    assert np.array_equal(high(heights, far), wanted) and np.array_equal(next_to(heights, far), finer)
    assert np.array_equal(widened(heights > -far), [[any(heights[e] > -far for e in a) for (i, j), a in neighbours(7)
                                                     if i == row] for row in range(7)])  # fmt: skip


@FEW
@given(st.lists(st.integers(-9, 9), min_size=6, max_size=6))
def test_the_values_between_nodes_are_exact_for_parabolas(numbers):
    a, b, c, d, e, f = map(Fraction, numbers)

    def value(u, v):
        return (a + b * u + c * u * u) + (d + e * v + f * v * v)

    coarse = np.array([[float(value(i, j)) for i in range(6)] for j in range(6)])
    fine = [[float(value(Fraction(i, 2), Fraction(j, 2))) for i in range(11)] for j in range(11)]
    assert between(coarse) == pytest.approx(np.array(fine), abs=1e-12)


@FEW
@given(HEIGHTS, st.floats(1, 30))
def test_the_peaks_are_the_nodes_that_no_neighbour_exceeds(heights, depth):
    axis = np.arange(7.0)
    wanted = [
        at
        for at, around in neighbours(7)
        if heights[at] > heights.max() - depth and all(heights[at] >= heights[each] for each in around)
    ]
    found = [(int(y), int(x)) for x, y in peaks(axis, heights, depth).tolist()]
    assert sorted(found) == wanted
    assert all(heights[one] >= heights[other] for one, other in pairwise(found))


@FEW
@given(st.floats(0.001, 0.3))
def test_the_depth_at_which_modes_are_searched(step):
    """At the corner of a square of nodes, half a diagonal away, a round mode is (r/σ)²/2 nats lower."""
    corner = (mp.mpf(step) / mp.sqrt(2)) ** 2 / (2 * mp.mpf(NARROWEST) ** 2)
    assert below(step) == pytest.approx(max(20.0, float(corner)), rel=1e-12)


@FEW
@given(st.lists(st.tuples(st.floats(-2, 2), st.floats(-2, 2), st.floats(0.6, 3)), min_size=1, max_size=3))
def test_bayes_rule_on_a_grid_has_the_evidence_of_gaussians(measurements):
    """y = z + noise for each of the axes: the evidence of each measurement given those before it is Gaussian."""
    grid, terms = prior(AXIS), []
    precision, means = mp.mpf(1), [mp.mpf(0), mp.mpf(0)]
    for *values, noise in measurements:
        logs = [-((value - AXIS) ** 2) / (2 * noise**2) - np.log(2 * np.pi * noise**2) / 2 for value in values]
        grid = grid.update(logs[1][:, None] + logs[0])
        variance = 1 / precision + mp.mpf(noise) ** 2
        squares = sum((value - mean) ** 2 for value, mean in zip(values, means, strict=True))
        terms.append(float(-squares / (2 * variance) - mp.log(2 * mp.pi * variance)))
        added = 1 / mp.mpf(noise) ** 2
        means = [(m * precision + v * added) / (precision + added) for m, v in zip(means, values, strict=True)]
        precision += added
    assert grid.log_evidence_terms == pytest.approx(terms, abs=1e-8)
    whole = integrate_on_grid(grid)
    assert whole.log_evidence == pytest.approx(sum(terms), abs=1e-8)
    assert whole.mass.mean == pytest.approx([float(mean) for mean in means], abs=1e-7)
    assert whole.mass.covariance == pytest.approx(np.eye(2) / float(precision), abs=1e-7)
    assert grid.step == 0.25 and not grid.touches_edge


def test_a_density_touches_the_edge_within_a_stated_depth():
    reach = np.sqrt(2 * (REACH - 0.1))
    assert prior(np.linspace(-reach, reach, 33)).touches_edge
    reach = np.sqrt(2 * (REACH + 0.1))
    assert not prior(np.linspace(-reach, reach, 33)).touches_edge


@FEW
@given(st.lists(st.floats(-50, 50), min_size=4, max_size=4), st.floats(-50, 50))
def test_the_deviation_of_the_sub_grids_is_the_largest_one(quarters, whole):
    assert deviation(quarters, whole) == float(max(abs(Fraction(each) - Fraction(whole)) for each in quarters))


@FEW
@given(arrays(float, (5, 5), elements=st.integers(-9, 9).map(float)))
def test_the_joint_density_lacks_only_a_constant(logs):
    axis = np.linspace(-1, 1, 5)
    found = joint(axis, logs)
    exact = [[Fraction(logs[i, j]) - (Fraction(axis[i]) ** 2 + Fraction(axis[j]) ** 2) / 2 for j in range(5)]
             for i in range(5)]  # fmt: skip
    assert found == pytest.approx(np.array(exact, float), abs=1e-14)


@FEW
@given(st.lists(st.tuples(st.integers(-8, 8), st.integers(-8, 8), st.integers(1, 9)), min_size=2, max_size=6))
def test_mean_and_covariance_of_cells_by_fractions(cells):
    total = sum(share for *_, share in cells)
    shares = [Fraction(share, total) for *_, share in cells]
    z = np.array([cell[:2] for cell in cells], float)
    mass = WeightedCells(z, np.ones(len(z)), np.array(shares, float))
    mean = [sum(p * cell[k] for p, cell in zip(shares, cells, strict=True)) for k in (0, 1)]
    spread = [
        [
            float(sum(p * (c[i] - mean[i]) * (c[j] - mean[j]) for p, c in zip(shares, cells, strict=True)))
            for j in (0, 1)
        ]
        for i in (0, 1)
    ]
    assert mass.mean == pytest.approx(list(map(float, mean)), abs=1e-13)
    assert mass.covariance == pytest.approx(np.array(spread), abs=1e-12)
    drawn = mass.sample(np.random.default_rng(3), 40)
    assert all(np.any(np.max(np.abs(each - z), axis=1) <= 0.5) for each in drawn)


@FEW
@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(0.4, 1.2), st.floats(0.5, 1.5))
def test_the_entropy_and_the_reverse_divergence_of_a_gaussian_posterior(m0, m1, s, q):
    axis = np.linspace(-9, 9, 181)
    z = np.column_stack([column.ravel() for column in np.meshgrid(axis, axis)])
    logs = -((z[:, 0] - m0) ** 2 + (z[:, 1] - m1) ** 2) / (2 * s * s)
    shares = np.exp(logs) / np.exp(logs).sum()
    mass = WeightedCells(z, np.full(len(z), axis[1] - axis[0]), shares)
    entropy = mp.log(2 * mp.pi * mp.e * mp.mpf(s) ** 2)
    assert Unboxing.mass_log_density.fget(SimpleNamespace(mass=mass)) == pytest.approx(-float(entropy), abs=1e-9)
    approximate = SimpleNamespace(
        mass=mass, mass_log_density=-float(entropy), q=Gaussian.from_moments(np.zeros(2), q * q * np.eye(2))
    )
    ratio = mp.mpf(s) ** 2 / mp.mpf(q) ** 2
    exact = ratio - 1 - mp.log(ratio) + (mp.mpf(m0) ** 2 + mp.mpf(m1) ** 2) / (2 * mp.mpf(q) ** 2)
    assert Unboxing.reverse.fget(approximate) == pytest.approx(float(exact), abs=1e-9)


@FEW
@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(0.01, 2))
def test_the_mass_of_q_around_each_node(m0, m1, width):
    axis = np.linspace(-3, 3, 13)
    embedding = Embedding(np.array([[m0, m1]]), np.full((1, 2), width), np.zeros(1, np.uint8), ("0",))
    found = kernels(axis, embedding, np.array([0]))
    wide = max(width, 0.5)  # at least the step
    for along, mean in zip(found, (m0, m1), strict=True):
        exact = [float(mp.npdf(node, mean, wide) / 2) for node in axis.tolist()]
        assert along[:, 0] == pytest.approx(exact, rel=1e-10, abs=1e-300)


def test_the_log_likelihoods_of_measurements_at_any_latents():
    """Of single pixels and of all, by ln p = x η − ln(1 + exp η) of the decoder's logits in more digits."""
    import torch

    vae = tiny(Bernoulli())
    z = np.array([[0.0, 0.0], [1.5, -0.5], [-2.0, 3.0]])
    ink = np.arange(12.0).reshape(3, 4) / 11
    chosen = [np.array([0]), np.array([5, 7]), np.arange(12)]
    measurements = [Pixels(which, ink.ravel()[which]) for which in chosen]
    with torch.inference_mode():
        logits = vae.networks.decoder(torch.from_numpy(z).to(vae.precision)).reshape(3, 12).double().tolist()
    exact = [
        [float(mp.fsum(ink.flat[i] * mp.mpf(row[i]) - mp.log1p(mp.exp(row[i])) for i in which)) for which in chosen]
        for row in logits
    ]
    assert log_likelihood_terms(vae, measurements, z) == pytest.approx(np.array(exact), rel=1e-5)
    assert log_likelihoods(vae, measurements, z) == pytest.approx(np.sum(exact, axis=1), rel=1e-5)
