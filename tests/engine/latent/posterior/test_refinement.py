"""Refinement of posteriors that cover most of the plane, against sums of Gaussians, whose evidence is known."""

import numpy as np
import pytest

from engine.derived import PENDING
from engine.latent.posterior.grid_density import prior
from engine.latent.posterior.refinement import refine

STEEP = 60  # narrow peaks in the likelihood
SIDES = (0.015, 0.03)  # their standard deviations: less than one step of the lattice


def likelihood(seed):
    """A log likelihood with a wide part and many narrow peaks, and its ln ∫ p(z) L(z) dz in closed form."""
    rng = np.random.default_rng(seed)
    means, sides = rng.normal(0, 1, (STEEP, 2)), rng.uniform(*SIDES, STEEP)
    heights = rng.uniform(1, 6, STEEP)
    means, sides = np.vstack([means, [[0.3, 0.1]]]), np.append(sides, 1.5)
    heights = np.append(heights, 0.0)

    def score(z):
        away = np.sum((z[:, None] - means) ** 2, axis=2)
        return np.logaddexp.reduce(heights - 0.5 * away / sides**2, axis=1)

    widened = 1 + sides**2
    exact = heights + 2 * np.log(sides) - np.log(widened) - 0.5 * np.sum(means**2, axis=1) / widened
    return score, np.logaddexp.reduce(exact)


@pytest.mark.parametrize("seed", range(4))
def test_the_stated_error_of_a_wide_posterior_holds_and_is_small(seed):
    score, exact = likelihood(seed)
    axis = np.linspace(-6, 6, 201)
    nodes = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    grid = prior(axis).update(score(nodes).reshape(201, 201))
    versions = [integral for integral in refine(grid, score) if integral is not PENDING]
    last = versions[-1]
    assert len(versions) > 1
    assert abs(last.log_evidence - exact) < last.error < 0.08
    assert last.error < versions[0].error / 2
    assert len(last.mass.z) < 80_000
    assert last.mass.shares.sum() == pytest.approx(1)
