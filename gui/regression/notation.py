"""Notation: the same text with Bishop's names of the two precisions, or with scikit-learn's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

SCIKIT_LEARN = str.maketrans({"α": "lambda_", "β": "alpha_"})  # which are the other way round than one would think


def written(text: str, notation: str) -> str:
    """`text` about α and β in the notation of `Display`; names that are words need no "precision" before them."""
    if notation != "scikit-learn":
        return text
    return text.replace("precision α", "α").replace("precision β", "β").translate(SCIKIT_LEARN)


def words_of(notation: str) -> Callable[[str], str]:
    """The same as a function of the text alone."""
    return partial(written, notation=notation)
