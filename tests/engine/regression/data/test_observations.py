"""Observations: immutability, sharing, and statistics that equal those computed anew."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.gaussian import triangle
from engine.regression import BASES, Observations, Polynomial
from engine.regression.data.units import Units

numbers = st.floats(-1e6, 1e6)
pairs = st.lists(st.tuples(numbers, numbers), max_size=30)


def columns(rows):
    return Observations([x for x, _ in rows], [t for _, t in rows])


@pytest.mark.slow
@given(pairs, numbers, numbers)
def test_appending_leaves_the_original_alone(rows, x, t):
    before = columns(rows)
    after = before.append(x, t)
    assert len(before) == len(rows)
    assert len(after) == len(rows) + 1
    assert (after.x[-1], after.t[-1]) == (x, t)
    assert after.remove(len(rows)) == before
    assert after.first(len(rows)) == before


@pytest.mark.slow
@given(pairs, numbers)
def test_two_futures_of_one_past_do_not_meet(rows, x):
    past = columns(rows).append(0.0, 0.0)
    one, other = past.append(x, 1.0), past.append(x, 2.0)
    assert one.t[-1] == 1.0
    assert other.t[-1] == 2.0


@pytest.mark.slow
@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=1, max_size=30), st.data())
def test_running_statistics_are_those_of_a_fresh_start(rows, data):
    grown = Observations()
    for x, t in rows:
        grown = grown.append(x, t)
        if data.draw(st.booleans()):
            grown.statistics(Polynomial(2))
    n = data.draw(st.integers(0, len(rows)))
    for basis in [kind() for kind in BASES] + [Polynomial(2)]:
        fresh = np.array(rows[:n]).reshape(-1, 2)
        expected = np.zeros((basis.size + 1, basis.size + 1))
        upper = triangle(np.column_stack([basis.features(fresh[:, 0]), fresh[:, 1]])) if n else expected[:0]
        expected[: len(upper)] = upper
        found = grown.first(n).statistics(basis)
        assert found.count == n
        np.testing.assert_allclose(found.triangle.T @ found.triangle, expected.T @ expected, atol=1e-9)


def test_adding_and_removing_gives_back_the_same_bits():
    before = Observations([0.9, -0.6], [0.15, -0.6])
    again = before.append(0.2, -0.2).remove(2)
    assert again == before
    assert again.statistics(Polynomial(1)).triangle.tobytes() == before.statistics(Polynomial(1)).triangle.tobytes()


def test_columns_cannot_be_written():
    observed = Observations([1.0], [2.0])
    with pytest.raises(ValueError, match="read-only"):
        observed.x[0] = 3.0


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1e300])
def test_what_is_no_measurement_is_refused(bad):
    with pytest.raises(ValueError, match="two finite numbers"):
        Observations().append(bad, 0.0)
    with pytest.raises(ValueError, match="two finite numbers"):
        Observations([0.0], [bad])


@pytest.mark.parametrize(
    "plain", [None, [], {"x": [1]}, {"x": [1], "t": ["a"]}, {"x": [1, 2], "t": [1]}, {"x": 3, "t": {}}]
)
def test_a_damaged_file_makes_no_observations(plain):
    with pytest.raises(ValueError, match=r"bservation"):
        Observations.from_plain(plain)


def test_moving_changes_one_and_no_other():
    observed = Observations([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]).move(1, 7.0, 8.0)
    assert observed == Observations([1.0, 7.0, 3.0], [4.0, 8.0, 6.0])
    assert observed.insert(0, 0.0, 0.0).x.tolist() == [0.0, 1.0, 7.0, 3.0]


@pytest.mark.parametrize("i", [0, 3, 5000, 9998])
@pytest.mark.parametrize("taken", [4, 5001, 9999])
def test_moving_one_again_and_again_gives_the_statistics_of_what_is_there(i, taken):
    rng, basis = np.random.default_rng(0), Polynomial(3)
    observed = Observations(rng.uniform(-1, 1, 9999), rng.standard_normal(9999))
    for place in ((0.3, 0.9), (-0.7, 0.1), (0.31, 0.8)):
        observed = observed.move(i, *place)
        found = observed.first(taken).statistics(basis)
        fresh = Observations(observed.x[:taken], observed.t[:taken]).statistics(basis)
        assert found.count == taken
        np.testing.assert_allclose(found.triangle, fresh.triangle, atol=1e-9)
    other = observed.move((i + 1) % 9999, 0.5, 0.5).append(0.1, 0.2)
    fresh = Observations(other.x, other.t).statistics(basis)
    np.testing.assert_allclose(other.statistics(basis).triangle, fresh.triangle, atol=1e-9)


def test_moving_one_of_many_folds_only_that_one(monkeypatch):
    rng, seen = np.random.default_rng(0), []
    observed = Observations(rng.uniform(-1, 1, 20_000), rng.standard_normal(20_000)).move(7, 0.0, 0.0)
    observed.statistics(Polynomial(1))
    features = Polynomial.features
    monkeypatch.setattr(Polynomial, "features", lambda basis, x: seen.append(len(x)) or features(basis, x))
    observed.move(7, 0.1, 0.2).statistics(Polynomial(1))
    assert seen == [1]


def test_what_is_appended_in_other_units_is_no_row_of_the_original():
    """A question about a waiting observation appends it in the units of the model."""
    units = Units(2000.0, 10.0, 1.0, 2.0)
    observed = Observations(np.arange(1990.0, 2010.0, 2.0), np.arange(10.0))
    taken = observed.first(5).through(units)
    assert taken.append(9.0, 9.0).x[-1] == 9.0
    np.testing.assert_array_equal(observed.first(6).through(units).x, units.x_of_model(observed.x[:6]))
    np.testing.assert_array_equal(observed.first(6).through(units).t, units.t_of_model(observed.t[:6]))
