"""Notation: texts with Bishop's α and β, or with the names of scikit-learn.

A notation changes words, not the document: it is applied to a text where the text is shown. scikit-learn's lambda_ is
Bishop's α, and its alpha_ is Bishop's β.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

SCIKIT_LEARN = str.maketrans({"α": "lambda_", "β": "alpha_"})


def written(text: str, notation: str) -> str:
    """Return `text` about α and β in a notation of `Display`. Names that are words have no "precision" before them."""
    if notation != "scikit-learn":
        return text
    return text.replace("precision α", "α").replace("precision β", "β").translate(SCIKIT_LEARN)


def words_of(notation: str) -> Callable[[str], str]:
    """Return `written` for one notation, as a function of the text alone."""
    return partial(written, notation=notation)
