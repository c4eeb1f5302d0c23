"""Brushing: the order of strokes, waiting strokes, and undoing strokes."""

import re

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
    """The first point of each stroke."""
    return [stroke.points[0][0] for stroke in document.observation.strokes]


@pytest.fixture
def three():
    document = Latent()
    for x in (0.1, 0.2, 0.3):
        document = dab(document, x)
    return document


def test_a_new_stroke_comes_before_the_waiting_strokes(three):
    made = dab(three.step_to(1), 0.9)
    assert across(made) == [0.1, 0.9, 0.2, 0.3]
    assert made.step == 2
    longer = brushing.gone_on(made, (0.9, 0.8, 0.5))
    assert [len(stroke.points) for stroke in longer.observation.strokes] == [1, 2, 1, 1]
    assert (longer.step, longer.waiting) == (2, 2)


def test_a_brush_that_hardly_moves_changes_nothing(three):
    assert brushing.gone_on(three, (0.301, 0.5, 0.5)) is three


def test_the_first_stroke_replaces_another_observation():
    made = dab(Latent().with_observation(Half()), 0.4)
    assert across(made) == [0.4]
    assert made.step == 1


def test_undo_removes_the_latest_stroke_that_is_taken_into_account(three):
    assert across(brushing.taken_back(three)) == [0.1, 0.2]
    back = brushing.taken_back(three.step_to(2))
    assert across(back) == [0.1, 0.3]
    assert back.step == 1


@pytest.mark.parametrize("document", [Latent(), Latent().with_observation(Brushed())])
def test_without_strokes_there_is_nothing_to_undo(document, three):
    for empty in (document, three.step_to(0)):
        with pytest.raises(ValueError, match=re.escape(brushing.NOTHING)):
            brushing.taken_back(empty)


@given(count=st.integers(1, 6), step=st.integers(0, 6), n=st.integers(0, 5), to=st.integers(0, 5))
def test_reordering_and_removing_keep_the_other_strokes_and_the_step(count, step, n, to):
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


def test_the_number_of_strokes_is_limited_at_every_step():
    full = Latent().with_observation(Brushed(tuple(dab(Latent(), 0.5).observation.strokes) * MOST))
    for document in (full, full.step_to(3)):
        with pytest.raises(ValueError, match="already 256 strokes"):
            dab(document, 0.5)


def test_strokes_and_the_step_are_saved_in_files(three):
    document = three.step_to(2)
    assert decode(encode(Session(document))).document == document


def test_measurements_have_descriptions():
    assert measured(Pixels(np.arange(1), np.zeros(1)), 1) == "1 pixel"
    assert measured(Pixels(np.arange(51), np.zeros(51)), 3) == "17 pixels"
    assert measured(NoisyPixels(np.zeros(784), "gaussian", 0.1), 1) == "784 noisy pixels"
    nothing = np.zeros(0)
    assert measured(Projection(np.zeros(1024), nothing, nothing, nothing, 0.1, True), 3) == "1,024 measured numbers"


def test_each_stroke_adds_the_pixels_that_were_hidden_before(three):
    seen = seen_of(dab(three, 0.2).with_input(FromData(7)))
    known = [int(mask.sum()) for mask in seen.known]
    assert known == sorted(known)
    assert known[4] == known[3]
    assert len(seen.measurements[3].values) == 0
