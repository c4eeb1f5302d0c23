"""The predictive density under Student's t noise, compared with adaptive quadrature and dense sums."""

import numpy as np
import pytest
from scipy import stats

from engine.regression import GaussianBumps, LinearModel, Polynomial, StudentTNoise

X = np.array([-0.9, -0.5, -0.1, 0.3, 0.6, 0.9])
T = np.array([-0.75, -0.55, -0.35, -0.15, 0.9, 0.15])


@pytest.mark.parametrize(("scale", "exact"), [(0.2, -0.8172118033), (0.05, -0.7747), (0.01, -0.7720), (0.001, -0.7718)])
def test_narrow_noise_about_a_wide_prior_is_no_comb(scale, exact):
    there = LinearModel(noise=StudentTNoise(4, scale)).condition([], []).predict([0.7])
    assert there.log_density(0.0)[0] == pytest.approx(exact, abs=1e-9 if scale == 0.2 else 1e-3)
    density = np.exp(there.log_density(np.linspace(-3, 3, 2001)[:, None])[:, 0])
    assert np.sum(np.diff(np.sign(np.diff(density))) != 0) == 1  # one maximum


def dense(model, x, t, place, values, m=801, reach=5.0):
    """Return ln p(t* | x*, data) by sums over a fine square of two weights."""
    side = np.linspace(-reach, reach, m)
    w0, w1 = np.meshgrid(side, side, indexing="ij")
    phi, noise = model.basis.features(np.append(x, place)), stats.t(model.noise.df, scale=model.noise.scale)
    log_joint = -model.prior_precision / 2 * (w0**2 + w1**2)
    for row, tn in zip(phi[:-1], t, strict=True):
        log_joint += noise.logpdf(tn - row[0] * w0 - row[1] * w1)
    mass = np.exp(log_joint - log_joint.max())
    f = phi[-1, 0] * w0 + phi[-1, 1] * w1
    return [np.log(np.sum(mass * noise.pdf(value - f)) / mass.sum()) for value in values]


def test_the_published_case_is_the_grids_own_and_not_that_of_a_normal_f():
    there = LinearModel(noise=StudentTNoise(4, 0.2)).condition(X, T).predict([0.6, 0.0])
    np.testing.assert_allclose(there.log_density([0.9, 0.1]), [-3.0228743892, -0.6404502498], atol=2e-8)


@pytest.mark.slow
@pytest.mark.parametrize("df", [2.1, 4.0, 30.0])
@pytest.mark.parametrize("n", [1, 2, 6])
@pytest.mark.parametrize("basis", [Polynomial(1), GaussianBumps(count=2, width=0.5, low=-0.5, high=0.5, bias=False)])
def test_a_prediction_averages_over_the_posterior(df, n, basis):
    model = LinearModel(basis, 2.0, StudentTNoise(df, 0.1))
    there = model.condition(X[:n], T[:n]).predict([-0.8, 0.2])
    values = np.array([-1.0, -0.3, 0.0, 0.3])
    found, many = there.log_density(values[:, None]), there.log_density(np.linspace(-1.0, 0.3, 39)[:, None])
    for column, place in enumerate((-0.8, 0.2)):
        exact = dense(model, X[:n], T[:n], place, values)
        np.testing.assert_allclose(found[:, column], exact, atol=2e-6, rtol=3e-6)
        np.testing.assert_allclose(many[[0, -1], column], [exact[0], exact[-1]], atol=2e-6, rtol=3e-6)


@pytest.mark.slow
@pytest.mark.parametrize(("scale", "n"), [(0.05, 1), (0.01, 1), (0.001, 1), (0.05, 2), (0.02, 2), (0.05, 3), (0.02, 3)])
def test_noise_narrower_than_the_grids_cells(scale, n):
    """The reference is the evidence with one more observation, a sum over other grids."""
    posterior = LinearModel(noise=StudentTNoise(3.0, scale)).condition(X[:n], T[:n])
    for place, value in ((0.6, 0.5), (0.0, -0.3), (-0.9, -0.7)):
        exact = posterior.update(place, value).log_evidence - posterior.log_evidence
        assert posterior.predict([place]).log_density(value)[0] == pytest.approx(exact, abs=1e-5)
        among = posterior.predict([place]).log_density(np.append(np.linspace(-1, 1, 40), value)[:, None])[-1, 0]
        assert among == pytest.approx(exact, abs=1e-5)


