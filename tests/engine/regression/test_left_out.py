"""Observations that are left out: all results are as without these observations, after every kind of edit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.derived import ANYWHERE, resolve
from engine.regression import LinearModel, Observations, Polynomial
from engine.regression.data_space import curves
from engine.regression.document import Regression
from engine.regression.evidence import evidence_map, log_evidence
from engine.regression.ledger import ledger
from engine.regression.probes import ObservationPlace, WeightPlace
from engine.regression.weight_space import HOME, weight_planes
from engine.session import Session, decode, encode

X, T = [0.9, -0.6, 0.2, 0.5, -0.1], [0.15, -0.6, -0.2, 3.0, -0.4]
FIVE = Regression(observations=Observations(X, T), step=4)
VERBS = ("observe", "move", "remove", "reorder", "leave_out", "take_in", "step", "draw", "clear")


def plain(document):
    """The observations as (x, t, whether they are left out), and the step."""
    x, t = document.observations.x.tolist(), document.observations.t.tolist()
    return [(*point, document.is_left_out(i)) for i, point in enumerate(zip(x, t, strict=True))], document.step


@pytest.mark.slow
@given(st.data())
def test_left_out_follows_the_observations_through_all_edits(data):
    """Compared with a plain list of rows that contain the mark."""
    document, rows, step = Regression(), [], 0
    for number in range(data.draw(st.integers(1, 25))):
        verb = data.draw(st.sampled_from(VERBS)) if rows else "observe"
        i, to = (data.draw(st.integers(0, max(0, len(rows) - 1))) for _ in range(2))
        if verb == "observe":
            document = document.observe(number, -number)
            rows.insert(step, (number, -number, False))
            step += 1
        elif verb == "draw":
            drawn = document.with_drawn_points(2)
            new = list(zip(drawn.observations.x, drawn.observations.t, strict=True))[step : step + 2]
            rows[step:step] = [(*point, False) for point in new]
            document, step = drawn, step + 2
        elif verb == "move":
            document = document.move(i, number + 0.5, 1)
            rows[i] = (number + 0.5, 1, rows[i][2])
        elif verb == "remove":
            document, step = document.remove(i), step - (i < step)
            del rows[i]
        elif verb == "reorder":
            document = document.reorder(i, to)
            rows.insert(to, rows.pop(i))
        elif verb in ("leave_out", "take_in"):
            document = getattr(document, verb)(i)
            rows[i] = (*rows[i][:2], verb == "leave_out")
        elif verb == "step":
            document = document.step_to(to)
            step = document.step
        else:
            document, rows, step = document.clear(), [], 0
        assert plain(document) == (rows, step)
        taken = [point for *point, out in rows[:step] if not out]
        assert list(map(list, zip(document.taken.x, document.taken.t, strict=True))) == taken
        assert document.count == len(taken)
        last = [j for j, (*_, out) in enumerate(rows[:step]) if not out]
        assert document.latest == (last[-1] if last else None)


def test_all_values_are_those_without_the_observations():
    without = FIVE.leave_out(3).leave_out(0)
    bare = Regression(observations=Observations(X[1:3], T[1:3]), step=2)
    assert log_evidence(without) == log_evidence(bare)
    one, other = (weight_planes(document, HOME) for document in (without, bare))
    for name in ("prior", "likelihood", "posterior"):
        np.testing.assert_array_equal(getattr(one, name).heatmap.image, getattr(other, name).heatmap.image)
    assert (one.prior.formula, other.prior.formula) == ("p(w|t₂)", "p(w|t₁)")  # numbers as in the ledger
    np.testing.assert_array_equal(curves(without).mean, curves(bare).mean)
    assert WeightPlace(0.1, 0.2).answer(without).bayes == WeightPlace(0.1, 0.2).answer(bare).bayes


def test_with_all_observations_left_out_the_posterior_is_the_prior():
    document = FIVE
    for i in range(4):
        document = document.leave_out(i)
    scene = resolve(document, {evidence_map: document.source.home, weight_planes: HOME, log_evidence: ANYWHERE})
    planes = scene.get(weight_planes)
    assert evidence_map in scene
    assert scene.get(evidence_map) is None
    assert planes.likelihood.heatmap is None
    assert planes.posterior.formula == "p(w)"
    assert scene.get(log_evidence) == 0
    assert (document.count, document.latest) == (0, None)


def test_statistics_are_cached_over_the_steps():
    document = FIVE.leave_out(1)
    basis = Polynomial(1)
    returned = document.step_to(3).step_to(4)
    assert returned.taken.statistics(basis) is document.taken.statistics(basis)
    complete = FIVE.taken.statistics(basis)
    assert FIVE.step_to(3).step_to(4).taken.statistics(basis) is complete
    assert FIVE.leave_out(1).take_in(1).taken.statistics(basis) is complete


def test_a_step_skips_observations_that_are_left_out():
    document = FIVE.leave_out(1).leave_out(2).step_to(0)
    forwards = [document := document.step_to(document.step + 1) for _ in range(4)]
    assert [each.step for each in forwards] == [1, 4, 5, 5]
    backwards = [document := document.step_to(document.step - 1) for _ in range(4)]
    assert [each.step for each in backwards] == [4, 1, 0, 0]
    ended = FIVE.leave_out(4)
    assert ended.step_to(5).step == 5
    assert ended.step_to(4) == ended


def test_left_out_is_saved_in_a_session():
    document = FIVE.leave_out(3)
    assert decode(encode(Session(document))).document == document
    assert b"left_out" not in encode(Session(FIVE))
    assert decode(encode(Session(FIVE))).document == FIVE


@pytest.mark.parametrize("wrong", [(5,), (-1,), (2, 1), (1, 1)])
def test_other_values_than_positions_are_refused(wrong):
    with pytest.raises(ValueError, match="positions of observations"):
        replace(FIVE, left_out=wrong)


@pytest.mark.parametrize("step", [2, 4])
def test_the_ledger_has_nan_rows_and_otherwise_the_same_values(step):
    document = replace(FIVE, step=step, left_out=(1, 3))
    rows = ledger(document)
    kept = [i for i in range(step) if i not in (1, 3)]
    bare = Regression(observations=Observations(np.take(X, kept), np.take(T, kept)), step=len(kept))
    expected = ledger(bare)
    assert rows.first == 0
    for name in ("surprise", "gained", "evidence"):
        column = getattr(rows, name)
        assert len(column) == step
        np.testing.assert_array_equal(column[kept], getattr(expected, name))
        assert np.all(np.isnan(np.delete(column, kept)))


def test_the_latest_rows_of_a_long_ledger_continue_the_earlier_sum():
    rng = np.random.default_rng(0)
    x, t = rng.uniform(-1, 1, (2, 400))
    document = Regression(observations=Observations(x, t), step=390, left_out=(3, 200, 389))
    rows = ledger(document)
    kept = np.delete(np.arange(390), [3, 200, 389])
    assert rows.first == 90
    assert np.flatnonzero(np.isnan(rows.surprise)).tolist() == [110, 299]
    assert rows.evidence[298] == pytest.approx(LinearModel().condition(x[kept], t[kept]).log_evidence, rel=1e-10)


def test_an_entry_is_predicted_from_the_earlier_observations():
    """The third point of the lecture in exact fractions; later observations and its own mark do not matter."""
    lecture = Regression(observations=Observations(X, T), step=5)
    entry = ObservationPlace(2).answer(lecture).entry
    assert (entry.n, entry.x, entry.t, entry.standing) == (2, 0.2, -0.2, "taken")
    assert entry.mean == pytest.approx(-5976 / 31375)
    assert entry.deviation == pytest.approx(np.sqrt(9308 / 156875))
    assert entry.surprise == pytest.approx(-0.492583680405, abs=1e-11)
    out = ObservationPlace(2).answer(lecture.leave_out(2)).entry
    assert out == replace(entry, standing="left out")
    behind = ObservationPlace(2).answer(FIVE.step_to(2)).entry
    assert behind == replace(entry, standing="waits")
    first = ObservationPlace(1).answer(lecture.leave_out(0)).entry
    assert (first.mean, first.deviation) == pytest.approx((0, np.sqrt(0.5 * 1.36 + 0.04)))


def test_a_removed_observation_has_an_empty_answer():
    answer = ObservationPlace(5).answer(FIVE)
    assert (answer.entry, answer.slice) == (None, None)


def test_an_observation_is_found_after_edits():
    before = FIVE.observations
    assert before.find(3, before) == 3
    assert before.insert(1, 7.0, 7.0).find(3, before) == 4
    assert before.remove(1).find(3, before) == 2
    assert before.remove(3).find(3, before) is None
    assert before.move(3, 7.0, 7.0).find(3, before) == 3
    assert before.move(2, 7.0, 7.0).find(3, before) == 3
    assert FIVE.reorder(3, 0).observations.find(3, before) == 0
    assert Observations(np.add(X, 1), T).find(3, before) is None
    assert before.find(9, before.append(1.0, 1.0)) is None


def test_an_entry_of_a_standardised_model_is_in_original_units():
    document = Regression(observations=Observations(X, T), step=5).standardised().leave_out(0)
    entry = ObservationPlace(2).answer(document).entry
    (x_mean, x_scale), (t_mean, t_scale) = ((np.mean(each), np.std(each)) for each in (X, T))
    x, t = (np.array(X) - x_mean) / x_scale, (np.array(T) - t_mean) / t_scale
    prediction = LinearModel().condition(x[1:2], t[1:2]).predict(x[2:3])
    assert (entry.x, entry.t) == (X[2], T[2])
    assert entry.mean == pytest.approx(t_mean + t_scale * prediction.mean[0])
    assert entry.deviation == pytest.approx(t_scale * np.sqrt(prediction.variance[0]))
    rows = ledger(document)
    assert entry.surprise == pytest.approx(rows.surprise[2])


def test_importing_clears_left_out_and_adding_does_not():
    document = FIVE.leave_out(3)
    more = Observations([7.0], [7.0])
    assert document.imported(more).left_out == ()
    added = document.imported(more, adding=True)
    assert added.left_out == (3,)
    assert added.count == 5
