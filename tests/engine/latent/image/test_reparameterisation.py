"""Reparameterisation: z is exactly μ + σ ⊙ ε, and both estimators of the gradient are unbiased."""

import numpy as np
import pytest
from msgspec.structs import replace
from numpy.polynomial.hermite_e import hermegauss
from scipy import stats

from engine.latent.document import Latent
from engine.latent.gaussian_q import GaussianQ, gaussian_q
from engine.latent.image.encoding import encoded
from engine.latent.image.reparameterisation import (
    COUNTS,
    Linked,
    ReparameterisationSettings,
    averaged,
    estimates,
    reparameterisation,
    sample,
)
from engine.latent.inputs.input import FromData
from engine.latent.posterior.scoring.latent_gradients import log_likelihood_gradient, log_likelihoods
from engine.session import Session, decode, encode

# A linear-Gaussian decoder x ~ N(A z + b, s²I), of which the ELBO is known in closed form.
RNG = np.random.default_rng(2)
A, B, X, S = RNG.normal(size=(5, 2)), RNG.normal(size=5), RNG.normal(size=5), 0.7
MEAN, DEVIATION = np.array([0.4, -0.9]), np.array([0.5, 0.2])


def gradient(z):
    left = X - z @ A.T - B
    return stats.norm.logpdf(left, scale=S).sum(axis=1), left @ A / S**2


def elbo(parameters):
    """E_q[ln p(x|z)] − KL(q‖p) in closed form, at (μ₀, μ₁, ln σ₀, ln σ₁)."""
    mean, deviation = parameters[:2], np.exp(parameters[2:])
    fit = stats.norm.logpdf(X - A @ mean - B, scale=S).sum() - 0.5 * np.sum(A**2 @ deviation**2) / S**2
    kl = 0.5 * np.sum(mean**2 + deviation**2 - 1) - np.sum(np.log(deviation))
    return fit - kl


def exact_gradient():
    here, h = np.concatenate([MEAN, np.log(DEVIATION)]), 1e-5
    return np.array([(elbo(here + h * axis) - elbo(here - h * axis)) / (2 * h) for axis in np.eye(4)])


def of(epsilon):
    z = sample(MEAN, DEVIATION, epsilon)
    return estimates(DEVIATION, epsilon, z, *gradient(z))


def quadrature():
    """Nodes (n, 2) and weights (n,) of a standard Gaussian in two dimensions, exact to order 23 in each."""
    nodes, weights = hermegauss(12)
    weights = weights / weights.sum()
    places = np.stack(np.meshgrid(nodes, nodes), axis=-1).reshape(-1, 2)
    return places, np.outer(weights, weights).ravel()


def test_z_is_mu_plus_sigma_times_epsilon():
    epsilon = RNG.normal(size=(9, 2))
    z = sample(MEAN, DEVIATION, epsilon)
    for i in range(9):
        for k in range(2):
            assert z[i, k] == MEAN[k] + DEVIATION[k] * epsilon[i, k]


def test_both_estimators_have_the_gradient_of_the_closed_form_elbo_as_their_mean():
    places, weights = quadrature()
    found = of(places)
    np.testing.assert_allclose(weights @ found.score, exact_gradient(), rtol=1e-6)
    np.testing.assert_allclose(weights @ found.pathwise, exact_gradient(), rtol=1e-6)


def test_the_standard_deviations_agree_with_quadrature():
    places, weights = quadrature()
    found, drawn = of(places), of(np.random.default_rng(5).normal(size=(200_000, 2)))
    for way, (score, pathwise) in ((1, drawn.deviations(1)), (5, drawn.deviations(5))):
        for exact, measured in ((found.score, score), (found.pathwise, pathwise)):
            variance = weights @ exact**2 - (weights @ exact) ** 2
            np.testing.assert_allclose(measured, np.sqrt(variance / way), rtol=0.03)
    known, error = drawn.exact
    assert np.all(np.abs(known - exact_gradient()) < 4.5 * error)


def test_averages_are_over_complete_groups_in_order():
    single = np.arange(28.0).reshape(7, 4)
    np.testing.assert_array_equal(averaged(single, 3), [single[:3].mean(axis=0), single[3:6].mean(axis=0)])
    assert COUNTS[0] == 1


