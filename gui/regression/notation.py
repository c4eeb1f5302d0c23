"""Notation: the same text with Bishop's names of the two precisions, or with scikit-learn's."""

from __future__ import annotations

SCIKIT_LEARN = str.maketrans({"α": "lambda_", "β": "alpha_"})  # which are the other way round than one would think


def written(text: str, notation: str) -> str:
    """`text`, which speaks of α and β, in a `Display.notation`."""
    return text.translate(SCIKIT_LEARN) if notation == "scikit-learn" else text
