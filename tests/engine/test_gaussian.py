"""The Gaussian, compared with mpmath, a dense grid and the rules of probability."""

from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.gaussian import Gaussian, absorb, triangle
from engine.regression import GaussianNoise, LinearModel, Polynomial


def random_gaussian(rng, k):
    root = rng.standard_normal((k, k))
    return rng.standard_normal(k), root @ root.T + 0.1 * np.eye(k)


@pytest.mark.slow
@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_from_moments_gives_the_moments(seed, k):
    mean, covariance = random_gaussian(np.random.default_rng(seed), k)
    gaussian = Gaussian.from_moments(mean, covariance)
    np.testing.assert_allclose(gaussian.mean, mean, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(gaussian.covariance, covariance, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(gaussian.precision @ covariance, np.eye(k), atol=1e-6)
    np.testing.assert_allclose(gaussian.shift, gaussian.precision @ mean, rtol=1e-7, atol=1e-9)


def test_a_covariance_that_is_not_positive_definite_is_refused():
    with pytest.raises(ValueError, match="positive definite"):
        Gaussian.from_moments([0, 0], [[1, 2], [2, 1]])


def test_the_log_density_agrees_with_mpmath():
    rng = np.random.default_rng(0)
    mean, covariance = random_gaussian(rng, 3)
    w = rng.standard_normal((5, 3))
    log_density = Gaussian.from_moments(mean, covariance).log_density(w)
    with mp.workdps(50):
        inverse, determinant = mp.inverse(mp.matrix(covariance.tolist())), mp.det(mp.matrix(covariance.tolist()))
        for row, value in zip(w, log_density, strict=True):
            d = mp.matrix((row - mean).tolist())
            exact = -((d.T * inverse * d)[0] + mp.log(determinant) + 3 * mp.log(2 * mp.pi)) / 2
            assert abs(value - exact) < 1e-12 * (1 + abs(exact))


@given(st.integers(0, 2**32 - 1))
def test_a_product_is_the_product_of_the_densities_up_to_a_constant(seed):
    rng = np.random.default_rng(seed)
    a, b = (Gaussian.from_moments(*random_gaussian(rng, 2)) for _ in range(2))
    x, y = np.linspace(-2, 2, 40), np.linspace(-3, 3, 50)
    w = np.stack(np.broadcast_arrays(x[None, :], y[:, None]), axis=-1)
    difference = a.log_density(w) + b.log_density(w) - (a * b).log_density(w)
    assert np.ptp(difference) < 1e-8 * (1 + np.abs(a.log_density(w)).max() + np.abs(b.log_density(w)).max())


@pytest.mark.parametrize("sharpness", [1.0, 1e3, 1e9])
def test_the_kernel_over_a_grid_agrees_with_the_kernel_where_it_is_visible(sharpness):
    x, y = np.linspace(-2, 2, 101), np.linspace(-3, 3, 131)
    w = np.stack(np.broadcast_arrays(x[None, :], y[:, None]), axis=-1)
    mean, covariance = random_gaussian(np.random.default_rng(1), 2)
    proper = Gaussian.from_moments(mean, covariance / sharpness)
    ridge = Gaussian(np.sqrt(sharpness) * np.array([[5.0, 4.5]]), np.sqrt(sharpness) * np.array([0.75]))
    for factor in (proper, ridge):
        exact, kernel = factor.log_kernel(w), factor.log_kernel_over(x, y)
        top = Gaussian(factor.root, factor.target).log_kernel(np.linalg.lstsq(factor.root, factor.target)[0])
        visible = exact - top > -20
        np.testing.assert_allclose(kernel[visible], (exact - top)[visible], atol=2e-2)
        assert np.all(kernel[~visible] < -19)


def test_the_covariance_of_a_marginal_is_a_block_of_the_covariance():
    mean, covariance = random_gaussian(np.random.default_rng(2), 5)
    marginal = Gaussian.from_moments(mean, covariance).marginal([3, 1])
    np.testing.assert_allclose(marginal.mean, mean[[3, 1]])
    np.testing.assert_allclose(marginal.covariance, covariance[np.ix_([3, 1], [3, 1])])


def test_a_likelihood_without_a_prior_has_no_moments():
    ridge = Gaussian(np.array([[1.0, 2.0]]), np.array([0.5]))
    with pytest.raises(ValueError, match="direction open"):
        ridge.mean  # noqa: B018
    assert (Gaussian.isotropic(2, 1.0) * ridge).mean.shape == (2,)


def test_samples_have_the_moments_of_the_gaussian():
    mean, covariance = random_gaussian(np.random.default_rng(3), 3)
    drawn = Gaussian.from_moments(mean, covariance).sample(np.random.default_rng(4), 200_000)
    np.testing.assert_allclose(drawn.mean(0), mean, atol=0.02)
    np.testing.assert_allclose(np.cov(drawn.T), covariance, atol=0.05)


def test_the_ellipse_holds_95_percent_of_the_samples():
    mean, covariance = random_gaussian(np.random.default_rng(5), 2)
    gaussian = Gaussian.from_moments(mean, covariance)
    outline = gaussian.ellipse(0.95)
    height = gaussian.log_kernel(outline)
    assert np.ptp(height) < 1e-9
    inside = np.mean(gaussian.log_kernel(gaussian.sample(np.random.default_rng(6), 100_000)) > height.mean())
    assert inside == pytest.approx(0.95, abs=0.003)


def test_an_ellipse_of_2000_pixels_is_round_to_a_fifth_of_a_pixel():
    outline = Gaussian.from_moments(np.zeros(2), np.eye(2)).ellipse(0.95)
    sides = np.hypot(*((outline[:-1] + outline[1:]) / 2).T)
    radius = np.sqrt(-2 * np.log(0.05))  # 95 % of a Gaussian in two dimensions
    assert 1000 * (1 - sides.min() / radius) < 0.2


@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(1, 6), st.integers(0, 9))
def test_a_triangle_has_the_products_of_its_rows(seed, n, k, spread):
    """The products of the rows are exact, as fractions."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((n, k)) * 10.0 ** rng.integers(-spread, spread + 1, (n, 1))
    rows[rng.random((n, k)) < 0.2] = 0
    upper = triangle(rows)
    assert upper.shape == (min(n, k), k)
    np.testing.assert_array_equal(upper, np.triu(upper))
    assert np.all(np.diag(upper) >= 0)
    length = [sum(Fraction(v) ** 2 for v in column) for column in rows.T.tolist()]
    for i, one in enumerate(rows.T.tolist()):
        for j, other in enumerate(rows.T.tolist()):
            exact = sum(Fraction(v) * Fraction(w) for v, w in zip(one, other, strict=True))
            ours = sum(Fraction(v) * Fraction(w) for v, w in zip(*upper[:, [i, j]].T.tolist(), strict=True))
            assert (ours - exact) ** 2 <= Fraction(1, 10**28) * length[i] * length[j]


@pytest.mark.parametrize("root", [[[2.0, 1.0], [0.0, 3.0]], [[1e-4, 3e4], [0.0, 2e5]], [[1e9, -1e9], [0.0, 1e-9]],
                                  [[1e-160, 1e160], [0.0, 1e160]], [[1e200, 1e-200], [0.0, 1e-200]],
                                  [[2.0, 1.0], [1.0, 3.0]]])  # fmt: skip
def test_the_inverse_root_of_two_variables_has_all_digits(root):
    found = Gaussian(np.array(root), np.ones(2)).inverse_root
    (a, b), (c, d) = (map(Fraction, row) for row in root)
    exact = [[d, -b], [-c, a]]
    for i in range(2):
        for j in range(2):
            value = exact[i][j] / (a * d - b * c)
            assert abs(Fraction(found[i, j]) - value) <= abs(value) / 10**15


def test_a_root_of_two_variables_that_is_singular_has_no_inverse():
    for root in ([[1.0, 2.0], [0.0, 0.0]], [[0.0, 2.0], [0.0, 1.0]]):
        with pytest.raises(ValueError, match="direction open"):
            Gaussian(np.array(root), np.ones(2)).inverse_root  # noqa: B018


@given(st.integers(0, 2**32 - 1), st.integers(1, 8))
def test_absorbing_rows_one_by_one_gives_the_triangle_of_all_rows(seed, m):
    rows = np.random.default_rng(seed).standard_normal((m + 5, m))
    one_by_one = np.zeros((m, m))
    for row in rows:
        one_by_one = absorb(one_by_one, row)
    np.testing.assert_allclose(one_by_one, triangle(rows), atol=1e-10)


def test_the_heatmap_of_a_very_narrow_density_has_finite_values():
    narrow = Gaussian.from_moments(np.zeros(2), 1e-40 * np.array([[2.0, 1.0], [1.0, 2.0]]))
    x = np.linspace(-1, 1, 5)
    kernel = narrow.log_kernel_over(x, x)
    assert np.all(np.isfinite(kernel))
    assert np.unravel_index(kernel.argmax(), kernel.shape) == (2, 2)


def test_a_factor_without_rows_says_nothing_and_numbers_that_overflow_are_seen():
    x = np.linspace(-1, 1, 5)
    assert np.all(Gaussian(np.empty((0, 2)), np.empty(0)).log_kernel_over(x, x) == 0)
    assert triangle(np.empty((4, 0))).shape == (0, 0)
    assert not np.isfinite(triangle(np.full((4, 3), 1e308))).all()
    assert np.isnan(absorb(np.full((2, 2), 1.5e308), np.full(2, 1.5e308))).any()


@pytest.mark.parametrize(("alpha", "x"), [(2.0, 1e15), (1e-4, 1e12), (1e-20, 1e6)])
def test_the_mean_at_repeated_far_places_keeps_its_digits(alpha, x):
    """Givens rotations of all rows, one after the other, lose them."""
    model = LinearModel(Polynomial(2), alpha, GaussianNoise(25.0))
    posterior = model.condition([x, x, x], [0.2, 0.3, -0.4])
    assert posterior.predict([x]).mean[0] == pytest.approx(0.1 / 3, rel=1e-4)
