"""Large offsets and tiny values: fitting, standardising and evidence where x is a time in seconds or t a current."""

from fractions import Fraction

import numpy as np
import pytest

from engine.derived import ANYWHERE, resolve
from engine.plane import Viewport
from engine.regression import GaussianNoise, LinearModel, Observations, Polynomial
from engine.regression.data.units import Units
from engine.regression.data_space import curves
from engine.regression.document import Regression
from engine.regression.evidence import HOME, evidence_map, log_evidence
from engine.regression.predictive import predictive

RNG = np.random.default_rng(5)
STEPS = np.linspace(0, 1, 12)
SHAPE = 0.4 * STEPS + 0.1 * RNG.standard_normal(12)
CASES = {
    "Unix seconds": (1.718e9 + 60 * np.arange(12), SHAPE),
    "Unix nanoseconds": (1.718e18 + 6e10 * np.arange(12), SHAPE),
    "Julian dates": (2459000.5 + 0.16 * STEPS, SHAPE),
    "millions": (STEPS, 4e6 + 1e6 * SHAPE),
    "picoamperes": (STEPS, 1e-12 * SHAPE),
    "femtoseconds": (1e-15 * STEPS, SHAPE),
    "both": (1.718e9 + 60 * np.arange(12), 1e-12 * SHAPE),
}
every_case = pytest.mark.parametrize("case", CASES)


def fraction_moments(values):
    """Mean and standard deviation without any rounding but the last."""
    exact = [Fraction(float(value)) for value in values]
    mean = sum(exact) / len(exact)
    return float(mean), float(sum((value - mean) ** 2 for value in exact) / len(exact)) ** 0.5


@every_case
def test_they_are_taken_and_standardised(case):
    x, t = CASES[case]
    units = Units.standard(x, t)
    np.testing.assert_allclose([units.x_shift, units.x_scale], fraction_moments(x), rtol=1e-14)
    np.testing.assert_allclose([units.t_shift, units.t_scale], fraction_moments(t), rtol=1e-12)
    np.testing.assert_allclose(units.t_back(units.t_of_model(t)), t, rtol=1e-13)


@every_case
def test_the_standardised_line_is_that_of_fractions(case):
    x, t = CASES[case]
    document = Regression(model=LinearModel(Polynomial(1), 2.0, GaussianNoise(25.0))).imported(Observations(x, t))
    on = document.standardised()
    (mean_x, sd_x), (mean_t, sd_t) = fraction_moments(x), fraction_moments(t)
    u = [float((Fraction(float(value)) - Fraction(mean_x)) / Fraction(sd_x)) for value in x]
    v = [float((Fraction(float(value)) - Fraction(mean_t)) / Fraction(sd_t)) for value in t]
    phi = np.column_stack([np.ones(12), u])
    exact = np.linalg.solve(2 * np.eye(2) + 25 * phi.T @ phi, 25 * phi.T @ v)
    joint = phi @ phi.T / 2 + np.eye(12) / 25
    evidence = -0.5 * (v @ np.linalg.solve(joint, v) + np.linalg.slogdet(2 * np.pi * joint)[1])
    home = on.home
    scene = resolve(on, {curves: home, predictive: home, log_evidence: ANYWHERE, evidence_map: HOME})
    assert scene.get(log_evidence) == pytest.approx(evidence, abs=1e-7)
    lines = scene.get(curves)
    inside = (lines.x - mean_x) / sd_x
    mean = mean_t + sd_t * (exact[0] + exact[1] * inside)
    np.testing.assert_allclose(lines.mean, mean, atol=1e-6 * sd_t + 4e-16 * abs(mean_t))
    assert home.left < x.min() < x.max() < home.right
    assert home.right - home.left == pytest.approx(1.2 * (x.max() - x.min()), rel=1e-6)
    assert home.top - home.bottom == pytest.approx(1.2 * (t.max() - t.min()), rel=1e-6)


@every_case
def test_as_they_are_nothing_breaks_either(case):
    x, t = CASES[case]
    for model in (LinearModel(), LinearModel(Polynomial(15)), LinearModel(Polynomial(3), 1e-30, GaussianNoise(1e30))):
        document = Regression(model=model).imported(Observations(x, t))
        scene = resolve(document, {curves: document.home, evidence_map: HOME})
        lines = scene.get(curves)
        assert np.all(np.isfinite(lines.mean))
        assert np.all(np.isfinite(lines.total))
        assert np.all(np.isfinite(scene.get(evidence_map).path))


def test_t_far_from_the_others_is_not_cut_off():
    units = Units.standard(np.array([0.0, 1.0]), np.array([0.0, 1e-12]))
    assert units.t_of_model([1.0])[0] == pytest.approx(2e12)


def test_the_whole_range_can_be_looked_at():
    document = Regression(model=LinearModel(Polynomial(4))).imported(Observations([-1e20, 0, 1e20], [1e20, 0, -1e20]))
    rich = document.with_model(LinearModel(Polynomial(15))).standardised()
    for on in (document, document.standardised(), rich):
        lines = curves(on, on.home)
        assert np.all(np.isfinite(lines.mean))
        assert np.all(np.isfinite(curves(on, Viewport(-1e30, 1e30, -1, 1)).total))
