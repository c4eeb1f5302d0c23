"""Texts about α and β in the notation of Bishop and with the names of scikit-learn."""

import pytest

from gui.regression.notation import words_of, written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("precision α = 2, precision β", "lambda_ = 2, alpha_"),
        ("α → ∞", "lambda_ → ∞"),
        ("the precision of w", "the precision of w"),
    ],
)
def test_a_text_is_written_in_both_notations(text, expected):
    assert written(text, "scikit-learn") == words_of("scikit-learn")(text) == expected
    assert written(text, "Bishop") == words_of("Bishop")(text) == text
