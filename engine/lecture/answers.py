"""Answers to the questions of a lecture: what the audience gave, how far it is from the truth, and a file of all."""

from __future__ import annotations

from math import hypot, isfinite
from pathlib import Path

import msgspec
import numpy as np

from engine.files import read_regular, written
from engine.lecture.lecture import Lecture, Question

LARGEST = 2**24  # bytes


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The answers to one question: an option, a show of hands by option, numbers, places (x, y) of a plot, a sketch.

    `strokes` are those of the sketch, and `distance` is its mean distance from the curves of the panel.
    """

    choice: str = ""
    hands: dict[str, int] = {}
    numbers: tuple[float, ...] = ()
    places: tuple[tuple[float, float], ...] = ()
    sketched: bool = False
    strokes: tuple[tuple[tuple[float, float], ...], ...] = ()
    distance: float | None = None

    def __bool__(self) -> bool:
        return bool(self.choice or any(self.hands.values()) or self.numbers or self.places or self.sketched)


class _File(msgspec.Struct, frozen=True):
    answers: dict[str, Given] = {}


def verdict(question: Question, given: Given) -> str:
    """Return the answer of a question in words, with the distance of what was given in the question's units."""
    return " ".join(part for part in (_answer(question), _distance(question, given), question.why) if part)


def _answer(question: Question) -> str:
    answer = question.answer
    if isinstance(answer, tuple):
        return f"The answer is ({_number(answer[0])}, {_number(answer[1])})."
    if isinstance(answer, int | float):
        return f"The answer is {_number(answer)}{_unit(question)}."
    return f"The answer: {answer.rstrip('.')}." if answer else ""


def _distance(question: Question, given: Given) -> str:
    """How far the given answers are from the truth; empty if none was given."""
    answer = question.answer
    if question.kind == "choice":
        own = f"Your answer is {'right' if given.choice == answer else 'wrong'}." if given.choice else ""
        total = sum(given.hands.values())
        hands = f"{given.hands.get(str(answer), 0)} of {total} hands are right." if total else ""
        return " ".join(part for part in (own, hands) if part)
    if isinstance(answer, int | float) and given.numbers:
        mean = float(np.mean(given.numbers))
        who = "Your guess" if len(given.numbers) == 1 else f"The mean of {len(given.numbers)} guesses"
        return f"{who}, {_number(mean)}, differs by {_distance_text(abs(mean - answer))}{_unit(question)}."
    if isinstance(answer, tuple) and given.places:
        distances = [hypot(x - answer[0], y - answer[1]) for x, y in given.places]
        who = "Your place is" if len(distances) == 1 else f"The nearest of {len(distances)} places is"
        return f"{who} {_distance_text(min(distances))}{_unit(question)} from it."
    if given.sketched and given.distance is not None:
        unit = _unit(question) or " units of the plot"
        shown = _distance_text(given.distance)
        return f"Your sketch is on average {shown}{unit} from the nearest curve of the panel."
    return "Compare your sketch with the panel." if given.sketched else ""


def _distance_text(distance: float) -> str:
    """A distance with two digits, because a hand or a guess has no more; whole numbers from 10 on have all digits."""
    return f"{distance:.2g}" if distance < 10 else f"{distance:,.0f}"


def _unit(question: Question) -> str:
    return f" {question.unit}" if question.unit else ""


def _number(value: float) -> str:
    """A number with four digits, or with all digits before the point, because no student writes 6.554e+12."""
    return (f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.4g}").replace("-", "−")


def read_answers(path: Path) -> dict[str, Given]:
    """The saved answers, by the ids of the steps; none if there is no file or if it is damaged."""
    try:
        return msgspec.json.decode(read_regular(path, LARGEST), type=_File).answers
    except (ValueError, msgspec.DecodeError, RecursionError):
        return {}


def save_answers(path: Path, answers: dict[str, Given]) -> None:
    """Save the answers. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with written(path) as file:
        file.write(msgspec.json.format(msgspec.json.encode(_File(answers)), indent=1))


def in_markdown(lecture: Lecture, answers: dict[str, Given]) -> str:
    """The questions that were answered, with the answers given and the right ones, as a text in Markdown."""
    lines = [f"# {lecture.head.title}: my answers", ""]
    for n, step in enumerate(lecture.steps, 1):
        given = answers.get(step.id)
        if given and step.question:
            places = "; ".join(f"({_number(x)}, {_number(y)})" for x, y in given.places)
            words = "a sketch" if given.sketched else "a show of hands"
            own = given.choice or ", ".join(map(_number, given.numbers)) or places or words
            lines += [f"## {n} {step.title}", "", f"*{step.question.ask}*", ""]
            lines += [f"* My answer: {own}", f"* {verdict(step.question, given)}", ""]
    return "\n".join(lines)


def numbers_in(text: str) -> tuple[float, ...]:
    """The numbers in a text, separated by blanks or semicolons. Raises ValueError, in one sentence, for other words."""
    found = []
    for word in text.replace(";", " ").split():
        try:
            value = float(word.replace("−", "-").replace(",", "."))
        except ValueError:
            value = float("nan")
        if not isfinite(value):
            raise ValueError(f"“{word[:40]}” is not a number. Type one number, or several with blanks between them.")
        found.append(value)
    return tuple(found)
