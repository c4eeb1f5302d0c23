"""Batch scores against the decoder evaluated for each image at every node, under every likelihood."""

import numpy as np
import pytest

from engine.gaussian import LN_2PI
from engine.latent.posterior.grid_density import log_sum
from engine.latent.posterior.scoring.batch_scores import scored
from engine.latent.posterior.scoring.lattice import Lattice
from engine.latent.vae.likelihoods import LIKELIHOODS
from tests.engine.latent.vae.tiny import SHAPE, tiny

IMAGES = np.random.default_rng(2).uniform(0, 1, (5, *SHAPE)).astype(np.float32)


def result(generator):
    while True:
        try:
            next(generator)
        except StopIteration as end:
            return end.value


@pytest.fixture(params=[member() for member in LIKELIHOODS], ids=str)
def vae(request):
    return tiny(request.param)


@pytest.fixture
def lattice(vae):
    made = Lattice(vae, 41, 5.0)
    for _ in made.decode():
        pass
    return made


def joint(vae, lattice, image):
    """ln p(x, z) at all nodes, row by row."""
    axis = lattice.axis
    z = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    return vae.log_likelihood(image, z) - 0.5 * np.sum(z**2, axis=1) - LN_2PI


def test_the_evidence_is_the_sum_over_all_nodes(vae, lattice):
    scores = result(scored(lattice, IMAGES))
    area = 2 * np.log(lattice.axis[1] - lattice.axis[0])
    expected = [log_sum(joint(vae, lattice, image)) + area for image in IMAGES]
    assert scores.log_evidence == pytest.approx(expected, abs=2e-4)


def test_the_error_is_the_largest_deviation_of_a_sub_grid(vae, lattice):
    scores = result(scored(lattice, IMAGES))
    for i, image in enumerate(IMAGES):
        logs = joint(vae, lattice, image).reshape(41, 41)
        fourths = [log_sum(logs[a::2, b::2]) + np.log(4) for a in (0, 1) for b in (0, 1)]
        assert scores.error[i] == pytest.approx(np.abs(np.array(fourths) - log_sum(logs)).max(), abs=1e-3)


def test_the_grid_density_of_one_image_is_its_normalised_posterior(vae, lattice):
    scores = result(scored(lattice, IMAGES))
    grid = scores.grid(3)
    logs = joint(vae, lattice, IMAGES[3]).reshape(41, 41)
    assert grid.log_density == pytest.approx(logs - float(scores.log_evidence[3]), abs=1e-3)
    assert log_sum(grid.log_density) + 2 * np.log(grid.step) == pytest.approx(0, abs=1e-3)
    assert grid.log_evidence == pytest.approx(scores.log_evidence[3])
