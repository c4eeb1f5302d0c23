"""Numbers as text: decimals, significant digits and their limits."""

import pytest

from gui.widgets.numbers import coordinate, nats, shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-9.9741667, "−9.97"),
        (999_999.0, "999999.00"),
        (1_234_567.0, "1.235·10⁶"),
        (-5.6e8, "−5.6·10⁸"),
        (-0.001, "0.00"),
    ],
)
def test_nats_have_two_decimals_below_a_million_and_four_digits_above(value, text):
    assert nats(value) == text


@pytest.mark.parametrize(("value", "text"), [(0.5, "0.500"), (-999.0, "−999.000"), (1_700_000_000.0, "1.7·10⁹")])
def test_coordinates_have_three_decimals_below_a_thousand(value, text):
    assert coordinate(value) == text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(0.03, 2, "0.03"), (0.05, 1, "0.05"), (0.44, 2, "0.4"), (0.0001, 1, "0.0001"), (-0.2134, 4, "−0.213")],
)
def test_a_number_that_is_not_zero_is_never_shown_as_zero(value, digits, text):
    assert shown(value, digits) == text
