"""Diagnosis: what goes wrong is named, and what goes well is not."""

import numpy as np
import pytest

from engine.latent.vae.diagnosis import diagnose
from engine.latent.vae.progress import History


def history(elbo):
    return History(points=[(float(i), float(value), 0.0) for i, value in enumerate(elbo)])


GOOD = history(-150 - 400 * np.exp(-np.arange(200) / 10) + np.random.default_rng(0).normal(0, 3, 200))


def test_a_training_that_goes_well_is_left_alone():
    assert diagnose(np.array([3.0, 3.5]), GOOD, 5.0) == ""


def test_a_collapsed_posterior_is_named():
    assert diagnose(np.array([0.01, 0.0]), GOOD, 5.0).startswith("Posterior collapse")


def test_a_single_collapsed_axis_is_named():
    assert diagnose(np.array([3.0, 0.01]), GOOD, 5.0).startswith("Axis z₁ has collapsed")


def test_the_very_beginning_is_no_collapse():
    assert diagnose(np.array([0.0, 0.0]), GOOD, 0.1) == ""


@pytest.mark.parametrize("end", [-5000.0, -800.0])
def test_a_training_that_diverges_is_named(end):
    elbo = np.concatenate([np.linspace(-550, -150, 100), np.full(60, end)])
    assert diagnose(np.array([3.0, 3.0]), history(elbo), 5.0).startswith("The ELBO falls")
