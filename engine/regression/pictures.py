"""What single panels draw beyond the planes and data space: computed only while somebody looks at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from engine.plane import Viewport

if TYPE_CHECKING:
    from engine.regression.document import Regression


class Pending:
    """What a picture that takes its time yields wherever it may be abandoned, until it is there."""


PENDING = Pending()
Picture = Callable[["Regression", Viewport], Any]
PICTURES: dict[str, Picture] = {}
LAST: set[str] = set()  # those that take seconds: nothing waits for them
P = TypeVar("P")


def picture(name: str, *, last: bool = False) -> Callable[[Picture], Picture]:
    """Decorator: what the panel whose viewport has that name draws of a document, or None for nothing.

    A generator yields PENDING, or ever better values; one that takes seconds says that it comes `last`.
    """

    def register(made: Picture) -> Picture:
        PICTURES[name] = made
        if last:
            LAST.add(name)
        return made

    return register


def whole(unfolding: Iterator[P | Pending]) -> P:
    """What a generator yields at last."""
    *_, found = unfolding
    assert not isinstance(found, Pending)
    return found
