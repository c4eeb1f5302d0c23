"""Derived values: the order in which they are computed, and the values in each scene."""

import pytest

from engine import derived as module
from engine.derived import ANYWHERE, PENDING, Scene, Scheduler, derived, last_of, resolve, whole
from engine.plane import Viewport


def key(name, *values, **when):
    """A key whose function yields `values`, or returns its own name if there are no values."""

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
    return [{each.__name__: value for each, value in scene.values.items()} for scene in scenes if scene is not PENDING]


def order(scheduler, keys, until=None):
    """The names of `keys` in the order of their first values, cancelled after `until` of them."""
    names = []
    for scene in scheduler.unfold("document", wanted(*keys)):
        if scene is not PENDING:
            names += [value.__name__ for value in scene.values if value.__name__ not in names]
        if until is not None and len(names) == until:
            break
    return names


def test_a_key_can_be_called_and_is_compared_by_identity():
    assert A("document") == "a"
    assert whole(ENDLESS("document")) == 2
    assert key("a") != A
    assert (A.__name__, A.__module__) == ("a", __name__)


def test_a_value_is_computed_for_its_own_viewport():
    shown = derived(Viewport)(lambda _, viewport: viewport)
    view = Viewport(0, 2, 0, 2)
    assert resolve("document", {shown: view}).get(shown) is view


def test_none_is_a_value_and_a_missing_value_is_none():
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
def test_no_value_is_starved_by_edits_in_quick_succession(at_a_time):
    scheduler = Scheduler()
    jobs = [order(scheduler, (A, B, C, HAND), at_a_time) for _ in range(4)]
    assert {name for names in jobs for name in names} == {"a", "b", "c", "hand"}


def test_after_a_cancelled_value_other_values_come_first():
    scheduler, slow = Scheduler(), key("slow", *[PENDING] * 9)
    for _ in range(2):
        unfolding = scheduler.unfold("document", wanted(slow, A))
        next(unfolding)
        first = next(unfolding)
        unfolding.close()
    assert first.get(A) == "a"


def test_a_slow_value_does_not_delay_the_others():
    slow = key("slow", *[PENDING] * 9, 1)
    assert order(Scheduler(), (slow, A, key("slower", *[PENDING] * 20, 1), B)) == ["a", "b", "slow", "slower"]


def test_a_value_that_no_job_has_given_is_computed_alone_in_a_later_one():
    """Each job has six steps. In turns with the endless value, the slow one would have only three of them."""
    scheduler, slow, given = Scheduler(), key("slow", *[PENDING] * 3, 1), []
    for _ in range(3):
        unfolding = scheduler.unfold("document", wanted(key("long", *range(99)), slow))
        seen = [next(unfolding) for _ in range(6)]
        unfolding.close()
        given.append(any(slow in scene for scene in seen if scene is not PENDING))
    assert given == [False, True, False]


def test_a_value_that_fails_is_not_computed_alone():
    def failing(document, viewport):
        raise ValueError("It fails.")

    scheduler, fails = Scheduler(), derived(object)(failing)
    for _ in range(6):
        seen = set()
        with pytest.raises(ValueError, match=r"It fails\."):
            for scene in scheduler.unfold("document", wanted(A, fails, B)):
                seen |= set(scene.values)
        assert A in seen


def test_better_values_come_after_the_first_values_of_all_quick_keys():
    better = key("better", 1, 2)
    values = unfolded(better, C)
    assert values == [{}, {"better": 1}, {"better": 1, "c": "c"}, {"better": 2, "c": "c"}]


def test_better_values_of_several_keys_alternate():
    values = unfolded(key("long", *range(9)), key("short", *range(2)))
    assert values[:5] == [{}, {"long": 0}, {"long": 0, "short": 0}, {"long": 1, "short": 0}, {"long": 1, "short": 1}]
    assert values[-1] == {"long": 8, "short": 1}


def test_without_other_values_the_first_scene_is_complete():
    assert unfolded() == unfolded(HAND) == []
    assert resolve("document", {}).values == {}
    assert resolve("document", wanted(HAND)).get(HAND) == "hand"


def test_only_long_steps_of_last_values_are_followed_by_a_pause(monkeypatch):
    now, pauses = [0.0], []
    monkeypatch.setattr(module.time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(module.time, "sleep", pauses.append)

    def taking(seconds, **when):
        def compute(document, viewport):
            for i in range(3):
                now[0] += seconds
                yield i

        return derived(object, **when)(compute)

    resolve("document", wanted(taking(1.0), taking(1.0, first=True)))
    assert pauses == []
    resolve("document", wanted(taking(0.01, last=True)))
    assert pauses == [module.PAUSE] * 3
    resolve("document", wanted(taking(0.0008, last=True)))  # three steps together are longer than BUSY
    assert pauses == [module.PAUSE] * 4


def test_the_last_value_comes_after_pending_alone():
    def job():
        return (yield from last_of(iter([PENDING, 1, 2, PENDING])))

    work, steps = job(), []
    with pytest.raises(StopIteration) as end:
        while True:
            steps.append(next(work))
    assert steps == [PENDING] * 4
    assert end.value.value == 2
