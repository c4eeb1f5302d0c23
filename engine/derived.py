"""Derived values: what is computed from a document for a panel, and the scene that carries such values."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from itertools import count
from typing import Any, Generic, TypeVar

import msgspec
from msgspec.structs import replace

from engine.plane import Viewport

V = TypeVar("V")
Compute = Callable[..., Any]  # (document, viewport) -> a value, or a generator of values


class Pending:
    """Yielded by a slow computation at each point where it may be cancelled."""


PENDING = Pending()
BUSY, PAUSE = 0.002, 0.001  # seconds of computing, after which the thread of `last` values sleeps, and for how long
ANYWHERE = Viewport(0, 1, 0, 1, 1, 1)  # the viewport of a value that does not depend on one


class Derived(Generic[V]):
    """A key for a value, and the function that computes it from a document and a viewport.

    The function returns the value, or yields PENDING and ever better values. None is a value: there is nothing to show.
    """

    def __init__(self, compute: Compute, *, first: bool = False, last: bool = False) -> None:
        self.compute, self.first, self.last = compute, first, last
        self.__name__, self.__module__, self.__doc__ = compute.__name__, compute.__module__, compute.__doc__

    def __call__(self, document: Any, viewport: Viewport = ANYWHERE) -> Any:
        """What the function returns."""
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


class Scene(msgspec.Struct, frozen=True, eq=False):
    """The values computed from one document so far."""

    document: Any
    values: Mapping[Derived[Any], Any] = {}

    def get(self, key: Derived[V]) -> V | None:
        """The value of a key; None if there is nothing to show, or nothing yet."""
        return self.values.get(key)

    def __contains__(self, key: Derived[Any]) -> bool:
        return key in self.values

    def having(self, key: Derived[V], value: V | Pending | None) -> Scene:
        """The scene with this value, unless it is pending."""
        return self if value is PENDING else replace(self, values={**self.values, key: value})


class Scheduler:
    """Computes the wanted values of documents, one document after the other, so that no value is starved."""

    def __init__(self) -> None:
        self._turns = count()
        self._begun: dict[Derived[Any], int] = {}  # the turn in which each was begun last

    def unfold(self, document: Any, wanted: Wanted) -> Generator[Scene | Pending, None, Scene]:
        """Scenes with more and better values. The last one, which is complete, is returned.

        The first scene has all `first` values. Of the others, those that the last, cancelled job did not reach are
        computed first. All values are there before any of them is improved; `last` values come at the end.
        """
        scene, turn = Scene(document), next(self._turns)
        order = sorted(wanted, key=lambda key: self._begun.get(key, -1))
        begun: dict[Derived[Any], Iterator[Any]] = {}
        for key in (key for key in order if key.first):
            self._begun[key] = turn
            made = key.compute(document, wanted[key])
            if not isinstance(made, Generator):
                scene = scene.having(key, made)
                continue
            begun[key] = made
            for value in made:
                if value is not PENDING:
                    scene = scene.having(key, value)
                    break
                yield PENDING
        quick = [key for key in order if not key.first and not key.last]
        slow = [key for key in order if key.last]
        if quick or slow or begun:
            yield scene
        scene = yield from self._improve(scene, wanted, quick, begun, turn)
        return (yield from _with_pauses(self._improve(scene, wanted, slow, {}, turn)))

    def _improve(
        self,
        scene: Scene,
        wanted: Wanted,
        keys: list[Derived[Any]],
        begun: dict[Derived[Any], Iterator[Any]],
        turn: int,
    ) -> Generator[Scene | Pending, None, Scene]:
        """First values of `keys`, one after the other; then better values of them and of `begun`, in turns."""
        for key in keys:
            self._begun[key] = turn
            begun[key] = _values(key, scene.document, wanted[key])
            for value in begun[key]:
                scene = scene.having(key, value)
                yield PENDING if value is PENDING else scene
                if value is not PENDING:
                    break
        while begun:
            for key, values in tuple(begun.items()):
                for value in values:
                    scene = scene.having(key, value)
                    yield PENDING if value is PENDING else scene
                    break
                else:
                    del begun[key]
        return scene


def _with_pauses(steps: Generator[V, None, Scene]) -> Generator[V, None, Scene]:
    """The same steps, with a pause after each that is long: otherwise the GUI thread waits for the interpreter.

    Python lets a thread that computes hold the interpreter for five milliseconds before another one gets it.
    """
    busy = 0.0
    while True:
        start = time.perf_counter()
        try:
            value = next(steps)
        except StopIteration as end:
            scene: Scene = end.value
            return scene
        busy += time.perf_counter() - start
        yield value
        if busy > BUSY:
            time.sleep(PAUSE)
            busy = 0.0


def _values(key: Derived[Any], document: Any, viewport: Viewport) -> Iterator[Any]:
    made = key.compute(document, viewport)
    return made if isinstance(made, Generator) else iter((made,))


def resolve(document: Any, wanted: Wanted) -> Scene:
    """The complete scene of a document."""
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
