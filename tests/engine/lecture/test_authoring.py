"""Authoring: whatever is done to one step, all others show what they showed before."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.lecture.authoring import moved, with_shown, with_step, with_words, without
from engine.lecture.documents import stages
from engine.lecture.files import decode, encode

THREE = {"x": [1.0, 2.0, 3.0], "t": [0.0, 0.0, 0.0]}
STEPS = [
    {"id": "a", "title": "A", "change": {"observations": THREE}, "section": "S"},
    {"id": "b", "title": "B", "from": "a", "change": {"step": 1}},
    {"id": "c", "title": "C", "from": "b", "change": {"step": 2, "seed": 7}},
    {"id": "d", "title": "D", "from": "a", "builds": "observations"},
]
LECTURE = decode(json.dumps({"bayescape": 1, "title": "Test", "steps": STEPS}).encode())
ROWS = (("Prior", "∝ Posterior"), ("Data space",))


def shown(lecture):
    return {step.id: [stage.document for stage in stages(lecture, step.id)] for step in lecture.steps}


@given(st.sampled_from("abcd"), st.integers(-1, 5), st.floats(-5, 5))
def test_only_the_step_that_is_changed_shows_something_else(id_, to, x):
    document = stages(LECTURE, id_)[0].document.move(0, x, 1.0)
    before = shown(LECTURE)
    updated = with_shown(LECTURE, id_, ROWS, document)
    assert shown(updated) | {id_: 0} == before | {id_: 0}
    assert stages(updated, id_)[0].document == document
    assert updated.step(id_).show == ROWS
    added = with_step(LECTURE, id_, "Über α", "regression", ROWS, document)
    assert {key: value for key, value in shown(added).items() if key != "uber"} == before
    assert stages(added, "uber")[0].document == document
    left = without(LECTURE, id_)
    assert shown(left) == {key: value for key, value in before.items() if key != id_}
    assert shown(moved(LECTURE, id_, to)) == before
    for lecture in (updated, added, left, moved(LECTURE, id_, to)):
        assert encode(decode(encode(lecture))) == encode(lecture)


def test_a_new_step_holds_only_the_difference():
    document = stages(LECTURE, "b")[0].document.step_to(3)
    new = with_step(LECTURE, "b", "Next", "regression", ROWS, document).steps[2]
    assert (new.from_, new.change, new.section) == ("b", {"step": 3}, "")
    again = with_step(with_step(LECTURE, "a", "A", "regression", ROWS, document), "a", "A", "regression", (), document)
    assert [step.id for step in again.steps[:3]] == ["a", "a-3", "a-2"]
    assert again.steps[1].section == "S"


def test_words_are_checked_and_nothing_else_changes():
    assert with_words(LECTURE, "b", text="New.", try_="Do it.").step("b").text == "New."
    for words in ({"title": ""}, {"title": "x" * 61}, {"text": "x" * 321}):
        with pytest.raises(ValueError, match=r"“(title|text)”"):
            with_words(LECTURE, "b", **words)
    with pytest.raises(ValueError, match="At most 4 panels"):
        with_shown(LECTURE, "b", (tuple("ABCDE"),), stages(LECTURE, "b")[0].document)
    with pytest.raises(ValueError, match="at least one"):
        without(without(without(without(LECTURE, "a"), "b"), "c"), "d")


def test_a_step_of_another_page_starts_from_a_new_document():
    from engine.latent.document import Latent

    new = with_step(LECTURE, "d", "Plane", "latent", (("The plane",),), Latent(model="faces")).steps[-1]
    assert (new.from_, new.change) == (None, {"model": "faces"})
