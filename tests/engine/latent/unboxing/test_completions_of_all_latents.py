"""Completions of a model with more than two latents: a linear model against closed forms, and the shipped model."""

import numpy as np
import pytest

from engine.derived import PENDING
from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.observations.half import Half
from engine.latent.posterior.annealing import Path
from engine.latent.posterior.scoring.measurement_gradients import log_likelihood_slopes
from engine.latent.unboxing.bracket import CHAINS
from engine.latent.unboxing.completions import CompletionsSettings, completions, resampled
from tests.engine.latent.linear import LinearModel

HALF = Latent(model="mnist-8", input=FromData(3), observation=Half("bottom"))


def last(document):
    *_, found = (value for value in completions(document) if value is not PENDING)
    return found


def test_the_weighted_mean_image_is_that_of_a_linear_model():
    """E[x | the bottom half] = W E[z | y] + b, and the deviation of E[x|z] is the root of the diagonal of W Σ Wᵀ."""
    model = LinearModel(4, latents=3, shape=(4, 4))
    x = model.image()
    measurements = Half("bottom").measure(x).measurements
    index, values = measurements[0].index, measurements[0].values
    mean, covariance, log_evidence = model.posterior(np.eye(16)[index], values)
    q = mean + 0.3, 1.3 * np.sqrt(np.diag(covariance))
    path = Path(lambda z: log_likelihood_slopes(model.vae, measurements, z), *q, 60)
    steps = path.forward(600, np.random.default_rng(0))
    while True:
        try:
            next(steps)
        except StopIteration as end:
            chains = end.value
            break
    images = chains.z @ model.w.T + model.b
    found = chains.shares @ images
    spread = np.sqrt(np.diag(model.w @ covariance @ model.w.T))
    assert np.abs(found - (model.w @ mean + model.b)).max() < 5 * spread.max() / np.sqrt(chains.effective)
    deviation = np.sqrt(chains.shares @ (images - found) ** 2)
    np.testing.assert_allclose(deviation, spread, rtol=0.25)
    assert chains.lower == pytest.approx(log_evidence, abs=0.1)


def test_resampling_draws_each_position_as_often_as_its_share():
    shares = np.array([0.5, 0.25, 0.2, 0.05])
    counts = np.bincount(resampled(shares, 40, np.random.default_rng(1)), minlength=4)
    assert np.all(np.abs(counts - 40 * shares) < 1) and counts.sum() == 40


@pytest.mark.slow
def test_the_completions_are_of_all_latents_and_say_how_well_they_are_sampled():
    found = last(HALF.with_setting(CompletionsSettings(samples=12)))
    assert not found.unavailable and found.latents == 8 and len(found.ink) == 12 and not len(found.z)
    assert 1 < found.effective <= CHAINS and found.error > 0 and not found.exact
    model = HALF.whole_model
    x = model.vae.scored(HALF.input.pixels(model.vae.card.recipe.data, (28, 28)) / np.float32(255))
    seen = np.abs(found.ink[:, 14:] / 254 - x[14:]).mean()
    assert seen < 0.12 and found.deviation[:14].mean() > 2 * found.deviation[14:].mean()


def test_without_an_observation_the_samples_are_from_the_prior():
    found = last(HALF.step_to(0).with_setting(CompletionsSettings(samples=4)))
    assert found.step == 0 and found.effective == pytest.approx(CHAINS) and found.log_evidence == pytest.approx(0)
