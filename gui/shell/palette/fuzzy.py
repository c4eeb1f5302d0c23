"""Fuzzy search: a score for how well a few letters match the name of a command."""

from __future__ import annotations

import unicodedata
from functools import cache

LETTER, WORD_START, ADJACENT, GAP, LENGTH = 1.0, 2.0, 2.5, 0.1, 0.01
WHOLE_WORD = 1.5  # the score of a word of the context that begins with the typed letters


def score(query: str, text: str, context: str = "") -> float | None:
    """The sum of the scores of the words of `query`; None if one word does not match.

    A word matches if it is a subsequence of `text` or begins a word of `context`. An empty query has the score 0. Upper
    and lower case are the same, and so are x₀ and x0.
    """
    total = 0.0
    for word in plain(query).split():
        value = subsequence(word, plain(text))
        if value is None and any(other.startswith(word) for other in plain(context).split()):
            value = WHOLE_WORD
        if value is None:
            return None
        total += value
    return total


@cache
def plain(text: str) -> str:
    """Return the text in lower case, with plain digits for subscripts and superscripts, and without accents."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def subsequence(word: str, text: str) -> float | None:
    """The best score of `word` as a subsequence of `text`; None if it is not a subsequence.

    Each letter adds to the score. Letters at the start of a word and adjacent letters add more. Gaps and long texts
    reduce the score.
    """
    letters = iter(text)
    if not all(letter in letters for letter in word):
        return None
    starts = [i == 0 or not text[i - 1].isalnum() for i in range(len(text))]
    before: list[float | None] = []  # the best score with the previous letter of `word` at each position of `text`
    for n, letter in enumerate(word):
        now: list[float | None] = []
        reach: float | None = None if n else 0.0  # the best score before this position, reduced by the gap
        for i, other in enumerate(text):
            if n and i:
                reach = _better(reach - GAP if reach is not None else None, before[i - 1])
            best = reach
            if n and i and (last := before[i - 1]) is not None:
                best = _better(best, last + ADJACENT)
            now.append(best + LETTER + WORD_START * starts[i] if letter == other and best is not None else None)
        before = now
    return max(value for value in before if value is not None) - LENGTH * len(text)


def _better(a: float | None, b: float | None) -> float | None:
    return b if a is None else a if b is None else max(a, b)
