"""Interpretability: the mutual information of a latent and a factor against integrals and exact values."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from engine.latent.plane.interpretability import binned, interpretability, mutual_information_gap

NAMES = ("a", "b")


def test_the_gap_of_a_table_is_that_of_its_formula():
    information = np.array([[0.6, 0.1], [0.2, 0.1], [0.1, 0.4]])
    assert mutual_information_gap(information, np.array([0.8, 0.6])) == pytest.approx((0.4 / 0.8 + 0.3 / 0.6) / 2)
    assert mutual_information_gap(information, np.array([0.8, 0.0])) == pytest.approx(0.5)


def test_latents_that_are_the_factors_have_a_gap_of_1():
    bits = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 5, float)
    mean = np.column_stack([20 * bits[:, 1], np.zeros(20), 20 * bits[:, 0]])
    found = interpretability(mean, np.full((20, 3), 0.1), bits, NAMES)
    assert found.gap == pytest.approx(1, abs=1e-9)
    np.testing.assert_allclose(found.correlation, [[0, 1], [0, 0], [1, 0]], atol=1e-12)
    np.testing.assert_allclose(found.information, np.log(2) * found.correlation, atol=1e-9)
    np.testing.assert_allclose(found.entropy, np.log(2))


def test_two_latents_that_know_the_same_have_a_gap_of_0():
    values = np.tile([0.0, 1.0], 10)
    mean = np.column_stack([values, values])
    assert interpretability(mean, np.full((20, 2), 0.3), values[:, None], ("a",)).gap == pytest.approx(0, abs=1e-12)


def test_the_information_of_overlapping_densities_is_that_of_an_integral():
    values, centres, sigma = np.array([0.0, 0.0, 0.0, 1.0]), np.array([0.0, 0.5, 1.0, 2.0]), 0.7

    def density(z, which):
        return np.mean(norm.pdf(z, centres[which], sigma))

    def integrand(z):
        whole = density(z, slice(None))
        low, high = density(z, slice(0, 3)), density(z, slice(3, 4))
        return 0.75 * low * np.log(low / whole) + 0.25 * high * np.log(high / whole)

    exact = quad(integrand, -6, 8, epsabs=1e-12)[0]
    found = interpretability(centres[:, None], np.full((4, 1), sigma), values[:, None], ("a",))
    assert found.information[0, 0] == pytest.approx(exact, abs=2e-4)


def test_a_continuous_factor_is_divided_into_equal_counts():
    assert np.bincount(binned(np.random.default_rng(0).random(500))).tolist() == [50] * 10
    assert binned(np.array([2.0, 1.0, 1.0])).tolist() == [1, 0, 0]
