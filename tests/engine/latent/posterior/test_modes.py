"""The modes of densities with known masses, and the merging of shallow maxima."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.gaussian import Gaussian
from engine.latent.posterior.grid_density import GridDensity, WeightedCells, prior
from engine.latent.posterior.modes import modes, whole

AXIS = np.linspace(-6, 6, 301)
GRID = np.stack(np.meshgrid(AXIS, AXIS), axis=-1)
PARTS = ((0.6, (-1.0, 0.4), [[0.09, 0.03], [0.03, 0.04]]), (0.37, (1.4, -0.8), [[0.04, 0.0], [0.0, 0.16]]))
TINY = (0.005, (3.0, 3.0), [[0.01, 0.0], [0.0, 0.01]])
SMALL = (0.025, (-3.0, 3.0), [[0.01, 0.0], [0.0, 0.01]])


def mixture(*parts):
    """A sum of Gaussian parts, each with a share, a mean and a covariance."""
    logs = [
        np.log(share) + Gaussian.from_moments(mean, covariance).log_density(GRID) for share, mean, covariance in parts
    ]
    return GridDensity(AXIS, np.logaddexp.reduce(logs))


def pair(apart, lower=0.0):
    """Two isotropic Gaussians with deviation 0.3 at a distance of `apart`, the second one `lower` nats lower."""
    covariance = 0.09 * np.eye(2)
    return mixture((1.0, (-apart / 2, 0.0), covariance), (np.exp(-lower), (apart / 2, 0.0), covariance))


def test_the_prior_has_one_mode():
    (mode,) = modes(prior(AXIS))
    np.testing.assert_allclose(mode.z, 0, atol=1e-12)
    assert mode.share == pytest.approx(1)
    np.testing.assert_allclose(mode.covariance, np.eye(2), atol=1e-4)


def test_modes_of_a_mixture_have_its_shares_means_and_covariances():
    found = modes(mixture(*PARTS, SMALL, TINY))
    assert len(found) == 3  # the tiny part is left out
    for mode, (share, mean, covariance) in zip(found, (*PARTS, SMALL), strict=True):
        assert mode.share == pytest.approx(share, abs=2e-3)
        np.testing.assert_allclose(mode.z, mean, atol=0.021)
        np.testing.assert_allclose(mode.mean, mean, atol=5e-3)
        np.testing.assert_allclose(mode.covariance, covariance, atol=5e-3)


def test_modes_with_a_smaller_share_than_stated_are_left_out():
    grid = mixture(*PARTS, SMALL, TINY)
    assert [len(modes(grid, least=least)) for least in (0.0, 0.01, 0.03, 0.5)] == [4, 3, 2, 1]


@pytest.mark.parametrize("apart", [0.66, 0.8, 0.9, 1.0, 1.2])
def test_two_maxima_are_merged_exactly_if_their_saddle_is_too_shallow(apart):
    """The saddle between two equal Gaussians is in the middle, and its depth can be computed."""
    grid = pair(apart)
    middle, peak = grid.log_density[150, 150], grid.log_density.max()
    deep = peak - middle
    assert len(modes(grid, depth=deep * 1.01)) == 1
    assert len(modes(grid, depth=deep * 0.99)) == 2


def test_a_shallow_maximum_is_merged_with_the_one_beyond_its_saddle():
    """The low maximum in the middle of three is merged, with its mass, with the one beyond the higher saddle."""
    covariance = 0.04 * np.eye(2)
    parts = ((0.3, (-2.0, 0.0), covariance), (0.2, (0.0, 0.0), covariance), (0.5, (0.72, 0.0), covariance))
    first, second = modes(mixture(*parts), depth=1.0)
    assert first.share == pytest.approx(0.7, abs=1e-3)
    assert second.share == pytest.approx(0.3, abs=1e-3)
    np.testing.assert_allclose(second.z, [-2, 0], atol=0.021)


def test_every_cell_of_the_mass_belongs_to_one_mode():
    mass = whole(mixture(*PARTS))
    found = modes(mass)
    cells = np.concatenate([mode.cells for mode in found])
    assert sorted(cells) == list(range(len(mass.z)))
    assert sum(mode.share for mode in found) == pytest.approx(1)
    for mode in found:
        assert mass.shares[mode.cells].sum() == pytest.approx(mode.share)
        assert mass.shares[mode.cells].max() == mass.shares[np.argmin(((mass.z - mode.z) ** 2).sum(axis=1))]


@pytest.mark.slow
@given(st.integers(0, 2**31 - 1), st.floats(0.1, 3))
def test_modes_agree_with_an_ascent_step_by_step(seed, depth):
    """On noise and without merging, the modes are exactly the cells that have no higher neighbour."""
    rng = np.random.default_rng(seed)
    axis, logs = np.linspace(0, 1, 12), rng.normal(0, 1, (12, 12))
    padded = np.pad(logs, 1, constant_values=-np.inf)
    around = [padded[i : i + 12, j : j + 12] for i in range(3) for j in range(3) if (i, j) != (1, 1)]
    rows, columns = np.nonzero(logs > np.max(around, axis=0))
    found = modes(GridDensity(axis, logs), depth=0.0, least=0.0)
    expected = sorted(zip(axis[columns], axis[rows], strict=True))
    np.testing.assert_allclose(sorted(mode.z.tolist() for mode in found), expected)
    assert {tuple(mode.z) for mode in modes(GridDensity(axis, logs), depth=depth, least=0.0)} == {
        (axis[column], axis[row])
        for row, column in zip(rows, columns, strict=True)
        if logs[row, column] - pass_to_higher(logs, row, column) >= depth
    }


def pass_to_higher(logs, row, column):
    """The height of the highest path from a maximum to a higher cell, by flooding; −∞ for the highest maximum."""
    start, reached, border = logs[row, column], {(row, column)}, {}
    level = start
    here = (row, column)
    while True:
        for i in range(here[0] - 1, here[0] + 2):
            for j in range(here[1] - 1, here[1] + 2):
                if 0 <= i < len(logs) and 0 <= j < len(logs) and (i, j) not in reached:
                    border[i, j] = logs[i, j]
        if not border:
            return -np.inf
        here = max(border, key=border.get)
        if border.pop(here) > start:
            return level
        level = min(level, logs[here])
        reached.add(here)


def test_a_plateau_is_one_mode():
    logs = np.full((9, 9), -3.0)
    logs[2:5, 3:7] = logs[4:7, 1:4] = 0.0
    assert len(modes(GridDensity(np.linspace(0, 1, 9), logs))) == 1


def test_divided_cells_do_not_change_the_modes():
    """A large cell may be replaced by four small cells, each with a quarter of its share."""
    mass = whole(mixture(*PARTS))
    step = mass.side[0]
    split = mass.z[:, 0] > 0.7
    offsets = step / 4 * np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]])
    small = (mass.z[split][:, None] + offsets).reshape(-1, 2)
    mixed = WeightedCells(
        np.vstack([mass.z[~split], small]),
        np.concatenate([mass.side[~split], np.full(len(small), step / 2)]),
        np.concatenate([mass.shares[~split], np.repeat(mass.shares[split] / 4, 4)]),
    )
    for one, other in zip(modes(mass), modes(mixed), strict=True):
        assert one.share == pytest.approx(other.share, abs=1e-7)
        np.testing.assert_allclose(one.z, other.z, atol=step / 2)
        np.testing.assert_allclose(one.mean, other.mean, atol=1e-6)


def test_a_few_fine_cells_do_not_make_a_wide_posterior_expensive():
    """The finest cells have 1/64 of the lattice step; a mode of such cells is found beside 50,000 cells of the lattice.

    If all cells had the size of the finest one, there would be two hundred million.
    """
    axis = np.linspace(-6, 6, 301)
    coarse = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    logs = -0.5 * np.sum(coarse**2, axis=1) / 4
    centre = np.array([3.2, -2.4])
    kept = (logs > -8) & (np.abs(coarse - centre).max(axis=1) > 0.03)  # without the cells around the node (3.2, −2.4)
    step = axis[1] - axis[0]
    fine = np.arange(-32, 32) * step / 64 + step / 128
    around = centre + np.stack(np.meshgrid(fine, fine), axis=-1).reshape(-1, 2)
    summit = 0.35 - 0.5 * np.sum((around - centre) ** 2, axis=1) / 0.004**2
    z = np.vstack([coarse[kept], around])
    side = np.append(np.full(kept.sum(), step), np.full(len(around), step / 64))
    density = np.append(logs[kept], np.logaddexp(-0.5 * np.sum(around**2, axis=1) / 4, summit + 3))
    shares = np.exp(density) * side**2
    tracemalloc.start()
    found = modes(WeightedCells(z, side, shares / shares.sum()), least=1e-6)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(z) > 50_000
    assert peak < 100 << 20
    narrow = max(found, key=lambda mode: -np.sum((mode.z - centre) ** 2))
    assert len(found) == 2
    np.testing.assert_allclose(narrow.z, centre, atol=step / 64)
    assert any(np.sum(mode.z**2) < 1e-3 for mode in found)
