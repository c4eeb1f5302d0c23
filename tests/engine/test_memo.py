"""Memory: what is evicted and released, and the laws of computations that several jobs share, cancel and resume."""

import gc
import sys
import threading
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.derived import PENDING
from engine.memo import Recent, Resumable, remember

STEPS = [PENDING, 1.0, PENDING, PENDING, 2.0, 3.0, PENDING, 4.0, PENDING]


class Owner:
    """Anything that can be referred to weakly."""


def generated(steps, returned=None):
    """A generator of these steps."""
    yield from steps
    return returned


def values(steps):
    return [step for step in steps if step is not PENDING]


def test_a_recent_mapping_evicts_what_was_used_least_recently():
    kept = Recent(2)
    for key in "aba":
        kept.remember(key, lambda key=key: key.upper())
    kept["c"] = "C"
    assert list(kept.items()) == [("a", "A"), ("c", "C")]
    assert kept.remember("a", None) == "A"
    kept["d"] = "D"
    assert list(kept) == ["a", "d"]


def test_threads_may_remember_at_the_same_time():
    kept, errors = Recent(1), []

    def fill(own):
        try:
            for i in range(20_000):
                assert kept.remember((own, i % 3), lambda: own) == own
        except KeyError as error:
            errors.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=fill, args=(own,)) for own in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(interval)
    assert errors == []


def test_a_result_is_made_once_for_each_owner_and_key():
    one, other, made = Owner(), Owner(), []
    for owner in (one, one, other):
        for key in "xy":
            remember(owner, key, lambda: made.append(None))
    assert len(made) == 4


@pytest.mark.slow
def test_results_are_released_with_their_owner():
    owner = Owner()
    value = weakref.ref(remember(owner, "value", Owner))
    gc.collect()
    assert value() is not None
    del owner
    gc.collect()
    assert value() is None


def test_a_computation_that_is_not_cancelled_yields_its_steps():
    work = Resumable(generated(STEPS))
    assert list(work.go()) == STEPS
    assert work.best == 4.0
    assert work.done


def test_a_computation_that_is_complete_yields_only_its_best_value():
    work = Resumable(generated(STEPS))
    list(work.go())
    assert list(work.go()) == [4.0]
    assert list(work.result()) == []


def test_a_returned_value_is_the_last_one():
    work = Resumable(generated([PENDING, PENDING], 5.0))
    assert list(work.go()) == [PENDING, PENDING, 5.0]
    assert list(work.go()) == [5.0]


def test_the_result_comes_after_pending_alone():
    def job():
        return (yield from Resumable(generated(STEPS)).result())

    steps, work = [], job()
    with pytest.raises(StopIteration) as end:
        while True:
            steps.append(next(work))
    assert steps == [PENDING] * len(STEPS)
    assert end.value.value == 4.0


@pytest.mark.slow
@given(st.lists(st.sampled_from([PENDING, 0.1, 0.2, 0.3]), max_size=20), st.data())
def test_cancelled_and_resumed_is_as_if_not_cancelled(steps, data):
    drawn = []

    def computed():
        for step in steps:
            drawn.append(step)
            yield step

    work = Resumable(computed())
    seen = []
    while not work.done:
        job = work.go()
        seen += [next(job, PENDING) for _ in range(data.draw(st.integers(1, 6)))]
        job.close()
    assert drawn == steps  # each step was computed exactly once
    assert work.best == (values(steps) or [None])[-1]
    assert list(dict.fromkeys(values(seen))) == list(dict.fromkeys(values(steps)))


@pytest.mark.slow
@given(st.lists(st.sampled_from([PENDING, 1.0, 2.0, 3.0]), max_size=20), st.lists(st.booleans(), max_size=60))
def test_two_consumers_share_the_steps_and_both_reach_the_best_value(steps, turns):
    work = Resumable(generated(steps))
    jobs, seen = (work.go(), work.go()), ([], [])
    for turn in turns:
        seen[turn].append(next(jobs[turn], PENDING))
    for job, ours in zip(jobs, seen, strict=True):
        ours.extend(job)
        assert values(ours)[-1:] == values(steps)[-1:]
        position = iter(values(steps))
        assert all(any(value == known for known in position) for value in values(ours))  # in order


def test_what_another_consumer_computed_is_not_computed_again():
    work = Resumable(generated(STEPS))
    first, second = work.go(), work.go()
    assert [next(first) for _ in range(5)] == STEPS[:5]
    assert next(second) == 2.0
    assert next(second) == 3.0
    assert list(first) == [3.0, PENDING, 4.0, PENDING]


def test_a_computation_that_has_failed_is_made_again():
    """Otherwise a lack of memory that has passed would be reported as long as the computation is remembered."""
    failures, kept = [MemoryError(), None], Recent(2)

    def steps():
        yield PENDING
        if (failure := failures.pop(0)) is not None:
            raise failure
        yield 1.0

    with pytest.raises(MemoryError):
        list(kept.remember("key", lambda: Resumable(steps())).go())
    work = kept.remember("key", lambda: Resumable(steps()))
    assert list(work.go()) == [PENDING, 1.0]
    assert kept.remember("key", None) is work


def test_a_failure_is_raised_for_every_consumer():
    def failing():
        yield 1.0
        raise ValueError("no model")

    work = Resumable(failing())
    for _ in range(2):
        job = work.go()
        assert next(job) == 1.0
        with pytest.raises(ValueError, match="no model"):
            next(job)
