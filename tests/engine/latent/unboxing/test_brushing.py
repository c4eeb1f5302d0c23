"""Brushing: where a stroke comes in the order, what waits, and what is taken back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.observations.brushed import MOST, Brushed
from engine.latent.observations.half import Half
from engine.latent.observations.measurement import NoisyPixels, Pixels, Projection
from engine.latent.unboxing import brushing
from engine.latent.unboxing.observed_image import measured
from engine.latent.unboxing.shared_posterior import seen_of
from engine.session import Session, decode, encode

WIDTH = 0.12


def dab(document, x, y=0.5):
    return brushing.begun(document, (x, y, 0.5), WIDTH)


def across(document):
    """Where each stroke begins."""
    return [stroke.points[0][0] for stroke in document.observation.strokes]


@pytest.fixture
def three():
    document = Latent()
    for x in (0.1, 0.2, 0.3):
        document = dab(document, x)
    return document


def test_a_stroke_comes_after_those_taken_into_account_and_before_those_that_wait(three):
    made = dab(three.step_to(1), 0.9)
    assert across(made) == [0.1, 0.9, 0.2, 0.3]
    assert made.step == 2
    longer = brushing.gone_on(made, (0.9, 0.8, 0.5))
    assert [len(stroke.points) for stroke in longer.observation.strokes] == [1, 2, 1, 1]
    assert (longer.step, longer.waiting) == (2, 2)


def test_a_brush_that_hardly_moves_changes_nothing(three):
    assert brushing.gone_on(three, (0.301, 0.5, 0.5)) is three


def test_what_was_looked_at_otherwise_is_seen_only_where_it_is_brushed():
    made = dab(Latent().with_observation(Half()), 0.4)
    assert across(made) == [0.4]
    assert made.step == 1


def test_taking_back_takes_the_latest_that_counts(three):
    assert across(brushing.taken_back(three)) == [0.1, 0.2]
    back = brushing.taken_back(three.step_to(2))
    assert across(back) == [0.1, 0.3]
    assert back.step == 1


@pytest.mark.parametrize("document", [Latent(), Latent().with_observation(Brushed())])
def test_there_is_nothing_to_take_back_without_strokes(document, three):
    for empty in (document, three.step_to(0)):
        with pytest.raises(ValueError, match="nothing to take back"):
            brushing.taken_back(empty)


@given(count=st.integers(1, 6), step=st.integers(0, 6), n=st.integers(0, 5), to=st.integers(0, 5))
def test_moving_and_removing_keep_the_others_and_how_many_count(count, step, n, to):
    places = [0.1 * (i + 1) for i in range(count)]
    document = Latent()
    for x in places:
        document = dab(document, x)
    document, n, to = document.step_to(step), n % count, to % count
    moved = brushing.reordered(document, n, to)
    expected = places[:n] + places[n + 1 :]
    assert across(moved) == pytest.approx([*expected[:to], places[n], *expected[to:]])
    assert moved.step == document.step
    less = brushing.without(document, n)
    assert across(less) == pytest.approx(expected)
    assert less.step == document.step - (n < document.step)


def test_a_full_image_takes_no_more_strokes_wherever_the_step_is():
    full = Latent().with_observation(Brushed(tuple(dab(Latent(), 0.5).observation.strokes) * MOST))
    for document in (full, full.step_to(3)):
        with pytest.raises(ValueError, match="already 256 strokes"):
            dab(document, 0.5)


def test_strokes_and_the_step_are_kept_in_files(three):
    document = three.step_to(2)
    assert decode(encode(Session(document))).document == document


def test_what_is_measured_is_told_in_words():
    assert measured(Pixels(np.arange(1), np.zeros(1)), 1) == "1 pixel"
    assert measured(Pixels(np.arange(51), np.zeros(51)), 3) == "17 pixels"
    assert measured(NoisyPixels(np.zeros(784), "gaussian", 0.1), 1) == "784 noisy pixels"
    nothing = np.zeros(0)
    assert measured(Projection(np.zeros(1024), nothing, nothing, nothing, 0.1, True), 3) == "1,024 measured numbers"


def test_each_stroke_adds_what_was_not_seen_before(three):
    seen = seen_of(dab(three, 0.2).with_input(FromData(7)))
    known = [int(mask.sum()) for mask in seen.known]
    assert known == sorted(known)
    assert known[4] == known[3]
    assert len(seen.measurements[3].values) == 0
