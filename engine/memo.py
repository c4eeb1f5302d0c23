"""Memory of computed values: bounded caches, and computations that continue where a cancelled job stopped.

Values that are computed from an object, such as a model, live as long as the object. Such a value must not refer to
its owner, because the owner would then never be released. See docs/decisions/010.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable
from threading import Lock
from typing import Any, Generic, TypeVar, cast
from weakref import WeakKeyDictionary

from engine.derived import PENDING, Pending

MOST = 512  # values in the cache of one owner
MISSING = object()
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(OrderedDict[K, V]):
    """A mapping that holds the `most` entries that were set or remembered last, and evicts the others."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self._turn = Lock()  # scenes and answers are computed in two threads

    def __setitem__(self, key: K, value: V) -> None:
        with self._turn:
            super().__setitem__(key, value)
            self.move_to_end(key)
            while len(self) > self.most:
                self.popitem(last=False)

    def remember(self, key: K, make: Callable[[], V]) -> V:
        """Return the value of `key`; compute it with `make` if the mapping does not hold it.

        A computation that has failed, or an object that `has_failed` because one of its computations has, is made
        again: the memory may have been full for a moment.
        """
        known = self.get(key, MISSING)
        is_lost = known is MISSING or getattr(known, "has_failed", False)
        self[key] = value = make() if is_lost else cast("V", known)
        return value


_of_owners: WeakKeyDictionary[Any, Recent[Hashable, Any]] = WeakKeyDictionary()


def remember(owner: Any, key: Hashable, make: Callable[[], V]) -> V:
    """Return the cached result of `make`; the least recently used values of an owner are evicted.

    `owner` is any object that can be weakly referenced. Owners that are equal share their values.
    """
    value: V = _of_owners.setdefault(owner, Recent(MOST)).remember(key, make)
    return value


class Resumable(Generic[V]):
    """A computation of values of increasing accuracy that several consumers share; each consumer may advance it.

    `steps` yields values, and PENDING at each point where a job may be cancelled. A value that it returns is the last
    one. No value is None. A consumer that stops leaves the computation where it is, and the next consumer continues
    there. If a step fails, its exception is raised for this consumer and for each later one; `Recent` does not keep it.
    """

    def __init__(self, steps: Generator[V | Pending, None, V | None]) -> None:
        self._steps, self._turn = steps, Lock()
        self._values = 0
        self._failure: Exception | None = None
        self.best: V | None = None
        self.done = False

    @property
    def has_failed(self) -> bool:
        """Whether a step has failed."""
        return self._failure is not None

    def go(self) -> Generator[V | Pending, None, None]:
        """Yield the best value so far, then each better value; yield PENDING between them."""
        seen = 0
        while True:
            advanced = seen == self._values and self._advance()
            if seen < self._values:
                seen = self._values
                assert self.best is not None
                yield self.best
            elif advanced:
                yield PENDING
            else:
                return

    def result(self) -> Generator[Pending, None, V]:
        """Return the last value; yield PENDING until it is computed."""
        while self._advance():
            yield PENDING
        assert self.best is not None
        return self.best

    def _advance(self) -> bool:
        """Compute one step; return False if the computation is complete. Only one thread computes at a time."""
        with self._turn:
            if self._failure is not None:
                raise self._failure
            try:
                value = next(self._steps)
            except StopIteration as end:
                self.done, value = True, end.value
            except Exception as failure:
                self._failure = failure
                raise
            if value is not None and not isinstance(value, Pending):
                self.best = value
                self._values += 1
            return value is not None
