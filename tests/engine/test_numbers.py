"""Numbers of small public functions against mpmath, exact fractions and dense grids, at values of hypothesis.

The larger computations have tests of their own beside their modules.
"""

from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import roots_hermitenorm

from engine.gaussian import Gaussian
from engine.latent.charts import EqualProbability
from engine.latent.plane.overlays.aggregate_posterior import mass_between
from engine.latent.posterior.grid_density import GridDensity, log_sum
from engine.latent.unboxing.interpolation import interpolated
from engine.latent.unboxing.refined_density import quick_outline
from engine.latent.unboxing.translation import rotation
from engine.lecture.sketches import mean_distance
from engine.quadrature import normal_grid, normal_square
from engine.regression.data.units import Units
from engine.regression.evidence import FARTHEST, power
from engine.regression.model.student_t_prediction import information_of
from engine.regression.uncertainty_budget import most_informative
from engine.student import student_entropy
from engine.ticks import ticks

FEW = settings(max_examples=15)
SOME = st.floats(-50, 50)
ROUND_OFF = 1e-15  # relative; that of Φ grows as z², because its slope does


@pytest.fixture(autouse=True)
def precise():
    with mp.workdps(40):
        yield


@FEW
@given(st.floats(-8, 8), st.floats(-8, 8))
def test_equal_probability_is_the_normal_distribution_function_and_its_inverse(one, other):
    u = EqualProbability().to_place([one, other])
    exact = [mp.ncdf(z) for z in (one, other)]
    for found, wanted, z in zip(u.tolist(), exact, (one, other), strict=True):
        assert abs(found - wanted) <= ROUND_OFF * (1 + z * z) * wanted
    z = EqualProbability().to_latent([float(exact[0]), 0.5])
    slope = mp.npdf(one)  # the rounding of u moves z by so much
    assert abs(z[0] - one) <= float(1e-16 * exact[0] / slope) * 4 + 1e-14 and z[1] == 0


@FEW
@given(st.lists(st.floats(-37, 37), min_size=2, max_size=6, unique=True).map(sorted))
def test_the_mass_between_edges_keeps_its_digits_in_both_tails(edges):
    masses = mass_between(np.array(edges))
    for mass, low, high in zip(masses.tolist(), edges, edges[1:], strict=False):
        exact = mp.ncdf(-low) - mp.ncdf(-high) if low > 0 else mp.ncdf(high) - mp.ncdf(low)
        nearest = min(abs(low), abs(high)) if low * high > 0 else 0.0
        assert abs(mass - exact) <= ROUND_OFF * (1 + nearest**2) * mp.ncdf(-nearest)


@FEW
@given(st.lists(st.floats(-1e5, 1e5), min_size=1, max_size=20))
def test_the_logarithm_of_a_sum_of_exponentials(values):
    exact = mp.log(mp.fsum(mp.exp(value) for value in values))
    assert abs(log_sum(np.array(values)) - exact) <= 1e-15 * max(1, abs(exact)) * 4


@FEW
@given(st.lists(SOME, min_size=9, max_size=9), st.floats(0.01, 100))
def test_the_inverse_root_gives_the_covariance(numbers, scale):
    root = np.triu(np.array(numbers).reshape(3, 3) / 10) + scale * np.diag([1.0, -2.0, 3.0])
    if min(abs(np.diag(root))) < 0.01:
        return
    found = Gaussian(root, np.zeros(3)).inverse_root
    exact = mp.matrix(root.tolist()) ** -1
    size = float(mp.mnorm(exact, mp.inf))
    condition = size * float(mp.mnorm(mp.matrix(root.tolist()), mp.inf))
    assert np.abs(found - np.array(exact.tolist(), float)).max() <= 1e-15 * condition * size


@pytest.mark.parametrize("n", [3, 8, 20])
def test_gauss_hermite_nodes_in_two_dimensions_are_exact_for_polynomials(n):
    nodes, weights = normal_square(n)
    for i, j in ((0, 0), (2, 0), (2, 2), (2 * n - 2, 0), (1, 3), (n, n if n % 2 == 0 else n - 1)):
        exact = moment(i) * moment(j)
        assert weights @ (nodes[:, 0] ** i * nodes[:, 1] ** j) == pytest.approx(exact, rel=1e-11, abs=1e-9)


def moment(power):
    """E[ε^power] for ε ~ N(0, 1): (power − 1)!! for an even power."""
    return 0 if power % 2 else int(mp.fac2(power - 1))


@FEW
@given(st.floats(0.2, 0.6), st.floats(-1.5, 1.5), st.floats(-1.5, 1.5))
def test_the_trapezoid_rule_has_unit_variances_and_the_characteristic_function(step, a, b):
    nodes, weights = normal_grid(step)
    assert weights.sum() == pytest.approx(1, abs=1e-14)
    assert weights @ nodes**2 == pytest.approx([1, 1], abs=1e-12)
    exact = float(mp.exp(-(mp.mpf(a) ** 2 + mp.mpf(b) ** 2) / 2))
    assert weights @ np.cos(nodes @ [a, b]) == pytest.approx(exact, abs=2e-4)


