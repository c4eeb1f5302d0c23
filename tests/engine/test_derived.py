"""Derived values: in which order those of a page are computed, and what a scene holds meanwhile."""

import pytest

from engine.derived import ANYWHERE, PENDING, Scene, Scheduler, derived, resolve, whole
from engine.plane import Viewport


def key(name, *values, **when):
    """A key whose function yields these values, or returns its own name."""

    def compute(document, viewport):
        return (value for value in values) if values else name

    compute.__name__ = name
    return derived(object, **when)(compute)


A, B, C = (key(name) for name in "abc")
HAND = key("hand", first=True)
ENDLESS = key("endless", PENDING, 1, PENDING, 2, last=True)


def wanted(*keys):
    return dict.fromkeys(keys, ANYWHERE)


def unfolded(*keys):
    """The values of each scene, by the names of their keys."""
    scenes = Scheduler().unfold("document", wanted(*keys))
    return [{made.__name__: value for made, value in scene.values.items()} for scene in scenes if scene is not PENDING]


def order(scheduler, keys, until=None):
    """The names of the keys, in the order of their first values, cancelled after so many of them."""
    known = []
    for scene in scheduler.unfold("document", wanted(*keys)):
        if scene is not PENDING:
            known += [made.__name__ for made in scene.values if made.__name__ not in known]
        if until is not None and len(known) == until:
            break
    return known


def test_a_key_is_the_function_itself_and_is_told_from_others_by_identity():
    assert A("document") == "a"
    assert whole(ENDLESS("document")) == 2
    assert key("a") != A
    assert (A.__name__, A.__module__) == ("a", __name__)


def test_it_is_computed_for_the_viewport_that_is_wanted():
    made = derived(Viewport)(lambda _, viewport: viewport)
    view = Viewport(0, 2, 0, 2)
    assert resolve("document", {made: view}).get(made) is view


def test_none_is_a_value_and_what_is_not_there_is_none():
    nothing = derived(object)(lambda *_: None)
    scene = resolve("document", wanted(nothing))
    assert nothing in scene
    assert A not in scene
    assert scene.get(nothing) is scene.get(A) is None
    assert Scene("document").having(A, PENDING).values == {}


def test_first_values_come_first_and_last_values_last():
    scheduler = Scheduler()
    for _ in range(7):
        assert order(scheduler, (A, B, ENDLESS, C, HAND)) == ["hand", "a", "b", "c", "endless"]


def test_all_first_values_are_in_the_first_scene():
    other = key("other", PENDING, 1, 2, first=True)
    assert unfolded(A, HAND, other)[0] == {"hand": "hand", "other": 1}
    assert unfolded(A, HAND, other)[-1] == {"hand": "hand", "other": 2, "a": "a"}


@pytest.mark.parametrize("at_a_time", [2, 3])
def test_no_value_is_starved_by_a_hand_that_never_rests(at_a_time):
    scheduler = Scheduler()
    seen = [order(scheduler, (A, B, C, HAND), at_a_time) for _ in range(4)]
    assert {name for names in seen for name in names} == {"a", "b", "c", "hand"}


def test_a_value_that_was_cancelled_before_it_was_there_lets_others_go_first():
    scheduler, slow = Scheduler(), key("slow", *[PENDING] * 9)
    for _ in range(2):
        unfolding = scheduler.unfold("document", wanted(slow, A))
        next(unfolding)
        first = next(unfolding)
        unfolding.close()
    assert first.get(A) == "a"


def test_better_values_come_after_the_first_ones_of_all_that_are_quick():
    better = key("better", 1, 2)
    values = unfolded(better, C)
    assert values == [{}, {"better": 1}, {"better": 1, "c": "c"}, {"better": 2, "c": "c"}]


def test_better_values_come_by_turns():
    values = unfolded(key("long", *range(9)), key("short", *range(2)))
    assert values[:5] == [{}, {"long": 0}, {"long": 0, "short": 0}, {"long": 1, "short": 0}, {"long": 1, "short": 1}]
    assert values[-1] == {"long": 8, "short": 1}


def test_without_other_values_the_first_scene_is_the_whole():
    assert unfolded() == unfolded(HAND) == []
    assert resolve("document", {}).values == {}
    assert resolve("document", wanted(HAND)).get(HAND) == "hand"
