"""The course of a lecture: builds come before the next step, and a step is shown as it was left."""

import json

import pytest

from engine.lecture.course import Course
from engine.lecture.files import decode

THREE = {"x": [1.0, 2.0, 3.0], "t": [0.0, 0.0, 0.0]}
STEPS = [
    {"id": "missing", "title": "Missing", "needs": {"missing": "This step needs a GAN."}},
    {"id": "fed", "title": "Fed", "change": {"observations": THREE}, "builds": "observations", "slides": [7]},
    {"id": "plain", "title": "Plain", "from": "fed", "change": {"seed": 9}, "slides": [8, 9]},
    {"id": "quiz", "title": "Quiz", "from": "fed", "on_return": "fresh"},
]


@pytest.fixture
def course():
    lecture = decode(json.dumps({"bayescape": 1, "title": "Test", "steps": STEPS}).encode())
    made = Course(lecture, lecture.steps, {"missing": "This step needs a GAN."})
    made.arrive(made.index)
    return made


def test_it_begins_with_the_first_step_that_can_be_shown(course):
    assert (course.step.id, course.number, course.other(-1)) == ("fed", "2/4", None)
    assert (course.end(-1), course.end(1)) == (1, 3)
    assert course.arrive(0) is None
    assert (course.reason, course.stage) == ("This step needs a GAN.", None)


def test_builds_come_one_by_one_and_end(course):
    document = course.stage.document
    shown = []
    while (after := course.to_build(1, document)) is not None:
        document = after
        shown.append(document.step)
    assert shown == [1, 2, 3]
    assert course.build == 3
    assert course.to_build(-1, document).step == 2


def test_what_comes_next_is_known_before_it_comes(course):
    document = course.stage.document.move(0, 1.5, 0.5)
    step, stage = course.upcoming(document)
    assert (step.id, stage.document) == ("fed", course.to_build(1, document))
    while (after := course.to_build(1, document)) is not None:
        document = after
    step, stage = course.upcoming(document)
    assert (step.id, stage.document) == ("plain", course.arrive(2))
    changed = stage.document.move(0, 1.0, 1.0)
    course.keep(changed)
    course.arrive(1, -1)
    assert course.upcoming(course.stage.document)[1].document == changed  # as it was left
    course.arrive(3)
    assert course.upcoming(course.stage.document) is None


def test_a_change_of_the_user_survives_a_build(course):
    moved = course.stage.document.move(0, 1.5, 0.5)
    after = course.to_build(1, moved)
    assert (after.step, after.observations.x.tolist()) == (1, [1.5, 2.0, 3.0])


def test_if_a_build_does_not_fit_the_changed_document_it_is_shown_as_declared(course):
    after = course.to_build(1, course.stage.document.clear())
    assert after == course.stage.document


def test_a_step_is_shown_as_left_until_it_is_restored(course):
    changed = course.to_build(1, course.stage.document).move(0, 1.5, 0.5)
    assert course.is_changed(changed)
    course.keep(changed)
    course.arrive(2)
    assert course.arrive(1) is changed
    assert course.build == 1
    assert course.restore()[0] == course.stage.document
    course.keep(course.stage.document)
    assert course.left == {}
    assert course.seen == {"fed", "plain"}


def test_all_steps_are_restored_at_once(course):
    for index in (1, 2):
        course.keep(course.arrive(index).move(0, 7, 7))
    assert set(course.left) == {"fed", "plain"}
    assert course.restore_all()[0].seed == 9
    assert course.left == {}


def test_a_quiz_starts_anew(course):
    document = course.arrive(3)
    course.keep(document.move(0, 7, 7))
    assert course.arrive(3) == document


def test_coming_back_from_the_next_step_shows_all_builds(course):
    assert course.arrive(1, -1).step == 3


@pytest.mark.parametrize(("text", "index"), [("3", 2), ("s9", 2), ("S 7", 1), ("quiz", 3)])
def test_a_step_is_found_by_number_slide_or_id(course, text, index):
    assert course.find(text) == index


@pytest.mark.parametrize("text", ["0", "5", "s1", "", "elephant"])
def test_what_is_not_found_is_said_in_one_sentence(course, text):
    with pytest.raises(ValueError, match="There is no step"):
        course.find(text)


def test_a_lecture_without_a_step_that_can_be_shown_is_refused():
    lecture = decode(json.dumps({"bayescape": 1, "title": "Test", "steps": STEPS[:1]}).encode())
    with pytest.raises(ValueError, match="no step"):
        Course(lecture, lecture.steps, {"missing": "x"})
