"""Values computed ahead are those that are computed when a document is shown, and are given up at the next step."""

import numpy as np

from engine.derived import PENDING, Scheduler, derived, resolve
from engine.lecture.ahead import Ahead
from engine.plane import Viewport
from engine.regression.data_space import HOME, curves
from engine.regression.document import Regression
from engine.regression.weight_space import weight_planes

PLANE = Viewport(-1, 1, -1, 1, 16, 16)
WANTED = {weight_planes: PLANE, curves: HOME}
ONE = Regression().observe(0.3, 0.2)
calls = []


@derived(int)
def slow(document, _):
    for i in range(3):
        calls.append(i)
        yield PENDING
    yield document


@derived(int)
def broken(_document, _):
    raise ValueError("This cannot be computed.")


def run(ahead, document, wanted, steps=10**6):
    """Compute, and give up after some steps."""
    left = iter(range(steps))
    return sum(1 for _ in ahead.compute(document, wanted, lambda: next(left, None) is None))


def test_the_values_are_those_of_the_document():
    ahead = Ahead()
    run(ahead, ONE, WANTED)
    ready, scene = ahead.ready(Regression().observe(0.3, 0.2), WANTED), resolve(ONE, WANTED)
    assert ready.keys() == WANTED.keys()
    image = scene.get(weight_planes).posterior.heatmap.image
    np.testing.assert_array_equal(ready[weight_planes].posterior.heatmap.image, image)
    wider = {**WANTED, weight_planes: Viewport(-2, 2, -2, 2, 16, 16)}
    assert ahead.ready(ONE, wider).keys() == {curves}
    assert ahead.ready(ONE.observe(0.1, 0.1), WANTED) == {}
    ahead.forget()
    assert ahead.ready(ONE, WANTED) == {}


def test_what_is_given_up_goes_on_later_and_nothing_is_computed_twice():
    ahead, wanted = Ahead(), {curves: HOME, slow: PLANE}
    calls.clear()
    run(ahead, ONE, wanted, steps=3)
    assert ahead.ready(ONE, wanted).keys() == {curves}
    assert len(calls) < 3
    run(ahead, ONE, wanted)
    assert ahead.ready(ONE, wanted)[slow] is ONE
    before = len(calls)
    assert [*Scheduler().unfold(ONE, wanted, ahead.ready(ONE, wanted))] == []  # the scene is complete at once
    run(ahead, ONE, wanted)
    assert len(calls) == before


def test_a_value_that_fails_is_computed_again_when_it_is_shown():
    ahead, wanted = Ahead(), {broken: PLANE, curves: HOME}
    run(ahead, ONE, wanted)
    assert ahead.ready(ONE, wanted).keys() == {curves}
