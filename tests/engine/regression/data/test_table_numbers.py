"""Numbers, dates and encodings: the value of a cell, and whether it is ambiguous."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.regression.data.reading.dates import calendar_of
from engine.regression.data.reading.encoding import guess_encoding, open_text, plain
from engine.regression.data.reading.numbers import Number, decimal_evidence, number_or_none, parse

NUMBERS = {
    "1,234.5": ".", "1.234,5": ",", "1 234,5": ",", "1\u202f234,5": ",", "1\u00a0234.5": ".", "1’234.5": ".",
    "1'234.5": ".", "1\u2009234.5": ".", "1234,5": ",", "+1234.5": ".", "１２３４．５": ".", "1,234.5 m/s²": ".",
    "$1,234.5": ".", "€ 1.234,5": ",", "1.2345e3": ".", "1,2345E+03": ",", "0.12345D+04": ".", "1.2345×10³": ".",
    "1.2345d3": ".",
    "1,2345·10^3": ",", "1.2345x10**3": ".", "„1.234,5“": ",", "'1234.5": ".", "“1,234.5”": ".", "1234.5±0.2": ".",
    "1234.5(2)": ".", "1234.5 +/- 0.2": ".", "\u200b1234.5": ".",
}  # fmt: skip


@pytest.mark.parametrize("cell", NUMBERS)
def test_a_number_shows_its_decimal_mark(cell):
    assert decimal_evidence(cell) == NUMBERS[cell]
    assert parse(cell, NUMBERS[cell]).value == 1234.5
    assert number_or_none(cell, "," if NUMBERS[cell] == "." else ".") is None


SAME = {
    "1 234 567": 1234567, "12,34,56,789": 123456789, "1,2345,6789": 123456789, "−12": -12, "–12": -12,
    "- 12": -12, "(12)": -12,
    "12-": -12, "12 %": 12, "12 °C": 12, "٣٤": 34, "१२": 12, "٣٫٥": 3.5, "1'000": 1000, "٣٬٠٠٠٫٥": 3000.5,
}  # fmt: skip


@pytest.mark.parametrize("cell", SAME)
def test_a_number_that_shows_no_decimal_mark(cell):
    values = {number.value for mark in ".," if (number := number_or_none(cell, mark)) is not None}
    assert values == {SAME[cell]}


@pytest.mark.parametrize("cell", ["1.234", "1,234", "-12,345", "999.999 %", "−1.000"])
def test_three_digits_behind_one_mark_are_ambiguous(cell):
    assert decimal_evidence(cell) == "?"


@pytest.mark.parametrize(
    "cell",
    ["", "abc", "1_0", "0x10", "1.2.3", "1,2,3", "12:30", "#7", "1/2", "5'", '5"', "1e", "1e-999", "1,23.4",
     "1.5 parrots", "--1", "+-1", "1 2", "1,", "1234 567,8 9", "NA", "9" * 401],
)  # fmt: skip
def test_what_is_no_number(cell):
    assert number_or_none(cell, ".") is None
    assert number_or_none(cell, ",") is None


@pytest.mark.parametrize("cell", ["nan", "inf", "-inf", "1e999", "∞", "-Infinity"])
def test_what_is_not_finite_is_a_number_that_is_not_imported(cell):
    assert not math.isfinite(parse(cell, ".").value)
    assert number_or_none(cell, ".") is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_double_is_read_to_the_last_bit(value):
    for mark in ".,":
        found = parse(repr(value).replace(".", mark), mark)
        ambiguous = decimal_evidence(repr(value).replace(".", mark)) == "?"
        assert found == Number(value) or (value == 0 and found.value == 0) or ambiguous


@pytest.mark.slow
@given(st.text(alphabet="0123456789.,-+ eEdD'\u00a0%()±×10³\"", max_size=14))
def test_no_cell_is_read_otherwise_than_a_plain_number_would_be(text):
    """A cell that Python reads as a number has the same value here, or none."""
    found = number_or_none(text, ".")
    try:
        plainly = float(text)
    except ValueError:
        return
    assert found is None or found.value == plainly


DATES = {
    ("2031-02-01", "2031-02-03"): ("days since 2031-02-01", [0, 2]),
    ("2031-02-01 08:00:00", "2031-02-01 09:30:00"): ("minutes since 2031-02-01 08:00:00", [0, 90]),
    ("2031-02-01T08:00:00Z", "2031-02-01T10:00:00+01:00", "2031-02-01T10:00:00Z"): (
        "minutes since 2031-02-01 08:00:00 UTC", [0, 60, 120],
    ),
    ("01.02.2031", "28.02.2031"): ("days since 2031-02-01", [0, 27]),
    ("02/13/2031", "02/01/2031"): ("days since 2031-02-13", [0, -12]),
    ("13/02/2031", "01/02/2031"): ("days since 2031-02-13", [0, -12]),
    ("1 Feb 2031", "3 March 2031"): ("days since 2031-02-01", [0, 30]),
    ("Feb 1, 2031", "Feb 2, 2031"): ("days since 2031-02-01", [0, 1]),
    ("1er février 2031", "2 mars 2031", "3 août 2031"): ("days since 2031-02-01", [0, 29, 183]),
    ("1. März 2031", "1. Juni 2031", "1. Juli 2031"): ("days since 2031-03-01", [0, 92, 122]),
    ("1 de enero de 2031", "2 de abril de 2031"): ("days since 2031-01-01", [0, 91]),
    ("1st Jan 2031", "2nd Feb 2031", "Mar 3rd, 2031"): ("days since 2031-01-01", [0, 32, 61]),
    ("Jan 2031", "Feb 2031"): ("days since 2031-01-01", [0, 31]),
    ("2031-01", "2031-03"): ("days since 2031-01-01", [0, 59]),
    ("2031年2月1日", "2031年2月2日"): ("days since 2031-02-01", [0, 1]),
    ("9:05 AM", "1:05 PM", "12:05 AM"): ("hours since 00:00", [9 + 5 / 60, 13 + 5 / 60, 5 / 60]),
    ("00:00:01.5", "00:00:02.75"): ("seconds since 00:00", [1.5, 2.75]),
    ("27:30:00", "30:00:00"): ("minutes since 00:00", [1650, 1800]),
}  # fmt: skip


@pytest.mark.parametrize("cells", DATES)
def test_dates_and_times_are_numbers_with_a_unit_and_an_origin(cells):
    calendar = calendar_of(cells, None, "day first")
    words, numbers = DATES[cells]
    assert (str(calendar), [calendar.number(cell) for cell in cells]) == (words, pytest.approx(numbers))


@pytest.mark.parametrize(
    "cell",
    [
        "2031-02-30",
        "2031-13-01",
        "25:61",
        "13:00 PM",
        "abc",
        "1.5",
        "2031-02-01 25:00",
        "1 foo 2031",
        "foo 2031",
        "2031-13",
    ],
)
def test_what_is_no_date(cell):
    assert calendar_of([cell], None, "day first") is None


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"x,t\n1,2\n", "utf-8"),
        (b"\xef\xbb\xbfx,t\n", "utf-8"),
        ("größe".encode(), "utf-8"),
        ("größe".encode("cp1252"), "cp1252"),
        ("größe, länge".encode() + b"\xff", "utf-8"),
        ("größe,t\n1,2\n".encode("utf-16"), "utf-16-le"),
        ("größe,t\n1,2\n".encode("utf-16-le"), "utf-16-le"),
        ("größe,t\n1,2\n".encode("utf-16-be"), "utf-16-be"),
        ("температура,t\n1,2\n3,4\n".encode("utf-16-be"), "utf-16-be"),
        ("x,t\n1,2\n".encode("utf-32"), "utf-32-le"),
        (b"x" * 2**16 + "ä".encode("cp1252") + b"x" * 10, "cp1252"),
        (b"x" * (2**16 - 1) + "ä".encode() + b"x" * 10, "utf-8"),
    ],
)
def test_the_encoding_is_told_from_the_bytes(tmp_path, content, encoding):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    assert guess_encoding(path) == encoding
    with open_text(path, encoding) as text:
        assert not re.search("[\ufeff\x1a]", plain(text.read()))
