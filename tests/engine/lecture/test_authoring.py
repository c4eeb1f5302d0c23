"""Authoring: whatever is done to one step, all others show what they showed before."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.lecture.authoring import (
    duplicated,
    moved,
    split,
    with_build,
    with_fields,
    with_left,
    with_look,
    with_shown,
    with_step,
    without,
)
from engine.lecture.documents import stages
from engine.lecture.files import decode, encode
from engine.lecture.lecture import Question
from engine.lecture.memory import Left
from engine.regression.document import Regression

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
    assert with_fields(LECTURE, "b", text="New.", try_="Do it.").step("b").text == "New."
    for words in ({"title": ""}, {"title": "x" * 61}, {"text": "x" * 321}):
        with pytest.raises(ValueError, match=r"“(title|text)”"):
            with_fields(LECTURE, "b", **words)
    with pytest.raises(ValueError, match="At most 4 panels"):
        with_shown(LECTURE, "b", (tuple("ABCDE"),), stages(LECTURE, "b")[0].document)
    with pytest.raises(ValueError, match="at least one"):
        without(without(without(without(LECTURE, "a"), "b"), "c"), "d")


def test_a_step_of_another_page_starts_from_a_new_document():
    from engine.latent.document import Latent

    new = with_step(LECTURE, "d", "Plane", "latent", (("The plane",),), Latent(model="faces")).steps[-1]
    assert (new.from_, new.change) == (None, {"model": "faces"})


def test_splitting_shows_the_same_in_the_end_one_change_after_the_other():
    settings = {"DataSpaceSettings": {"samples": 3}, "Display": {"show_truth": False}}
    one = {"id": "e", "title": "E", "from": "a", "change": {"step": 3, "seed": 7, "settings": settings}}
    steps = [STEPS[0], one, {"id": "f", "title": "F", "from": "e"}]
    lecture = decode(json.dumps({"bayescape": 1, "title": "Test", "steps": steps}).encode())
    assert lecture.refused == {}
    result = split(lecture, "e")
    before = shown(lecture)
    after = shown(result)
    assert [d.step for d in after["e"]] == [0, 0, 0, 1, 2, 3]  # the seed, two settings, three observations
    assert after["e"][-1] == before["e"][0]
    assert (after["a"], after["f"]) == (before["a"], before["f"])
    assert encode(decode(encode(result))) == encode(result)
    with pytest.raises(ValueError, match="has builds already"):
        split(result, "e")
    with pytest.raises(ValueError, match="differs from the one before in 2 to"):
        split(lecture, "f")


def test_changes_that_need_each_other_are_one_build():
    change = {"left_out": [0], "observations": THREE, "seed": 3}  # without observations none can be left out
    steps = [{"id": "a", "title": "A", "change": change}]
    result = split(decode(json.dumps({"bayescape": 1, "title": "Test", "steps": steps}).encode()), "a")
    assert [sorted(build.change) for build in result.step("a").builds] == [["seed"]]
    assert set(result.step("a").change) == {"left_out", "observations"}


def test_a_build_holds_what_was_changed_since():
    document = stages(LECTURE, "b")[0].document
    result = with_build(LECTURE, "b", 0, document.step_to(3), "Three.")
    assert (result.step("b").builds[0].change, result.step("b").builds[0].say) == ({"step": 3}, "Three.")
    between = with_build(result, "b", 0, document.step_to(2))
    assert [stage.document.step for stage in stages(between, "b")] == [1, 2, 3]
    with pytest.raises(ValueError, match="Nothing has changed"):
        with_build(LECTURE, "b", 0, document)
    with pytest.raises(ValueError, match="one build for each observation"):
        with_build(LECTURE, "d", 0, document)


def test_a_lecture_is_saved_with_what_was_changed_at_any_build():
    left = {
        "d": Left(stages(LECTURE, "d")[2].document.move(0, 1.5, 0.5), 2),
        "c": Left(stages(LECTURE, "c")[0].document.clear(), 0),
        "gone": Left(Regression(), 0),
    }
    result, refusals = with_left(LECTURE, left)
    assert refusals == []
    assert [d.step for d in shown(result)["d"]] == [0, 1, 2, 3]
    assert shown(result)["d"][2] == left["d"].document
    assert shown(result)["c"] == [left["c"].document]
    assert (shown(result)["a"], shown(result)["b"]) == (shown(LECTURE)["a"], shown(LECTURE)["b"])
    same, refusals = with_left(LECTURE, {"d": Left(stages(LECTURE, "d")[1].document.step_to(3), 1)})
    assert encode(same) == encode(LECTURE)
    assert refusals == ["Step “D” stays as it was, because its builds do not fit the change."]


def test_a_copy_and_another_section_change_nothing_else():
    result = duplicated(LECTURE, "b")
    assert [step.id for step in result.steps] == ["a", "b", "b-2", "c", "d"]
    assert shown(result)["b-2"] == shown(LECTURE)["b"]
    assert moved(LECTURE, "d", 0, "S").steps[0].section == "S"
    assert with_look(LECTURE, "b", {"data": (0, 1, 0, 1)}).step("b").look == {"data": (0, 1, 0, 1)}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"veil": ("Prior",)}, "Prior cannot be veiled"),
        ({"question": Question("?", "sketch", panel="Prior")}, "does not show the panel Prior"),
        ({"goal": "elephant = 1"}, "no value elephant"),
        ({"minutes": -1.0}, "“minutes”"),
    ],
)
def test_fields_that_cannot_be_used_are_refused_in_one_sentence(fields, words):
    with pytest.raises(ValueError, match=words) as caught:
        with_fields(LECTURE, "b", **fields)
    assert "\n" not in str(caught.value)
