"""Numbers of small public functions of both halves against sums and loops of fractions, at values of hypothesis."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.gaussian import Gaussian
from engine.latent.observations.full import Full
from engine.latent.observations.half import Half
from engine.latent.plane.classes import most_probable
from engine.latent.plane.overlays.overlay import span_of
from engine.latent.posterior.grid_density import WeightedCells
from engine.latent.unboxing.bracket import LEAST_WIDTH, start_of
from engine.regression import LinearModel, Polynomial, StudentTNoise
from engine.regression.display import Display
from engine.regression.document import Regression
from engine.regression.model_size import most_observations
from engine.regression.own_data import shown_truth

FEW = settings(max_examples=12)
WHOLE = st.integers(-9, 9)


@FEW
@given(st.lists(WHOLE, min_size=2, max_size=40))
def test_the_span_of_an_overlay_leaves_out_two_per_cent_at_each_end(values):
    ordered = sorted(map(Fraction, values))

    def quantile(share):
        place = share * (len(ordered) - 1)
        below = int(place)
        above = min(below + 1, len(ordered) - 1)
        return ordered[below] + (place - below) * (ordered[above] - ordered[below])

    low, high = quantile(Fraction(1, 50)), quantile(Fraction(49, 50))
    with_gaps = np.append(np.array(values, float), [np.nan, np.inf])
    assert span_of(with_gaps) == pytest.approx((float(low), float(max(high, low + Fraction(1, 10**9)))), abs=1e-12)
    assert span_of(np.array([np.nan])) == (0, 1)


@FEW
@given(st.lists(st.tuples(WHOLE, st.integers(1, 9), st.integers(1, 5)), min_size=1, max_size=8))
def test_the_most_probable_latent_is_in_the_cell_of_the_highest_density(cells):
    density = [Fraction(share, side * side) for _, share, side in cells]
    best = density.index(max(density))
    z, share, side = (np.array(column, float) for column in zip(*cells, strict=True))
    mass = WeightedCells(np.column_stack([z, -z]), side, share)
    assert most_probable(SimpleNamespace(mass=mass)) == (cells[best][0], -cells[best][0])


def test_the_chains_begin_at_q_or_wider_if_a_part_is_seen():
    mean, narrow = np.array([1.0, -2.0]), np.array([LEAST_WIDTH / 2, 2 * LEAST_WIDTH])
    assert start_of(Full(), mean, narrow)[1].tolist() == narrow.tolist()
    begun = start_of(Half(), mean, narrow)
    assert begun[0].tolist() == [1, -2] and begun[1].tolist() == [LEAST_WIDTH, 2 * LEAST_WIDTH]


@FEW
@given(st.lists(st.tuples(WHOLE, WHOLE, WHOLE), min_size=2, max_size=6))
def test_a_triangular_root_is_the_same_gaussian(rows):
    root, target = np.array([row[:2] for row in rows], float), np.array([row[2] for row in rows], float)
    found = Gaussian(root, target).triangular()
    assert found.root.shape == (2, 2) and found.root[1, 0] == 0 and np.all(np.diag(found.root) >= 0)
    precision = [[sum(Fraction(row[i]) * row[j] for row in rows) for j in (0, 1)] for i in (0, 1)]
    shift = [sum(Fraction(row[i]) * row[2] for row in rows) for i in (0, 1)]
    assert found.root.T @ found.root == pytest.approx(np.array(precision, float), abs=1e-11)
    assert found.root.T @ found.target == pytest.approx(np.array(shift, float), abs=1e-11)


@FEW
@given(st.sets(st.integers(0, 7)), st.integers(0, 8), st.integers(0, 8))
def test_observations_before_a_position_are_counted_without_those_left_out(left_out, step, i):
    document = Regression()
    for n in range(8):
        document = document.observe(n / 8, 0.0)
    document = replace(document, step=step, left_out=tuple(sorted(left_out)))
    assert document.count_before(i) == sum(n not in left_out for n in range(min(i, step)))


def test_few_observations_are_compared_under_student_t_noise():
    assert most_observations(LinearModel(Polynomial(1), noise=StudentTNoise())) < most_observations(LinearModel())


def test_the_true_function_is_shown_if_it_is_known_and_wanted():
    document, x = Regression(), np.array([-1.0, 0.0, 2.0])
    display = document[Display]
    shown = document.with_setting(replace(display, show_truth=True))
    assert shown_truth(shown, x) == pytest.approx([-0.8, -0.3, 0.7])
    assert shown_truth(shown.with_setting(replace(display, show_truth=False)), x) is None
