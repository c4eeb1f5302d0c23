"""Fuzzy search: how well a few letters fit the name of a command."""

from __future__ import annotations

import unicodedata
from functools import cache

LETTER, WORD_START, ADJACENT, GAP, LENGTH = 1.0, 2.0, 2.5, 0.1, 0.01
WHOLE_WORD = 1.5  # a word of the context that begins with what was typed


def score(query: str, text: str, context: str = "") -> float | None:
    """How well every word of `query` fits `text`, or begins a word of `context`; None if one of them does not fit.

    An empty query fits everything, with 0. Upper and lower case are the same, and so are x₀ and x0.
    """
    total = 0.0
    for word in plain(query).split():
        found = subsequence(word, plain(text))
        if found is None and any(other.startswith(word) for other in plain(context).split()):
            found = WHOLE_WORD
        if found is None:
            return None
        total += found
    return total


@cache
def plain(text: str) -> str:
    """The text with lower-case letters and without subscripts, superscripts and accents, for comparing."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def subsequence(word: str, text: str) -> float | None:
    """The best value of `word` as a subsequence of `text`; None if it is none.

    Each letter counts; starts of words and letters side by side count more, gaps and long texts less.
    """
    letters = iter(text)
    if not all(letter in letters for letter in word):
        return None
    starts = [i == 0 or not text[i - 1].isalnum() for i in range(len(text))]
    before: list[float | None] = []  # the best value with the previous letter of `word` at each place of `text`
    for n, letter in enumerate(word):
        now: list[float | None] = []
        reach: float | None = None if n else 0.0  # the best value before this place, less the gap from there
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
