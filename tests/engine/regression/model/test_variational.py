"""The optimised q, compared with the optimum in closed form, and four estimates of the same evidence."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.derived import ANYWHERE, resolve
from engine.gaussian import Gaussian
from engine.regression import NOISES, GaussianNoise, LinearModel, Observations, Polynomial, StudentTNoise
from engine.regression.display import Display
from engine.regression.document import Regression
from engine.regression.inference import MOST_STEPS, VariationalSettings, climb_to, inference
from engine.regression.model.variational import Q

MEAN, COVARIANCE = np.array([-0.3, 0.5]), np.array([[0.04, 0.03], [0.03, 0.05]])
TARGET = Gaussian.from_moments(MEAN, COVARIANCE)
DOCUMENT = Regression(observations=Observations([0.9, -0.6, 0.2], [0.15, -0.6, -0.2]), step=3)


def climbed(target=TARGET, **choices):
    settings = VariationalSettings(draws=100, steps=MOST_STEPS, **choices)
    return climb_to(target, target.sample, settings, 1).upto(MOST_STEPS)[-1]


def kl(mean, covariance):
    """Return KL(q‖p) of two Gaussians by the textbook formula."""
    precision, away = np.linalg.inv(COVARIANCE), mean - MEAN
    log_ratio = np.linalg.slogdet(COVARIANCE)[1] - np.linalg.slogdet(covariance)[1]
    return 0.5 * (np.trace(precision @ covariance) + away @ precision @ away - 2 + log_ratio)


BEST = {  # mean-field: 1/Λᵢᵢ for KL(q‖p) (PRML 10.12–10.15), the marginals for KL(p‖q) (10.17)
    ("full covariance", "KL(q‖p)"): COVARIANCE,
    ("full covariance", "KL(p‖q)"): COVARIANCE,
    ("mean-field", "KL(q‖p)"): np.diag(1 / np.diag(np.linalg.inv(COVARIANCE))),
    ("mean-field", "KL(p‖q)"): np.diag(np.diag(COVARIANCE)),
}


@pytest.mark.parametrize(("family", "direction"), list(BEST))
def test_q_ends_at_the_best_there_is(family, direction):
    q = climbed(family=family, direction=direction)
    np.testing.assert_allclose(q.mean, MEAN, atol=0.01)
    best = BEST[family, direction]
    np.testing.assert_allclose(q.factor @ q.factor.T, best, atol=0.06 * best.max())
    if family == "mean-field":
        assert q.factor[1, 0] == 0


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e3])
def test_no_scale_is_too_small_and_none_too_large(scale):
    target = Gaussian.from_moments(MEAN, scale**2 * COVARIANCE)
    q = climbed(target)
    np.testing.assert_allclose(q.mean, MEAN, atol=0.05 * scale)
    np.testing.assert_allclose(q.factor @ q.factor.T, scale**2 * COVARIANCE, rtol=0.2)


def test_the_gap_is_the_kl_of_two_gaussians():
    q = Q(np.array([0.1, 0.2]), np.array([[0.3, 0.0], [-0.1, 0.2]]))
    assert q.divergence(TARGET) == pytest.approx(kl(q.mean, q.factor @ q.factor.T), abs=1e-10)
    assert q.entropy == pytest.approx(0.5 * np.linalg.slogdet(2 * np.pi * np.e * q.factor @ q.factor.T)[1])
    assert Q(MEAN, np.linalg.cholesky(COVARIANCE)).divergence(TARGET) == pytest.approx(0, abs=1e-12)


@pytest.mark.slow
def test_the_mean_of_the_stochastic_gradients_is_that_of_the_elbo():
    """The reference is finite differences of the closed form, in q's coordinates."""
    q = Q(np.array([0.1, 0.2]), np.array([[0.3, 0.0], [-0.1, 0.2]]))
    climb = climb_to(TARGET, TARGET.sample, VariationalSettings(draws=100), 3)
    climb.path[0] = q
    drawn = [climb._gradients(64 * i) for i in range(4000)]
    shift, stretch = (np.mean([one[i] for one in drawn], axis=0) for i in range(2))

    def elbo(move, grow):
        factor = q.factor @ (np.eye(2) + grow)
        return -kl(q.mean + q.factor @ move, factor @ factor.T)

    small, none = 1e-5, np.zeros((2, 2))
    for i in range(2):
        move = small * np.eye(2)[i]
        slope = (elbo(move, none) - elbo(-move, none)) / (2 * small)
        assert shift[i] == pytest.approx(slope, abs=0.05 * abs(slope) + 0.02)
        for j in range(i + 1):
            grow = np.zeros((2, 2))
            grow[i, j] = small
            slope = (elbo(np.zeros(2), grow) - elbo(np.zeros(2), -grow)) / (2 * small)
            assert stretch[i, j] == pytest.approx(slope, abs=0.05 * abs(slope) + 0.05)


