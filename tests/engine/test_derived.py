"""In which order the pictures of a page are made."""

import pytest
from msgspec import Struct

from engine.derived import PENDING, Pictures


class Shown(Struct, frozen=True):
    document: str = "document"
    pictures: dict[str, object] = {}


@pytest.fixture
def page():
    made = Pictures()
    for name in "abc":
        made.picture(name)(lambda *_, name=name: name)
    made.picture("hand", first=True)(lambda *_: "hand")
    made.picture("endless", last=True)(lambda *_: (value for value in (PENDING, 1, PENDING, 2)))
    return made


def order(page, wanted, until=None):
    """In which order they come to their first values, abandoned after so many of them."""
    known = []
    for scene in page.unfold(Shown(), dict.fromkeys(wanted)):
        known += [name for name in scene.pictures if name not in known]
        if until is not None and len(known) == until:
            break
    return known


def test_what_is_under_the_hand_comes_first_and_what_takes_seconds_last(page):
    for _ in range(7):
        assert order(page, ("a", "b", "endless", "c", "hand")) == ["hand", "a", "b", "c", "endless"]


@pytest.mark.parametrize("at_a_time", [1, 2, 3])
def test_a_hand_that_never_rests_starves_none(page, at_a_time):
    seen = [order(page, ("a", "b", "c", "hand"), at_a_time) for _ in range(4)]
    assert {name for names in seen for name in names} == {"a", "b", "c", "hand"}


def test_what_was_abandoned_before_it_came_to_anything_lets_others_go_first(page):
    page.picture("slow", first=True)(lambda *_: (PENDING for _ in range(9)))
    for _ in range(2):
        unfolding = page.unfold(Shown(), {"slow": None, "a": None})
        next(unfolding)
        first = next(unfolding)
        unfolding.close()
    assert first.pictures == {"a": "a"}


def test_better_values_come_after_the_first_ones_of_all_that_are_quick(page):
    page.picture("better")(lambda *_: (value for value in (1, 2)))
    values = [dict(scene.pictures) for scene in page.unfold(Shown(), {"better": None, "c": None})]
    assert values == [{}, {"c": "c"}, {"c": "c", "better": 1}, {"c": "c", "better": 2}]


def test_better_values_come_by_turns(page):
    page.picture("long")(lambda *_: (value for value in range(9)))
    page.picture("short")(lambda *_: (value for value in range(2)))
    values = [dict(scene.pictures) for scene in page.unfold(Shown(), {"long": None, "short": None})]
    assert values[:5] == [{}, {"long": 0}, {"long": 0, "short": 0}, {"long": 1, "short": 0}, {"long": 1, "short": 1}]
    assert values[-1] == {"long": 8, "short": 1}
