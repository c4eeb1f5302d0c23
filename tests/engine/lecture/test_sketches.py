"""Sketches: their distance from functions, ellipses and polylines has known values."""

import math

import numpy as np
import pytest

from engine.lecture.sketches import mean_distance

X = np.linspace(-1, 1, 201)
LINE = np.column_stack([X, 2 * X])


def test_the_distance_from_a_function_is_vertical():
    assert mean_distance([[(-0.5, -1 + 0.25), (0.5, 1 + 0.25)]], [LINE]) == pytest.approx(0.25, abs=1e-12)
    shifted = np.column_stack([X, 2 * X + 1])
    assert mean_distance([[(-0.5, -1 + 0.9), (0.5, 1 + 0.9)]], [LINE, shifted]) == pytest.approx(0.1, abs=1e-12)


def test_a_triangle_above_a_line_is_half_as_far_as_its_top():
    """The mean over the length of both equal sides; 200 places give half a percent."""
    flat = np.column_stack([X, 0 * X])
    assert mean_distance([[(-1, 0), (0, 0.6)], [(0, 0.6), (1, 0)]], [flat]) == pytest.approx(0.3, rel=0.01)


def test_the_distance_from_a_circle_is_the_difference_of_the_radii():
    angle = np.linspace(0, 2 * math.pi, 1001)
    circle, larger = (r * np.column_stack([np.cos(angle), np.sin(angle)]) for r in (1.0, 1.3))
    assert mean_distance([list(map(tuple, larger))], [circle]) == pytest.approx(0.3, abs=1e-3)
    assert mean_distance([[(3.0, 4.0)]], [circle]) == pytest.approx(4.0, abs=1e-4)


def test_the_speed_of_the_hand_does_not_count():
    slow = [(0.0, 0.5)] * 500 + [(0.9, 1.8 + 0.1)]
    assert mean_distance([slow], [LINE]) == pytest.approx(mean_distance([slow[-2:]], [LINE]), rel=1e-12)


@pytest.mark.parametrize(("strokes", "curves"), [([], [LINE]), ([[(0.0, 0.0)]], []), ([[(5.0, 0.0)]], [LINE])])
def test_without_a_sketch_or_a_curve_below_it_there_is_no_distance(strokes, curves):
    assert mean_distance(strokes, curves) is None
