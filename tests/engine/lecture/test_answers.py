"""Answers: the distance from the truth in the question's units, and a file that a damage does not break."""

import pytest

from engine.lecture.answers import Given, in_markdown, numbers_in, read_answers, save_answers, verdict
from engine.lecture.lecture import Head, Lecture, Question, Step

CHOICE = Question("Which?", "choice", ("Yes", "No"), "No", why="Because.")
NUMBER = Question("How many?", "number", answer=3.0, unit="points")
POINT = Question("Where?", "point", answer=(1.0, 2.0), panel="Prior", unit="units of weight")


@pytest.mark.parametrize(
    ("question", "given", "words"),
    [
        (CHOICE, Given(), "The answer: No. Because."),
        (CHOICE, Given(choice="No"), "The answer: No. Your answer is right. Because."),
        (CHOICE, Given(choice="Yes", hands={"Yes": 7, "No": 5}),
         "The answer: No. Your answer is wrong. 5 of 12 hands are right. Because."),
        (NUMBER, Given(numbers=(2.5,)), "The answer is 3 points. Your guess, 2.5, differs by 0.5 points."),
        (NUMBER, Given(numbers=(6_554_000_000_003.0,)),
         "The answer is 3 points. Your guess, 6,554,000,000,003, differs by 6,554,000,000,000 points."),
        (NUMBER, Given(numbers=(1.0, 3.0, 8.0)),
         "The answer is 3 points. The mean of 3 guesses, 4, differs by 1 points."),
        (POINT, Given(places=((4.0, 6.0),)), "The answer is (1, 2). Your place is 5 units of weight from it."),
        (POINT, Given(places=((4.0, 6.0), (1.0, 2.5))),
         "The answer is (1, 2). The nearest of 2 places is 0.5 units of weight from it."),
        (Question("Draw.", "sketch", panel="Prior"), Given(sketched=True),
         "Compare your sketch with the panel."),
    ],
)  # fmt: skip
def test_the_verdict(question, given, words):  # the distance from (1, 2) to (4, 6) is 5
    assert verdict(question, given) == words


def test_answers_are_saved_and_damage_loses_only_them(tmp_path):
    answers = {"a": Given(choice="No", hands={"Yes": 1}), "b": Given(places=((0.5, -1.0),))}
    path = tmp_path / "new" / "answers.json"
    save_answers(path, answers)
    assert read_answers(path) == answers
    path.write_bytes(b"{")
    assert read_answers(path) == {}
    assert read_answers(tmp_path / "none.json") == {}


def test_the_text_has_every_answered_question():
    steps = (Step("a", "First", question=CHOICE), Step("b", "Second", question=NUMBER), Step("c", "Third"))
    text = in_markdown(Lecture(Head("Test"), steps), {"a": Given(choice="Yes"), "c": Given(choice="x")})
    assert text.splitlines()[2:7] == ["## 1 First", "", "*Which?*", "", "* My answer: Yes"]
    assert "Second" not in text
    assert "Third" not in text


def test_numbers_are_read_with_point_or_comma():
    assert numbers_in(" 2012; 0,5 −3 ") == (2012, 0.5, -3)
    assert numbers_in("") == ()
    for wrong in ("two", "1 nan", "inf"):
        with pytest.raises(ValueError, match="is not a number"):
            numbers_in(wrong)
