"""Basis functions: laws of every registered basis, and their formulas."""

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm

from engine.regression import BASES, Fourier, GaussianBumps, Sigmoids

every_basis = pytest.mark.parametrize("basis", [kind() for kind in BASES], ids=lambda basis: type(basis).__name__)
X = np.linspace(-1.3, 1.7, 41)


@every_basis
def test_a_basis_has_as_many_columns_as_weights(basis):
    assert basis.features(X).shape == (len(X), basis.size)
    assert basis.features([]).shape == (0, basis.size)
    assert basis.features(0.5).shape == (1, basis.size)


@every_basis
def test_each_row_depends_on_its_own_x_alone(basis):
    together = basis.features(X)
    np.testing.assert_array_equal([basis.features([x])[0] for x in X], together)
    assert np.all(np.isfinite(basis.features([-1e9, 1e9, 0])))


@every_basis
def test_no_function_is_a_sum_of_the_others(basis):
    assert np.linalg.matrix_rank(basis.features(np.linspace(-1, 1, 500))) == basis.size


def test_bumps_are_gaussians_about_their_centres():
    basis = GaussianBumps(count=3, width=0.4, low=-1.0, high=1.0, bias=False)
    densities = [norm(mu, 0.4).pdf(X) * 0.4 * np.sqrt(2 * np.pi) for mu in (-1.0, 0.0, 1.0)]
    np.testing.assert_allclose(basis.features(X), np.transpose(densities), rtol=1e-12)


def test_sigmoids_are_logistic():
    basis = Sigmoids(count=2, width=0.3, low=-0.5, high=0.5)
    columns = [np.ones_like(X), expit((X + 0.5) / 0.3), expit((X - 0.5) / 0.3)]
    np.testing.assert_allclose(basis.features(X), np.transpose(columns), rtol=1e-12)


def test_a_single_bump_stands_in_the_middle():
    assert GaussianBumps(count=1, low=0.2, high=0.6).centres == pytest.approx([0.4])


def test_fourier_functions_repeat_and_are_orthogonal():
    basis = Fourier(pairs=3, period=0.7)
    np.testing.assert_allclose(basis.features(X), basis.features(X + 0.7), atol=1e-12)
    full = basis.features(np.arange(64) / 64 * 0.7)
    np.testing.assert_allclose(full.T @ full / 64, np.diag([1] + [0.5] * 6), atol=1e-12)
    np.testing.assert_allclose(basis.features([0.1])[0, 1:3], [np.sin(np.pi / 3.5), np.cos(np.pi / 3.5)])