@pytest.mark.parametrize("scale", [0.3, 0.01])
def test_a_density_integrates_to_one(scale):
    there = LinearModel(noise=StudentTNoise(4, scale)).condition(X[:1], T[:1]).predict([0.8])
    y = np.linspace(-9, 9, 1801)
    density = np.exp(there.log_density(0.3 * np.sinh(y)[:, None])[:, 0])
    assert np.sum(density * 0.3 * np.cosh(y)) * (y[1] - y[0]) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(("df", "scale", "exact"), [(4.0, 0.2, 1.3388), (2.1, 0.2, 1.1467)])
def test_the_published_information_gains_without_data(df, scale, exact):
    posterior = LinearModel(noise=StudentTNoise(df, scale)).condition([], [])
    assert posterior.information_gain([0.9])[0] == pytest.approx(exact, abs=1e-4)


@pytest.mark.slow
def test_the_information_gain_is_the_entropy_of_t_less_that_of_the_noise():
    f = np.linspace(-9, 9, 4001) * np.sqrt(181 / 200)
    y = np.linspace(0, 8, 801)
    t, steps = np.sinh(y), 2 * np.cosh(y) * (y[1] - y[0]) * np.where(y == 0, 0.5, 1)
    prior = stats.norm(0, np.sqrt(181 / 200)).pdf(f) * (f[1] - f[0])
    density = np.array([stats.t(4, scale=0.2).pdf(value - f) @ prior for value in t])
    exact = -np.sum(steps * density * np.log(density)) - stats.t(4, scale=0.2).entropy()
    posterior = LinearModel(noise=StudentTNoise(4, 0.2)).condition([], [])
    assert posterior.information_gain([0.9])[0] == pytest.approx(exact, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("n", [1, 3, 6])
def test_the_information_gain_with_data_by_summing_over_t(n):
    posterior = LinearModel(noise=StudentTNoise(4, 0.2)).condition(X[:n], T[:n])
    y = np.linspace(-8, 8, 801)
    t, steps = 0.5 * np.sinh(y), 0.5 * np.cosh(y) * (y[1] - y[0])
    for place in (-0.7, 0.4):
        logs = posterior.predict([place]).log_density(t[:, None])[:, 0]
        exact = -np.sum(steps * np.exp(logs) * logs) - stats.t(4, scale=0.2).entropy()
        assert posterior.information_gain([place])[0] == pytest.approx(exact, abs=1e-5)
    x = np.linspace(-1, 1, 257)
    np.testing.assert_allclose(
        posterior.information_gain(x)[[64, 200]], posterior.information_gain(x[[64, 200]]), atol=2e-3
    )


@pytest.mark.slow
@pytest.mark.parametrize("n", [1, 3])
def test_the_share_of_the_function_that_a_band_holds(n):
    model = LinearModel(noise=StudentTNoise(3.0, 0.05))
    there = model.condition(X[:n], T[:n]).predict([-0.8, 0.5])
    half = 1.5 * np.sqrt(there.epistemic_variance)
    side = np.linspace(-4, 4, 1601)
    w0, w1 = np.meshgrid(side, side, indexing="ij")
    log_joint = -(w0**2 + w1**2) + sum(
        stats.t(3.0, scale=0.05).logpdf(t - w0 - w1 * x) for x, t in zip(X[:n], T[:n], strict=True)
    )
    mass = np.exp(log_joint - log_joint.max())
    for i, place in enumerate((-0.8, 0.5)):
        inside = np.abs(w0 + w1 * place - there.mean[i]) <= half[i]
        assert there.held(np.array([1.5]))[0, i] == pytest.approx(mass[inside].sum() / mass.sum(), abs=4e-3)
