"""What single panels draw beyond what the whole page shares: computed only while somebody looks at it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from itertools import count
from typing import Any, TypeVar

from msgspec.structs import replace

from engine.document import Viewports


class Pending:
    """What a picture that takes its time yields wherever it may be abandoned, until it is there."""


PENDING = Pending()
Picture = Callable[..., Any]  # of a document and a Viewport
P = TypeVar("P")


class Pictures:
    """The pictures of one page, by name. Its scenes have a field `pictures` for what comes of them."""

    def __init__(self) -> None:
        self.made: dict[str, Picture] = {}
        self.last: set[str] = set()  # those that take seconds: nothing waits for them
        self._turns = count()
        self._begun: dict[str, int] = {}  # the turn in which each was begun most lately

    def picture(self, name: str, *, first: bool = False, last: bool = False) -> Callable[[Picture], Picture]:
        """Decorator: what the panel whose viewport has that name draws of a document, or None for nothing.

        A generator yields PENDING, or ever better values; one that takes seconds says that it comes `last`. What is
        under the hand comes `first`.
        """

        def register(made: Picture) -> Picture:
            self.made = {name: made, **self.made} if first else {**self.made, name: made}
            if last:
                self.last.add(name)
            return made

        return register

    def wanted(self, viewports: Viewports) -> list[str]:
        """Those that somebody looks at."""
        return [name for name in self.made if name in viewports]

    def unfold(self, scene: P, viewports: Viewports) -> Generator[P, None, P]:
        """Ever fuller scenes. What was not come to when a hand moved on comes first then, so that none is starved.

        All pictures come to their first value before any goes on to its better ones, which come by turns; the endless
        ones come last.
        """
        yield scene
        turn = next(self._turns)
        order = sorted(self.wanted(viewports), key=lambda name: self._begun.get(name, -1))
        quick, slow = ([name for name in order if (name in self.last) is last] for last in (False, True))
        for names in (quick, slow):
            begun = {}
            for name in names:
                self._begun[name] = turn
                made = self.made[name](scene.document, viewports[name])  # type: ignore[attr-defined]
                begun[name] = steps = made if isinstance(made, Generator) else iter((made,))
                for value in steps:
                    scene = _with(scene, name, value)
                    yield scene
                    if value is not PENDING:
                        break
            while begun:
                for name, steps in tuple(begun.items()):
                    for value in steps:
                        scene = _with(scene, name, value)
                        yield scene
                        break
                    else:
                        del begun[name]
        return scene


def _with(scene: P, name: str, value: Any) -> P:
    """The scene with a picture, unless it is pending."""
    if value is PENDING:
        return scene
    return replace(scene, pictures={**scene.pictures, name: value})  # type: ignore[attr-defined, type-var]


def whole(unfolding: Iterator[P | Pending]) -> P:
    """What a generator yields at last."""
    *_, found = unfolding
    assert not isinstance(found, Pending)
    return found
