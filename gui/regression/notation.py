"""Notation: the same text with Bishop's names of the two precisions, or with scikit-learn's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

SCIKIT_LEARN = str.maketrans({"α": "lambda_", "β": "alpha_"})  # which are the other way round than one would think


def written(text: str, notation: str) -> str:
    """`text`, which speaks of α and β, in a `Display.notation`."""
    return text.translate(SCIKIT_LEARN) if notation == "scikit-learn" else text


def words_of(notation: str) -> Callable[[str], str]:
    """The same as a function of the text alone."""
    return partial(written, notation=notation)
