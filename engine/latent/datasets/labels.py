"""Labels and class names of images, from numbers, texts or one-hot rows in the user's files."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.files import quoted

CLASSES = 256
LONGEST = 40  # characters of a class name
NUMBERS, TEXTS = "buif", "US"  # kinds of arrays, as NumPy names them


def labelled(name: str, values: NDArray[Any] | None, n: int) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Return labels (n,) and the classes that they index, from the `values` (n,) of n images; one class if None.

    Raises ValueError, in one sentence, for another number of values or for more than CLASSES distinct values. `name`
    is the file in that sentence.
    """
    if values is None:
        return np.zeros(n, np.uint8), ("unlabelled",)
    if len(values) != n:
        raise ValueError(f"{name} contains {len(values):,} labels for {n:,} images. Each image needs one label.")
    distinct, labels = np.unique(values, return_inverse=True)
    if len(distinct) > CLASSES:
        raise ValueError(f"{name} contains {len(distinct):,} different labels. The limit is {CLASSES}.")
    names = [_class(value) for value in distinct.tolist()]
    order = (
        sorted(range(len(names)), key=lambda i: in_order(names[i]))
        if values.dtype.kind in TEXTS
        else [*range(len(names))]
    )
    rank = np.argsort(order).astype(np.uint8)
    return rank[labels.reshape(-1)], tuple(names[i] for i in order)


def in_order(name: str) -> tuple[bool, int, str]:
    """Return the sort key of a class name: 2 comes before 10, and numbers come before words."""
    number = name.isdecimal() and name.isascii() and len(name) < LONGEST
    return not number, int(name) if number else 0, name


def plain_labels(values: NDArray[Any]) -> NDArray[Any] | None:
    """Return labels (n,) as whole numbers or texts, from numbers (n,), texts (n,) or one-hot rows (n, classes).

    Returns None for all other values, such as fractions.
    """
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim == 2:
        return _from_one_hot(values)
    if values.dtype.kind == "f":
        sound = bool((np.isfinite(values) & (values == np.rint(values)) & (np.abs(values) < 2**53)).all())
        return values.astype(np.int64) if sound else None
    if values.dtype.kind == "U" and len(values) and values.view(np.uint32).max() > sys.maxunicode:
        return None
    return values if values.dtype.kind in NUMBERS + TEXTS else None


def _from_one_hot(values: NDArray[Any]) -> NDArray[Any] | None:
    if values.dtype.kind not in NUMBERS or values.shape[1] > CLASSES:
        return None
    one = values == 1
    sound = bool((one.sum(1) == 1).all() and ((values == 0) | one).all())
    return np.argmax(one, axis=1) if sound else None


def _class(value: Any) -> str:
    """Return the name of a class for display."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    text = value.strip() if isinstance(value, str) else str(value).replace("-", "−")
    return quoted(text)[:LONGEST]
