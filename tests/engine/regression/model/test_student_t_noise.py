"""Student's t noise, compared with published numbers, a dense grid, and the Gaussian limit."""

import numpy as np
import pytest
from scipy import stats

from engine.plane import Viewport
from engine.regression import Ellipse, GaussianNoise, LinearModel, Polynomial, StudentTNoise
from engine.regression.data.observations import Observations
from engine.regression.model.student_t_grid import GRID_POINTS
from engine.regression.model.student_t_noise import Joint

X = np.array([-0.9, -0.5, -0.1, 0.3, 0.6, 0.9])
T = np.array([-0.75, -0.55, -0.35, -0.15, 0.9, 0.15])
LINE = LinearModel(noise=StudentTNoise(4, 0.2))


def plain(model, x, t, reach, m=801):
    """Return evidence, mean and covariance, summed over a square of weights with scipy's densities."""
    side = np.linspace(-reach, reach, m)
    w = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1)
    joint = stats.multivariate_normal(model.prior.mean, model.prior.covariance).logpdf(w)
    for xn, tn in zip(x, t, strict=True):
        joint += stats.t(model.noise.df, loc=w @ [1, xn], scale=model.noise.scale).logpdf(tn)
    mass = np.exp(joint)
    total = mass.sum()
    mean = np.einsum("ij,ijk->k", mass, w) / total
    about = w - mean
    covariance = np.einsum("ij,ijk,ijl->kl", mass, about, about) / total
    return np.log(total * (side[1] - side[0]) ** 2), mean, covariance


