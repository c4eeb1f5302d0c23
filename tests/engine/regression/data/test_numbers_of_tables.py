"""Numbers of the reading of tables against counts by hand and by fractions."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.regression.data.reading.columns import Column, choose_columns
from engine.regression.data.reading.dialect import JOINED, Dialect, share_of_quantities, usual_width
from engine.regression.data.reading.file_kinds import check_regular
from engine.regression.data.reading.sources import Pasted, TextFile

FEW = settings(max_examples=20)
NUMBER, INDEX = Column("a", "number"), Column("n", "number", is_index=True)
TEXT, TIME, SPARSE = Column("s", "text"), Column("time", "time"), Column("gaps", "number", is_sparse=True)


def named(name):
    return Column(name, "number")


@pytest.mark.parametrize(
    ("columns", "is_named", "right"),
    [
        ([NUMBER, NUMBER], True, (0, 1)),
        ([TEXT, NUMBER, TEXT, NUMBER], True, (1, 3)),
        ([named("t"), named("b"), named("x")], True, (2, 0)),
        ([named("y"), named("b"), named("X (m)")], True, (2, 0)),
        ([named("t"), named("b")], True, (0, 1)),  # a first column t is a time
        ([INDEX, NUMBER, NUMBER], True, (1, 2)),
        ([INDEX, SPARSE, NUMBER], True, (1, 2)),  # a counter is chosen after a column with gaps
        ([INDEX, SPARSE, NUMBER], False, (0, 2)),  # unless its name does not say that it counts
        ([TIME, NUMBER, SPARSE], True, (0, 1)),
        ([SPARSE, TIME, NUMBER], True, (1, 2)),
    ],
)
def test_the_columns_that_are_x_and_t(columns, is_named, right):
    assert choose_columns(columns, named=is_named) == right


def test_one_column_of_numbers_is_refused():
    with pytest.raises(ValueError, match="no two columns of numbers"):
        choose_columns([TEXT, NUMBER], named=True)


COMMA = Dialect(",")


def test_the_row_that_may_continue_begins_at_the_open_quote():
    assert COMMA.open_from(["1,2", '3,"a']) == 1
    assert COMMA.open_from(["1,2", '3,"a', "b"]) == 1
    assert COMMA.open_from(["1,2", '3,"a', 'b"']) is None
    assert COMMA.open_from(["1,2", "3,4"]) is None
    assert COMMA.open_from(['0,"a', *["b"] * (JOINED - 2)]) == 0
    assert COMMA.open_from(['0,"a', *["b"] * (JOINED - 1)]) is None  # a row has at most JOINED lines


def test_lines_that_a_quoted_cell_connects_are_one_row_with_the_number_of_the_first():
    lines = [(1, "1,2"), (4, '3,"a'), (5, 'b"'), (6, "5,6")]
    assert list(COMMA.joined(lines, 2)) == [(1, "1,2"), (4, '3,"a\nb"'), (6, "5,6")]
    assert list(COMMA.joined(lines, 3)) == lines  # the row would not have three cells
    never = [(n, '1,"a' if n == 1 else "b") for n in range(1, JOINED + 3)]
    assert list(COMMA.joined(never, 2)) == never
    assert list(COMMA.joined([(1, '1,"a')], 2)) == [(1, '1,"a')]


@FEW
@given(st.lists(st.sampled_from(["1", "−2,5", "3.75", "2021-03-04", "word", "", " "]), max_size=9))
def test_the_share_of_numbers_and_dates_among_the_filled_cells(cells):
    filled = [cell for cell in cells if cell.strip()]
    count = sum(cell != "word" for cell in filled)
    assert share_of_quantities(cells) == (float(Fraction(count, len(filled))) if count > 1 else 0)


def test_the_usual_width_is_that_of_most_rows_of_numbers():
    rows = ["1,2,3", "4,5,6", "7,8", "a,b,c,d", "e,f,g,h", "i,j,k,l"]
    assert usual_width(COMMA, rows) == 3
    assert usual_width(COMMA, ["1,2", "1,2,3"]) == 2  # of equal counts the smallest
    assert usual_width(COMMA, ["a,b"]) == 0


@pytest.mark.parametrize(("text", "ending"), list(product(["", "x,t\n1,2\n", "µ;t\n1;2\n"], [".csv", ".txt"])))
def test_the_size_of_a_file_and_of_the_clipboard(tmp_path, text, ending):
    path = tmp_path / f"table{ending}"
    path.write_text(text, encoding="utf-8")
    assert check_regular(path) == TextFile(path).characters() == len(text.encode())
    assert Pasted(text).characters() == len(text)


def test_only_a_regular_file_has_a_size(tmp_path):
    for path, reason in ((tmp_path, "a folder"), (tmp_path / "no", "does not exist")):
        with pytest.raises(ValueError, match=reason):
            check_regular(path)
