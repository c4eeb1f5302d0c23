"""Unknown noise, compared with published numbers and with quadrature over the noise precision."""

import numpy as np
import pytest
from scipy import stats

from engine.plane import Viewport
from engine.regression import GaussianBumps, GaussianNoise, LinearModel, Polynomial, UnknownNoise

X = np.arange(10) / 9
T = np.array([0.349486, 0.830839, 1.007332, 0.971507, 0.133066, 0.166823, -0.848307, -0.445686, -0.563567, 0.261502])
CUBIC = LinearModel(Polynomial(3), 0.01, UnknownNoise(2, 0.2))
BETA = np.exp(np.linspace(-12, 12, 4001))


def mixture(model, x, t):
    """Return the model of each β of a fine grid, and its prior probability as a quadrature weight."""
    prior = stats.gamma(model.noise.shape, scale=1 / model.noise.rate)
    share = prior.logpdf(BETA) + np.log(BETA * (np.log(BETA[1]) - np.log(BETA[0])))
    known = [
        LinearModel(model.basis, model.prior_precision * b, GaussianNoise(b)).condition(x, t) for b in BETA.tolist()
    ]
    return known, share


def test_the_published_numbers():
    found = CUBIC.condition(X, T)
    mean = [0.857083462326, -0.498518611323, -3.658640836219, 3.113704128087]
    np.testing.assert_allclose(found.weights.mean, mean, atol=1e-11)
    assert found.shape == 7
    assert found.rate == pytest.approx(1.091878806193, abs=1e-12)
    assert found.log_evidence == pytest.approx(-14.028644228758, abs=1e-11)
    there = found.predict([0.25])
    assert there.df == 14
    assert there.mean[0] == pytest.approx(0.552440384233, abs=1e-12)
    assert there.scale[0] == pytest.approx(0.431079038951, abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("n", [0, 1, 4])
def test_against_quadrature_over_the_noise_precision(n):
    model = LinearModel(Polynomial(2), 0.5, UnknownNoise(2.5, 0.3))
    found, (known, share) = model.condition(X[:n], T[:n]), mixture(model, X[:n], T[:n])
    weighed = share + [one.log_evidence for one in known]
    assert found.log_evidence == pytest.approx(np.logaddexp.reduce(weighed), abs=1e-9)
    w = np.array([[0.3, -0.2], [1.0, 2.0], [-4.0, 0.5]])
    plane = weighed[:, None] + [one.plane([0, 2]).log_density(w) for one in known]
    expected = np.logaddexp.reduce(plane, axis=0) - found.log_evidence
    np.testing.assert_allclose(found.plane([0, 2]).log_density(w), expected, atol=1e-8)
    t = np.array([[-1.0], [0.2], [3.0]])
    ahead = weighed[:, None, None] + [one.predict([0.4, 2.0]).log_density(t) for one in known]
    expected = np.logaddexp.reduce(ahead, axis=0) - found.log_evidence
    np.testing.assert_allclose(found.predict([0.4, 2.0]).log_density(t), expected, atol=1e-8)


def test_moments_are_those_of_many_draws():
    found, rng = CUBIC.condition(X, T), np.random.default_rng(0)
    w = found.sample(rng, 400_000)
    error = np.sqrt(np.diag(found.weights.covariance) / len(w))
    assert np.all(np.abs(w.mean(axis=0) - found.weights.mean) < 5 * error)
    expected = found.weights.covariance
    np.testing.assert_allclose(np.cov(w.T), expected, rtol=0.03, atol=0.02 * expected.max())


def test_the_outline_holds_95_percent():
    found, rng = CUBIC.condition(X[:3], T[:3]), np.random.default_rng(1)
    level = found.plane([1, 3]).log_density(found.outline([1, 3]))
    np.testing.assert_allclose(level, level[0])
    inside = found.plane([1, 3]).log_density(found.sample(rng, 100_000)[:, [1, 3]]) > level[0]
    assert inside.mean() == pytest.approx(0.95, abs=5 * np.sqrt(0.95 * 0.05 / 100_000))


@pytest.mark.parametrize("pair", [(0, 1), (2, 0)])
def test_prior_times_likelihood_is_posterior_on_every_plane(pair):
    before = CUBIC.condition(X[:4], T[:4])
    after = before.update(X[4], T[4])
    view = Viewport(-2, 3, -4, 2, 31, 29)
    likelihood = before.log_likelihood_over(pair, X[4], T[4], view, np.empty((2, 29, 31), np.float32))
    w = np.stack(np.meshgrid(view.x, view.y), axis=-1)
    quotient = after.plane(pair).log_density(w) - before.plane(pair).log_density(w)
    np.testing.assert_allclose(likelihood - likelihood.max(), quotient - quotient.max(), atol=2e-4)


def test_one_by_one_is_all_at_once_in_any_order():
    model = LinearModel(GaussianBumps(), 0.3, UnknownNoise())
    one_by_one = model.condition([], [])
    for i in np.random.default_rng(2).permutation(10):
        one_by_one = one_by_one.update(X[i], T[i])
    at_once = model.condition(X, T)
    assert one_by_one.log_evidence == pytest.approx(at_once.log_evidence, abs=1e-10)
    np.testing.assert_allclose(one_by_one.weights.covariance, at_once.weights.covariance, rtol=1e-9)


def test_a_sure_prior_of_the_noise_is_a_known_noise():
    sure = LinearModel(Polynomial(1), 2 / 25, UnknownNoise(1e6, 1e6 / 25)).condition(X, T)
    known = LinearModel(Polynomial(1), 2.0, GaussianNoise(25)).condition(X, T)
    np.testing.assert_allclose(sure.weights.mean, known.weights.mean, rtol=1e-9)
    np.testing.assert_allclose(sure.predict(X).variance, known.predict(X).variance, rtol=1e-4)


@pytest.mark.parametrize(
    ("shape", "n", "exact"), [(2.0, 0, 0.3650122501), (1.01, 0, 0.446), (2.0, 3, 0.2335), (2.0, 20, 0.0843)]
)
def test_the_published_information_gains(shape, n, exact):
    """The data of some published values are not printed; those are only compared with ½ ln(1 + φᵀVφ)."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, n)
    posterior = LinearModel(noise=UnknownNoise(shape, 0.2)).condition(x, 0.5 * x)
    gain = posterior.information_gain([0.9])[0]
    if n:
        spread = posterior.predict([0.9])
        assert gain > 0.5 * np.log1p(spread.epistemic_variance[0] / spread.noise_variance[0])
    else:
        assert gain == pytest.approx(exact, abs=5e-10 if shape == 2 else 5e-4)


@pytest.mark.parametrize("n", [0, 4])
@pytest.mark.parametrize("degree", [0, 1, 3])
def test_the_information_gain_is_the_entropy_of_t_less_that_of_t_given_the_weights(n, degree):
    """H(t | w) is a mean over draws of the weights, each with its own posterior of β (scipy's entropies)."""
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, n)
    t = np.sin(3 * x)
    posterior = LinearModel(Polynomial(degree), 2.0, UnknownNoise(2.0, 0.2)).condition(x, t)
    (there,) = (posterior.predict([0.7]),)
    whole = stats.t(there.df, scale=there.scale[0]).entropy()
    a, b, v = posterior.shape, posterior.rate, posterior.relative
    beta = rng.gamma(a, 1 / b, 400_000)
    square = rng.chisquare(degree + 1, len(beta)) / beta  # (w − m)ᵀV⁻¹(w − m)
    rates, shape = b + square / 2, a + (degree + 1) / 2
    given = stats.t(2 * shape).entropy() + 0.5 * np.mean(np.log(rates / shape))
    assert v.size == degree + 1
    assert posterior.information_gain([0.7])[0] == pytest.approx(whole - given, abs=4e-3)