@FEW
@given(st.lists(st.integers(-20, 20), min_size=1, max_size=6), st.integers(-9, 9), st.integers(1, 9), st.integers(1, 9))
def test_a_polynomial_in_units_of_the_model_is_the_same_function(weights, shift, x_scale, t_scale):
    units = Units(x_shift=shift / 4, x_scale=x_scale / 2, t_shift=shift / 2, t_scale=t_scale / 4)
    found = [Fraction(w) for w in units.polynomial_of_model(np.array(weights, float)).tolist()]
    for model_x in (Fraction(0), Fraction(1), Fraction(-3, 2)):
        x = model_x * Fraction(x_scale, 2) + Fraction(shift, 4)
        t = sum(w * x**power for power, w in enumerate(weights))
        exact = (t - Fraction(shift, 2)) / Fraction(t_scale, 4)
        computed = sum(w * model_x**power for power, w in enumerate(found))
        size = sum(abs(w) * abs(model_x) ** power for power, w in enumerate(found)) + 1
        assert abs(computed - exact) <= Fraction(1e-12) * size
    assert units.deviation_back([2.0, 0.0]).tolist() == [t_scale / 2, 0.0]


@FEW
@given(st.lists(st.integers(-9, 9), min_size=6, max_size=6), st.floats(1, 6), st.floats(1, 6))
def test_the_interpolation_is_exact_for_parabolas(coefficients, x, y):
    a, b, c, d, e, f = map(Fraction, coefficients)
    axis = np.arange(8.0)
    value = lambda u, v: (a + b * u + c * u * u) * (d + e * v + f * v * v)  # noqa: E731
    values = np.array([[float(value(Fraction(i), Fraction(j))) for i in range(8)] for j in range(8)])
    found = interpolated(axis, values, np.array([x]), np.array([y]))[0, 0]
    assert found == pytest.approx(float(value(Fraction(x), Fraction(y))), rel=1e-12, abs=1e-9)


@FEW
@given(st.floats(-720, 720))
def test_a_rotation_is_that_of_the_angle(degrees):
    angle = mp.mpf(degrees) * mp.pi / 180
    exact = [[mp.cos(angle), -mp.sin(angle)], [mp.sin(angle), mp.cos(angle)]]
    assert np.abs(rotation(degrees) - np.array(exact, float)).max() <= 2e-15


@FEW
@given(st.floats(-1e3, 1e3))
def test_powers_of_ten_are_clipped(logarithm):
    clipped = max(-FARTHEST, min(FARTHEST, logarithm))
    assert float(power(logarithm)) == pytest.approx(float(mp.mpf(10) ** mp.mpf(clipped)), rel=4e-14)


@pytest.mark.parametrize(("df", "log_ratio"), [(3.0, 0.0), (1.5, -3.0), (30.0, 2.0)])
def test_the_information_of_an_observation_against_a_dense_grid(df, log_ratio):
    variance = np.exp(log_ratio)
    f, weights = roots_hermitenorm(150)
    y = np.linspace(-25, 25, 6001)  # t = sinh(y) covers the heavy tails
    t = np.sinh(y)
    tau = t[:, None] - f * np.sqrt(variance)
    constant = mp.loggamma((df + 1) / 2) - mp.loggamma(df / 2) - mp.log(df * mp.pi) / 2
    density = np.exp(float(constant) - (df + 1) / 2 * np.log1p(tau**2 / df)) @ (weights / weights.sum())
    entropy = -np.trapezoid(np.cosh(y) * density * np.log(density), y)
    exact = entropy - float(student_entropy(df))
    assert information_of(np.array([log_ratio]), df)[0] == pytest.approx(exact, abs=1e-5)


@FEW
@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(2, 10))
def test_ticks_are_round_and_about_as_many_as_wanted(low, width, count):
    high = low + width
    if high - low < 1e-9 * max(abs(low), abs(high)):
        return
    found = ticks(low, high, count)
    assert len(found) <= count + 1 and all(low - 1e-6 * width <= each <= high + 1e-6 * width for each in found)
    steps = np.diff(found)
    if len(steps):
        mantissa = steps[0] / 10.0 ** np.floor(np.log10(steps[0]) + 1e-6)
        assert min(abs(mantissa - each) for each in (1, 2, 5, 10)) < 1e-4
        assert np.ptp(steps) <= 1e-6 * steps[0] + 1e-11


@FEW
@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(-3, 3))
def test_the_distance_of_a_level_sketch_from_level_curves_is_that_of_the_nearest(sketch, one, other):
    x = np.linspace(0, 1, 5)
    curves = [np.column_stack([x, np.full(5, height)]) for height in (one, other)]
    found = mean_distance([[(0.1, sketch), (0.9, sketch)]], curves)
    assert found == pytest.approx(min(abs(sketch - one), abs(sketch - other)), abs=1e-12)
    assert mean_distance([[(2.0, sketch), (3.0, sketch)]], curves) is None and mean_distance([], curves) is None


def test_the_most_informative_place_is_the_largest_one_nearest_to_the_middle():
    x = np.linspace(-2, 2, 9)
    assert most_informative(x, x**2) in (-2, 2) and most_informative(x, -(x**2)) == 0
    assert most_informative(x, np.array([1.0, 3, 0, 0, 0, 0, 3, 0, 3])) == 1.0


@pytest.mark.parametrize("probability", [0.5, 0.95])
def test_the_quick_outline_of_a_gaussian_is_its_circle(probability):
    axis = np.linspace(-4, 4, 161)
    log_density = -(axis**2 + axis[:, None] ** 2) / 2 - np.log(2 * np.pi)
    segments = quick_outline(GridDensity(axis, log_density), probability)
    radius = float(mp.sqrt(-2 * mp.log(1 - mp.mpf(probability))))
    assert np.hypot(segments[:, [0, 2]], segments[:, [1, 3]]) == pytest.approx(radius, abs=0.02)
