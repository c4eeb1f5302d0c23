"""What a reader of files is, for the proof that reads damaged files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple


class Reader(NamedTuple):
    """A reader: sound files as bytes, the name of the file that is read, the reading, the check, and its share."""

    seeds: Callable[[Path], list[bytes]]
    name: str
    read: Callable[[Path], Any]
    check: Callable[[Any], None]
    share: int  # of the mutants, in proportion to the shares of the other readers
    sealed: bool = False
    same: Callable[[Any, Any], bool] = lambda one, other: one == other
