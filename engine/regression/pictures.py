"""What single panels draw beyond the planes and data space: computed only while somebody looks at it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine.plane import Viewport

if TYPE_CHECKING:
    from engine.regression.document import Regression


class Pending:
    """What a picture that takes its time yields wherever it may be abandoned, until it is there."""


PENDING = Pending()
Picture = Callable[["Regression", Viewport], Any]
PICTURES: dict[str, Picture] = {}


def picture(name: str) -> Callable[[Picture], Picture]:
    """Decorator: what the panel whose viewport has that name draws of a document, or None for nothing.

    A generator yields PENDING, or ever better values.
    """

    def register(made: Picture) -> Picture:
        PICTURES[name] = made
        return made

    return register
