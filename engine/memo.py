"""What was computed of a manifold, piece by piece, and is kept for as long as the manifold is."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from engine.latent.model import Manifold

MOST = 512  # pieces of one manifold
T = TypeVar("T")
_kept: WeakKeyDictionary[Manifold, OrderedDict[Hashable, Any]] = WeakKeyDictionary()


def once(manifold: Manifold, key: Hashable, make: Callable[[], T]) -> T:
    """What `make` returns, made only if the piece of that name is not there; those that were asked for last stay."""
    pieces = _kept.setdefault(manifold, OrderedDict())
    if key not in pieces:
        pieces[key] = make()
    pieces.move_to_end(key)
    if len(pieces) > MOST:
        pieces.popitem(last=False)
    found: T = pieces[key]
    return found