def test_the_same_seed_takes_the_same_way_however_it_is_cut():
    settings = VariationalSettings(steps=150)
    whole = climb_to(TARGET, TARGET.sample, settings, 5).upto(150)
    cut = climb_to(TARGET, TARGET.sample, settings, 5)
    for steps in (0, 1, 63, 64, 65, 150):
        assert len(cut.upto(steps)) == steps + 1
    np.testing.assert_array_equal([q.mean for q in cut.upto(150)], [q.mean for q in whole])
    other = climb_to(TARGET, TARGET.sample, settings, 6).upto(150)
    assert not np.array_equal(other[-1].mean, whole[-1].mean)


def approximated(document, **choices):
    changed = document.with_setting(VariationalSettings(**choices))
    return resolve(changed, {inference: ANYWHERE}).get(inference)


@pytest.mark.parametrize("kind", list(NOISES), ids=lambda kind: kind.__name__)
def test_the_elbo_never_passes_the_evidence_and_the_four_ways_agree(kind):
    document = replace(DOCUMENT, model=LinearModel(noise=kind()))
    found = approximated(document, steps=600, cells=201)
    assert np.all(found.trace <= found.log_evidence + 1e-3)
    assert found.gap == pytest.approx(found.log_evidence - found.elbo)
    assert 0 <= found.gap < 0.2
    assert found.by_grid == pytest.approx(found.log_evidence, abs=0.01)
    assert found.by_laplace == pytest.approx(found.log_evidence, abs=1e-9 if kind is GaussianNoise else 0.5)
    assert len(found.path) == 601
    assert found.steps[-1] == 600


def test_a_coarse_grid_misses_a_narrow_posterior():
    exact = DOCUMENT.model.condition(DOCUMENT.observations.x, DOCUMENT.observations.t).log_evidence
    assert exact == pytest.approx(-1.429259693571, abs=1e-11)
    assert abs(approximated(DOCUMENT, cells=7).by_grid - exact) > 0.1
    assert approximated(DOCUMENT, cells=101).by_grid == pytest.approx(exact, abs=1e-3)


def test_only_the_chosen_way_is_drawn():
    assert approximated(DOCUMENT, way="grid").cells.image.shape == (25, 25)
    assert approximated(DOCUMENT, way="grid").outline is None
    assert approximated(DOCUMENT, way="exact").outline is None
    laplace = DOCUMENT.model.condition(DOCUMENT.observations.x, DOCUMENT.observations.t).weights
    np.testing.assert_allclose(approximated(DOCUMENT, way="Laplace").outline, laplace.ellipse())


def test_over_any_two_of_many_weights_and_none_over_one():
    many = replace(DOCUMENT, model=LinearModel(Polynomial(4)), settings=(Display(across=3, up=1),))
    found = approximated(many, steps=400)
    assert 0 <= found.gap < 0.1
    assert approximated(replace(DOCUMENT, model=LinearModel(Polynomial(0))), steps=1) is None


def test_the_gradient_of_every_density_is_its_slope():
    w, small = np.array([[0.2, -0.3], [1.0, 0.7]]), 1e-6
    for kind in NOISES:
        density = LinearModel(noise=kind()).condition([0.3, -0.5, 0.9], [0.1, -0.4, 1.2]).plane((1, 0))
        slopes = [(density.log_density(w + e) - density.log_density(w - e)) / (2 * small) for e in small * np.eye(2)]
        np.testing.assert_allclose(density.gradient(w), np.transpose(slopes), rtol=1e-5, atol=1e-5)
        top = density.laplace()
        np.testing.assert_allclose(density.gradient(top.mean), 0, atol=1e-7)
        bend = [
            (density.gradient(top.mean + e) - density.gradient(top.mean - e)) / (2 * small) for e in small * np.eye(2)
        ]
        np.testing.assert_allclose(top.precision, -np.array(bend), rtol=1e-4, atol=1e-4)


def test_robust_noise_needs_no_closed_form():
    found = approximated(replace(DOCUMENT, model=LinearModel(noise=StudentTNoise())), steps=50)
    assert found.method == "grid"


class Slope:
    """A density with a constant gradient: then the gradient for the factor of q is exactly I."""

    def gradient(self, w):
        return np.full_like(w, 0.1)


def test_the_steps_shorten_as_one_over_one_plus_a_hundredth_of_their_number():
    target = Slope()
    path = climb_to(target, None, VariationalSettings(draws=4, rate=0.2, spread=1e-3), 1).upto(200)
    width = np.array([q.factor[0, 0] for q in path])
    np.testing.assert_allclose(width[1:] / width[:-1] - 1, 0.2 / (1 + np.arange(200) / 100), rtol=1e-10)


def test_two_draws_a_step_do_not_bias_the_width_of_q():
    """The covariance of gradients and draws is over n − 1. Over n, two draws would end at a variance of 2, not 1."""
    target = Gaussian(np.eye(2), np.zeros(2))
    settings = VariationalSettings(draws=2, steps=400, start_0=0.0, start_1=0.0, spread=1.0)
    ends = [climb_to(target, target.sample, settings, seed).upto(400)[-1].factor for seed in range(8)]
    assert np.mean([np.log(np.diag(factor)) for factor in ends]) == pytest.approx(0, abs=0.12)
