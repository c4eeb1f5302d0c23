"""The bracket of ln p(x): estimates in five dimensions against closed forms, and the bounds of the shipped model."""

from functools import partial

import numpy as np
import pytest

from engine.derived import PENDING
from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.observations.full import Full
from engine.latent.observations.half import Half
from engine.latent.posterior.scoring.at_latents import log_likelihoods
from engine.latent.unboxing.bracket import _known, chains_of
from engine.latent.unboxing.elbo_over_epochs import elbo_over_epochs
from engine.latent.unboxing.estimating_ln_p_x import (
    FEW,
    EstimatingSettings,
    _pool,
    estimates,
    evidence_estimates,
    log_weights,
)
from engine.latent.unboxing.evaluation import evaluation
from engine.plane import Viewport
from tests.engine.latent.linear import LinearModel

EIGHT = Latent(model="mnist-8", input=FromData(3)).with_setting(EstimatingSettings(temperatures=24))


def test_importance_sampling_in_five_dimensions_is_that_of_the_closed_form():
    model = LinearModel(2, latents=5, shape=(2, 4))
    x = model.image()
    mean, covariance, log_evidence = model.posterior(np.eye(x.size), x.ravel())
    score = partial(log_likelihoods, model.vae, Full().measure(x).measurements)
    epsilon = np.random.default_rng(0).standard_normal((20_000, 5))
    deviation = 1.2 * np.sqrt(np.diag(covariance))
    logs = log_weights(score, mean, deviation, epsilon)
    assert estimates(logs, len(logs))[0] == pytest.approx(log_evidence, abs=0.05)
    spread, at = np.diag(covariance), deviation**2  # E_q[ln w] is the ELBO, ln p(x) − KL(q‖p(z|x))
    inverse = np.linalg.inv(covariance)
    kl = 0.5 * (np.trace(inverse @ np.diag(at)) - 5 + np.linalg.slogdet(covariance)[1] - np.sum(np.log(at)))
    assert spread.shape == at.shape and logs.mean() == pytest.approx(log_evidence - kl, abs=0.05)


@pytest.fixture(scope="module")
def bracket():
    *_, last = (value for value in chains_of(EIGHT, 24, 1).go() if value is not PENDING)
    return last


def test_the_bounds_of_the_shipped_model_are_in_order(bracket):
    """Importance sampling from q is a lower bound that needs no chains; the chains are above it or equal."""
    model, drawn = EIGHT.whole_model, bracket.drawn
    assert bracket.latents == 8 and bracket.chains.z.shape == (64, 8)
    assert drawn.lower - 3 * drawn.error < drawn.upper + 3 * drawn.upper_error
    assert drawn.width < 1.5
    x = EIGHT.input.pixels(model.vae.card.recipe.data, (28, 28)) / np.float32(255)
    measurements = Full().measure(model.vae.scored(x)).measurements
    mean, deviation = (each[0] for each in model.vae.encode(x[None]))
    epsilon = np.random.default_rng(5).standard_normal((2000, 8))
    logs = log_weights(partial(log_likelihoods, model.vae, measurements), mean, deviation, epsilon)
    assert logs.mean() < bracket.chains.lower
    assert estimates(logs, 2000)[0] == pytest.approx(bracket.chains.lower, abs=1.0)
    assert 0 < bracket.kl_from_q < bracket.kl_from_prior < 40


def test_the_panel_first_gets_bounds_with_few_temperatures_and_then_those_it_asked_for(monkeypatch, bracket):
    monkeypatch.setattr("engine.latent.unboxing.estimating_ln_p_x.POOL", 2**11)
    _pool.cache_clear()  # other tests have larger pools
    _known.clear()  # the fixture has computed the chains
    found = [value for value in evidence_estimates(EIGHT) if value is not PENDING]
    assert [each.bracket.temperatures for each in found] == [FEW, 24, 24]
    assert found[0].prior.repeats.size and found[0].pool == 2**11
    last = found[-1]
    assert last.symbol == "x" and last.bracket.drawn == bracket.drawn and last.log_evidence == bracket.chains.lower
    assert last.elbo < last.log_evidence and last.prior.needed > last.q.needed


def test_a_half_seen_image_has_bounds_too(bracket):
    half = EIGHT.with_observation(Half("bottom"))
    first = next(value for value in chains_of(half, 24, 1).go() if value is not PENDING)
    assert np.isfinite(first.chains.lower) and first.chains.lower > bracket.chains.lower


def test_panels_that_need_a_grid_give_the_reason():
    tested = next(iter(evaluation(EIGHT, Viewport(0, 1, 0, 1, 1, 10))))
    assert "301⁸" in tested.unavailable and tested.log_evidence is None
    assert "not trained on this computer" in next(iter(elbo_over_epochs(EIGHT)))