@pytest.fixture(scope="module")
def document():
    return Latent().with_input(FromData(3))


def test_the_gradient_of_the_likelihood_agrees_with_finite_differences(document):
    vae, x = document.loaded_model.vae, document.loaded_model.vae.card.recipe.data.test().pixels[3] / np.float32(255)
    z = np.random.default_rng(0).normal(size=(70, 2))
    values, slopes = log_likelihood_gradient(vae, x, z)
    ink = np.clip(vae.decode(z).astype(float).reshape(70, -1), 1e-30, 1)
    expected = stats.bernoulli.logpmf(x.ravel() > 0.5, ink)
    np.testing.assert_allclose(values, expected.sum(axis=1), rtol=1e-4)
    np.testing.assert_allclose(log_likelihoods(vae, np.repeat(x[None], 70, axis=0), z), values, rtol=1e-5)
    h = 4e-3
    for axis, step in enumerate(np.eye(2) * h):
        up, down = (log_likelihood_gradient(vae, x, z + sign * step)[0] for sign in (1, -1))
        np.testing.assert_allclose(slopes[:, axis], (up - down) / (2 * h), rtol=0.05, atol=0.02 * np.abs(slopes).max())


def values_of(document):
    """All values that the computation yields, the pending ones left out."""
    return [value for value in reparameterisation(document) if isinstance(value, Linked)]


@pytest.mark.slow
def test_z_comes_first_and_then_more_and_more_estimates(document):
    values = values_of(document)
    image = encoded(document)
    first, last = values[0], values[-1]
    np.testing.assert_array_equal(first.z, image.mean + image.deviation * document[ReparameterisationSettings].epsilon)
    np.testing.assert_array_equal(first.ink, document.loaded_model.decode(first.z))
    assert first.estimates is None
    sizes = [len(found.estimates.score) for found in values if found.estimates]
    assert sizes == sorted(sizes)
    assert sizes[-1] == 8192
    score, pathwise = last.estimates.deviations(10)
    assert np.all(score > 5 * pathwise)
    known, error = last.estimates.exact
    mean, spread = last.estimates.score.mean(axis=0), last.estimates.score.std(axis=0) / np.sqrt(8192)
    assert np.all(np.abs(mean - known) < 4.5 * np.hypot(spread, error))


def test_without_an_image_there_is_q_but_no_gradient():
    found = values_of(Latent())[-1]
    np.testing.assert_array_equal(found.z, found.epsilon)
    assert found.encoder is None
    assert found.estimates is None


def test_epsilon_is_drawn_moved_and_reset():
    trick = ReparameterisationSettings(points=5, seed=9)
    drawn = np.random.default_rng(9).standard_normal((5, 2))
    np.testing.assert_array_equal(trick.epsilon, drawn)
    moved = trick.move(2, np.array([0.25, -9.0]))
    np.testing.assert_array_equal(moved.epsilon[2], [0.25, -6.0])
    np.testing.assert_array_equal(np.delete(moved.epsilon, 2, axis=0), np.delete(drawn, 2, axis=0))
    assert len(moved.move(2, np.zeros(2)).moved) == 1
    assert moved.put_back(2) == trick
    with pytest.raises(ValueError, match="has not been moved"):
        trick.put_back(2)
    assert not np.array_equal(moved.fresh().epsilon, drawn)
    assert replace(moved, points=2).epsilon.shape == (2, 2)


@pytest.mark.slow
def test_a_q_of_the_user_is_in_the_file_and_in_the_scene(document):
    put = document.with_q(GaussianQ(1.0, 2.0, 0.5, 0.25))
    put = put.with_setting(put[ReparameterisationSettings].move(0, np.ones(2)))
    assert decode(encode(Session(put))).document == put
    found = values_of(put)[-1]
    np.testing.assert_array_equal(found.z[0], [1.5, 2.25])
    assert found.encoder == gaussian_q(encoded(put).mean, encoded(put).deviation)
    with pytest.raises(ValueError, match="σ₀"):
        GaussianQ(deviation_0=0.0)
