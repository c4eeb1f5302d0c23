"""Diagnosis: what goes wrong is named, and what goes well is not."""

import numpy as np
import pytest

from engine.latent.vae.history import History
from engine.latent.vae.training.diagnosis import diagnose


def history(elbo):
    return History(points=[(float(i), float(value), 0.0) for i, value in enumerate(elbo)])


GOOD = history(-150 - 400 * np.exp(-np.arange(200) / 10) + np.random.default_rng(0).normal(0, 3, 200))


def test_a_training_that_goes_well_is_left_alone():
    assert diagnose(np.array([3.0, 3.5]), GOOD, 2000, 4680) == ""


def test_a_collapsed_posterior_is_named():
    assert diagnose(np.array([0.01, 0.0]), GOOD, 2000, 4680).startswith("Posterior collapse")


def test_a_single_collapsed_axis_is_named():
    assert diagnose(np.array([3.0, 0.01]), GOOD, 2000, 4680).startswith("Axis z₁ has collapsed")


@pytest.mark.parametrize(("step", "kl"), [(10, [0.0, 0.0]), (100, [0.01, 0.04]), (270, [3.0, 0.01])])
def test_what_healthy_trainings_look_like_at_first_is_no_collapse(step, kl):
    """Measurements with the recipes to begin with; after that many steps both axes were in use."""
    assert diagnose(np.array(kl), GOOD, step, 4680) == ""


def test_a_short_training_that_ends_collapsed_is_told_at_its_end():
    assert diagnose(np.array([0.0, 0.0]), GOOD, 159, 160) == ""
    assert diagnose(np.array([0.0, 0.0]), GOOD, 160, 160).startswith("Posterior collapse")


@pytest.mark.parametrize("end", [-5000.0, -800.0])
def test_a_training_that_diverges_is_named(end):
    elbo = np.concatenate([np.linspace(-550, -150, 100), np.full(60, end)])
    assert diagnose(np.array([3.0, 3.0]), history(elbo), 2000, 4680).startswith("The ELBO falls")
