"""Derived values: typed keys for what panels show, and the scheduler that computes the values of a scene.

Values that change while the user drags are marked `first`. The other values take turns, so that none of them waits for
a slow one. See docs/decisions/005 and 060.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from itertools import count
from typing import Any, Generic, TypeVar

import msgspec
from msgspec.structs import replace

from engine.plane import Viewport

V = TypeVar("V")
R = TypeVar("R")
Compute = Callable[..., Any]  # (document, viewport) -> a value, or a generator of values


class Pending:
    """Yielded by a slow computation at each point where it may be cancelled."""


PENDING = Pending()  # a point where the job may be cancelled; it is not a new scene to draw
BUSY, PAUSE = 0.002, 0.001  # seconds that `last` values are computed between two pauses, and of a pause
ANYWHERE = Viewport(0, 1, 0, 1, 1, 1)  # the viewport of a value that does not depend on one


class Derived(Generic[V]):
    """A key for a value, and the function that computes it from a document and a viewport.

    The function returns the value, or yields PENDING and values of increasing accuracy. None is a value: it means that
    there is nothing to show.
    """

    def __init__(self, compute: Compute, *, first: bool = False, last: bool = False) -> None:
        self.compute, self.first, self.last = compute, first, last
        self.__name__, self.__module__, self.__doc__ = compute.__name__, compute.__module__, compute.__doc__

    def __call__(self, document: Any, viewport: Viewport = ANYWHERE) -> Any:
        """Call the function, without a scheduler."""
        return self.compute(document, viewport)

    def __repr__(self) -> str:
        return f"<derived {self.__module__}.{self.__name__}>"


def derived(_: type[V], *, first: bool = False, last: bool = False) -> Callable[[Compute], Derived[V]]:
    """Decorator: make a function `(document, viewport) -> V | None` a key for its value.

    `first` values are in the first scene that is shown after an edit. `last` values take seconds: every other value
    is complete before them.
    """

    def make(compute: Compute) -> Derived[V]:
        return Derived(compute, first=first, last=last)

    return make


Wanted = Mapping[Derived[Any], Viewport]


NONE_READY: Mapping[Derived[Any], Any] = {}


class Scene(msgspec.Struct, frozen=True, eq=False):
    """The values computed from one document so far."""

    document: Any
    values: Mapping[Derived[Any], Any] = {}

    def get(self, key: Derived[V]) -> V | None:
        """The value of a key; None if there is nothing to show or the value is not computed yet."""
        return self.values.get(key)

    def __contains__(self, key: Derived[Any]) -> bool:
        return key in self.values

    def having(self, key: Derived[V], value: V | Pending | None) -> Scene:
        """The scene with this value, unless it is pending."""
        return self if value is PENDING else replace(self, values={**self.values, key: value})


class Scheduler:
    """Computes the values of one document after another in an order in which no value is starved."""

    def __init__(self) -> None:
        self._turns = count()
        self._begun: dict[Derived[Any], int] = {}  # the job in which each value was begun last
        self._lacking: set[Derived[Any]] = set()  # the values of which the last job has given no version

    def unfold(
        self, document: Any, wanted: Wanted, ready: Mapping[Derived[Any], Any] = NONE_READY
    ) -> Generator[Scene | Pending, None, Scene]:
        """Yield scenes with more and better values; return the complete scene.

        The complete values that are `ready` are not computed again. The first scene has them and all `first` values.
        The other values take turns, one step each; in each round the `first` values are improved after them. If the
        last job was cancelled before it gave all values, one of those is computed alone until it has a first version:
        the one that was begun longest ago. `last` values are computed at the end.
        """
        scene, turn = Scene(document, ready), next(self._turns)
        order = [key for key in wanted if key not in ready]
        quick = [key for key in order if not key.first and not key.last]
        slow = [key for key in order if key.last]
        behind = [key for key in quick if key in self._lacking]
        self._lacking = set(quick)
        begun: dict[Derived[Any], Iterator[Any]] = {}
        for key in (key for key in order if key.first):
            values = key.compute(document, wanted[key])
            if not isinstance(values, Generator):
                scene = scene.having(key, values)
                continue
            begun[key] = values
            for value in values:
                if value is not PENDING:
                    scene = scene.having(key, value)
                    break
                yield PENDING
        if quick or slow or begun:
            yield scene
        waiting = {key: _values(key, document, wanted[key]) for key in quick}
        if behind:
            alone = min(behind, key=lambda key: self._begun.get(key, -1))
            while alone in self._lacking:
                scene = yield from self._step(scene, waiting, alone, turn)
        scene = yield from self._in_turns(scene, waiting | begun, turn)
        others = {key: _values(key, document, wanted[key]) for key in slow}
        return (yield from with_pauses(self._in_turns(scene, others, turn)))

    def _in_turns(
        self, scene: Scene, waiting: dict[Derived[Any], Iterator[Any]], turn: int
    ) -> Generator[Scene | Pending, None, Scene]:
        """Compute one step of each value in each round, until all are complete."""
        while waiting:
            for key in tuple(waiting):
                scene = yield from self._step(scene, waiting, key, turn)
        return scene

    def _step(
        self, scene: Scene, waiting: dict[Derived[Any], Iterator[Any]], key: Derived[Any], turn: int
    ) -> Generator[Scene | Pending, None, Scene]:
        """Compute one step of a value, and drop the value if it is complete.

        A value that fails is not computed alone in the next job: it would fail before all others again.
        """
        self._begun[key] = turn
        try:
            value = next(waiting[key])
        except StopIteration:
            del waiting[key]
            self._lacking.discard(key)
            return scene
        except Exception:
            self._lacking.discard(key)
            raise
        scene = scene.having(key, value)
        if value is not PENDING:
            self._lacking.discard(key)
        yield PENDING if value is PENDING else scene
        return scene


def with_pauses(steps: Generator[V, None, R]) -> Generator[V, None, R]:
    """Yield the steps; sleep for PAUSE after each BUSY seconds of computing, so that the GUI thread can run.

    Without a pause, a computing thread holds Python's interpreter lock for 5 ms before the GUI thread gets it.
    """
    busy = 0.0
    while True:
        start = time.perf_counter()
        try:
            value = next(steps)
        except StopIteration as end:
            result: R = end.value
            return result
        busy += time.perf_counter() - start
        yield value
        if busy > BUSY:
            time.sleep(PAUSE)
            busy = 0.0


def _values(key: Derived[Any], document: Any, viewport: Viewport) -> Iterator[Any]:
    """The values of a key; nothing is computed before the first step."""
    values = key.compute(document, viewport)
    if isinstance(values, Generator):
        yield from values
    else:
        yield values


def resolve(document: Any, wanted: Wanted) -> Scene:
    """Compute the complete scene of a document."""
    unfolding = Scheduler().unfold(document, wanted)
    while True:
        try:
            next(unfolding)
        except StopIteration as end:
            scene: Scene = end.value
            return scene


def whole(values: Iterator[V | Pending]) -> V:
    """Return the last value of an iterator that ends with a value."""
    *_, value = values
    assert not isinstance(value, Pending)
    return value


def last_of(values: Iterator[V | Pending]) -> Generator[Pending, None, V]:
    """Return the last value of an iterator; yield PENDING for each of its steps."""
    last: V | Pending = PENDING
    for value in values:
        last = last if isinstance(value, Pending) else value
        yield PENDING
    assert not isinstance(last, Pending)
    return last