def test_the_published_numbers():
    found = LINE.condition(X, T)
    assert found.method == "grid"
    np.testing.assert_allclose(found.weights.mean, [-0.2481341699, 0.5576223915], atol=1e-9)
    np.testing.assert_allclose(np.sqrt(np.diag(found.weights.covariance)), [0.0974721896, 0.1603453560], atol=1e-9)
    assert found.log_evidence == pytest.approx(-4.6282433474, abs=1e-9)
    gaussian = LinearModel().condition(X, T)
    np.testing.assert_allclose(gaussian.weights.mean, [-0.1573873156, 0.6897162634], atol=1e-9)
    assert gaussian.log_evidence == pytest.approx(-7.3540643844, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("n", [0, 1, 2, 5])
@pytest.mark.parametrize("df", [2.1, 4.0, 30.0])
def test_against_a_plain_grid(n, df):
    model = LinearModel(prior_precision=1.5, noise=StudentTNoise(df, 0.15))
    found = model.condition(X[1 : n + 1], T[1 : n + 1])
    log_evidence, mean, covariance = plain(model, X[1 : n + 1], T[1 : n + 1], 6)
    assert found.log_evidence == pytest.approx(log_evidence, abs=1e-6)
    np.testing.assert_allclose(found.weights.mean, mean, atol=1e-6)
    np.testing.assert_allclose(found.weights.covariance, covariance, atol=1e-5)


@pytest.mark.proof
def test_two_quarrelling_points_leave_two_maxima_and_the_grid_sees_both():
    model = LinearModel(noise=StudentTNoise(2.1, 0.02))
    x, t = [0.5, 0.5], [-0.8, 0.8]
    found = model.condition(x, t)
    log_evidence, mean, _ = plain(model, x, t, 6, 2401)
    assert found.log_evidence == pytest.approx(log_evidence, abs=1e-3)
    np.testing.assert_allclose(found.weights.mean, mean, atol=2e-3)


@pytest.mark.slow
def test_with_a_full_prior():
    model = LinearModel(noise=StudentTNoise(4, 0.2), prior_shape=Ellipse(0.3, -0.2, 0.4, 0.6, 0.7))
    found = model.condition(X, T)
    log_evidence, mean, _ = plain(model, X, T, 4)
    assert found.log_evidence == pytest.approx(log_evidence, abs=1e-6)
    np.testing.assert_allclose(found.weights.mean, mean, atol=1e-6)


@pytest.mark.parametrize("degree", [0, 1, 3])
def test_with_many_degrees_of_freedom_it_is_gaussian(degree):
    robust = LinearModel(Polynomial(degree), 2.0, StudentTNoise(1000, 0.2)).condition(X[:4], T[:4])
    gaussian = LinearModel(Polynomial(degree), 2.0, GaussianNoise(25)).condition(X[:4], T[:4])
    assert robust.method == ("grid" if degree < 2 else "Laplace")
    np.testing.assert_allclose(robust.weights.mean, gaussian.weights.mean, atol=2e-3)
    assert robust.log_evidence == pytest.approx(gaussian.log_evidence, abs=0.02)


def test_the_gradient_is_that_of_the_density():
    joint = Joint(LINE, Observations(X, T))
    w, step = np.array([0.1, 0.4]), 1e-6
    differences = [(joint.log_density(w + e) - joint.log_density(w - e)) / (2 * step) for e in step * np.eye(2)]
    np.testing.assert_allclose(joint.gradient(w), differences, rtol=1e-6)
    np.testing.assert_allclose(joint.gradient(joint.mode()), 0, atol=1e-9)
    bend = [(joint.gradient(w + e) - joint.gradient(w - e)) / (2 * step) for e in step * np.eye(2)]
    mode = joint.mode()
    bend = [(joint.gradient(mode + e) - joint.gradient(mode - e)) / (2 * step) for e in step * np.eye(2)]
    root = joint.curvature(mode)
    np.testing.assert_allclose(root.T @ root, -np.array(bend), rtol=1e-6)


def test_laplace_beyond_two_weights_is_near_importance_sampling():
    model, rng = LinearModel(Polynomial(2), 2.0, StudentTNoise(4, 0.2)), np.random.default_rng(0)
    x = rng.uniform(-1, 1, 60)
    t = -0.3 + 0.5 * x + 0.2 * rng.standard_t(4, 60)
    found = model.condition(x, t)
    assert found.method == "Laplace"
    proposal = stats.multivariate_t(found.weights.mean, found.weights.covariance * 1.5, df=5, seed=rng)
    w = proposal.rvs(50_000)
    log_share = Joint(model, Observations(x, t)).log_density(w) - proposal.logpdf(w)
    assert found.log_evidence == pytest.approx(np.logaddexp.reduce(log_share) - np.log(len(w)), abs=0.05)


def test_draws_have_the_moments_and_the_outline_holds_95_percent_of_them():
    found = LINE.condition(X, T)
    w = found.sample(np.random.default_rng(0), 20_000)
    np.testing.assert_allclose(w.mean(axis=0), found.weights.mean, atol=0.005)
    np.testing.assert_allclose(np.cov(w.T), found.weights.covariance, atol=0.001)
    ends = found.outline([0, 1]).reshape(-1, 2)
    level = found.plane([0, 1]).log_density(ends)
    np.testing.assert_allclose(level, level.mean(), atol=0.02)
    inside = found.plane([0, 1]).log_density(w) > level.mean()
    assert inside.mean() == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize("pair", [(0, 1), (1, 0)])
def test_prior_times_likelihood_is_posterior(pair):
    before, after = LINE.condition(X[:3], T[:3]), LINE.condition(X[:4], T[:4])
    view = Viewport(-1, 1, -1, 1, 21, 23)
    likelihood = before.log_likelihood_over(pair, X[3], T[3], view, np.empty((2, 23, 21), np.float32))
    w = np.stack(np.meshgrid(view.x, view.y), axis=-1)
    quotient = after.plane(pair).log_density(w) - before.plane(pair).log_density(w)
    np.testing.assert_allclose(likelihood - likelihood.max(), quotient - quotient.max(), atol=1e-3)


def test_with_more_weights_the_likelihood_averages_over_the_others():
    before = LinearModel(Polynomial(2), 2.0, StudentTNoise(4, 0.2)).condition(X[:3], T[:3])
    view = Viewport(-1, 1, -1, 1, 5, 4)
    likelihood = before.log_likelihood_over((0, 1), 0.6, 0.9, view, np.empty((2, 4, 5), np.float32))
    mean, joint = before.weights.mean, before.weights.covariance
    expected = np.empty((4, 5))
    for i, up in enumerate(view.y):
        for j, across in enumerate(view.x):
            gain = np.linalg.solve(joint[:2, :2], joint[:2, 2])
            w2 = mean[2] + gain @ ([across, up] - mean[:2])
            spread = np.sqrt(joint[2, 2] - gain @ joint[:2, 2])
            others = np.linspace(-8, 8, 2001)
            f = across + 0.6 * up + 0.36 * (w2 + spread * others)
            average = np.trapezoid(stats.t(4, loc=f, scale=0.2).pdf(0.9) * stats.norm.pdf(others), others)
            expected[i, j] = np.log(average)
    np.testing.assert_allclose(likelihood - likelihood.max(), expected - expected.max(), atol=2e-3)


def test_too_many_observations_for_a_grid_go_to_laplace():
    x = np.linspace(-1, 1, GRID_POINTS + 1)
    assert LINE.condition(x, 0.5 * x).method == "Laplace"


def test_dragging_one_point_out_moves_the_robust_line_back():
    t, drift = np.array([-0.75, -0.55, -0.35, -0.15, 0.0, 0.15]), []
    for away in (0.3, 0.6, 2.0, 6.0):
        moved = t + away * (X == 0.6)
        robust, gaussian = LINE.condition(X, moved).weights.mean, LinearModel().condition(X, moved).weights.mean
        at_home = LINE.condition(X, t).weights.mean
        drift.append((np.linalg.norm(robust - at_home), np.linalg.norm(gaussian - at_home)))
    robust, gaussian = np.array(drift).T
    assert np.all(np.diff(gaussian) > 0)
    assert robust[-1] < robust.max() < gaussian[2] / 3
