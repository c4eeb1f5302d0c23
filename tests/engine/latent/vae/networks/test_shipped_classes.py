"""The shipped model that is given the class: its ELBO, one handwriting, and the classes that Bayes' rule finds."""

import numpy as np
import pytest

from engine.derived import Pending
from engine.latent.model import Embedding
from engine.latent.plane.classes import SHIPPED_CLASSES, leak_of
from engine.latent.posterior.scoring.batch_scores import scored
from engine.latent.posterior.scoring.lattice import Lattice
from engine.latent.vae import load_model

IMAGES, SIZE, EXTENT = 2000, 101, 5.0


def finished(steps):
    """The value that a generator returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


@pytest.fixture(scope="module")
def vae():
    return load_model(SHIPPED_CLASSES)


def test_the_card_says_how_good_it_is(vae):
    assert vae.card.test_elbo.total > -118
    assert vae.classes == tuple("0123456789")


@pytest.mark.slow
def test_the_class_decides_the_digit_and_z_hardly_knows_it(vae):
    """Each digit at z is nearest to the mean of its class; from z few classes are read."""
    test = vae.card.recipe.data.test().first(1000)
    x = test.pixels / np.float32(255)
    means = np.array([x[test.labels == y].mean(axis=0) for y in range(10)])
    for z in ((0.0, 0.0), (0.6, -0.4), (-0.5, 0.5)):
        away = ((vae.decode_each(z)[:, None] - means) ** 2).sum((2, 3))
        assert np.mean(away.argmin(axis=1) == np.arange(10)) >= 0.8
    found = leak_of(Embedding(*vae.encode_labelled(x, test.labels), test.labels, test.classes))
    assert found.read < 0.4


@pytest.mark.proof
@pytest.mark.timeout(900)
def test_bayes_rule_finds_the_class(vae):
    """argmax ln p(x|y) on a grid of each class is the class of 93 % of the test images; nothing else was trained."""
    test = vae.card.recipe.data.test().first(IMAGES)
    logs = []
    for y in range(10):
        lattice = Lattice(vae.given(y), SIZE, EXTENT)
        assert all(isinstance(step, Pending) for step in lattice.decode())
        logs.append(finished(scored(lattice, test.pixels / np.float32(255))).log_evidence)
    right = np.argmax(logs, axis=0) == test.labels
    assert right.mean() >= 0.93
