"""Tables: written numbers are read to the last bit, and every line that is left out is listed with a reason."""

import codecs
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.regression.data.observations import LIMIT
from engine.regression.data.reading import sources
from engine.regression.data.reading import table as tables
from engine.regression.data.reading.sources import HEAD, LONGEST
from engine.regression.data.reading.table import LISTED, reading, written
from engine.regression.data.reading.table_layout import Pasted, TextFile, sniffed

measured = st.floats(-LIMIT, LIMIT)
pairs = st.lists(st.tuples(measured, measured), min_size=1, max_size=40)


def read(source, x=None, t=None):
    """Return the table in a source, from the columns chosen automatically or from the given ones."""
    layout = sniffed(source)
    columns = (layout.x if x is None else x, layout.t if t is None else t)
    job = reading(source, layout, *columns)
    while True:
        try:
            next(job)
        except StopIteration as end:
            return end.value


def observed(table):
    return list(zip(table.observations.x.tolist(), table.observations.t.tolist(), strict=True))


def same_bits(table, rows):
    expected = np.array(rows, float).reshape(-1, 2)
    found = np.column_stack([table.observations.x, table.observations.t])
    return found.tobytes() == expected.tobytes()


@pytest.mark.slow
@given(pairs)
def test_what_is_written_is_read_to_the_last_bit(rows):
    x, t = zip(*rows, strict=True)
    table = read(Pasted(written({"x": x, "t": t})))
    assert table.bad_count == 0
    assert same_bits(table, rows)


@pytest.mark.slow
@given(
    pairs, st.sampled_from("\t;, "), st.booleans(), st.booleans(), st.booleans(), st.sampled_from(["\n", "\r\n", "\r"])
)
def test_every_way_to_write_a_table_is_read(rows, separator, comma, header, quoted, end):
    if comma and separator == ",":
        separator = ";"
    lines = [["width", "height"]] if header else []
    for row in rows:
        cells = [repr(value).replace(".", ",") if comma else repr(value) for value in row]
        lines.append([f'"{cell}"' for cell in cells] if quoted else cells)
    if comma and not any("," in cell for line in lines for cell in line):
        return  # whole numbers are no evidence for a decimal mark
    text = end.join(separator.join(line) for line in lines)
    layout = sniffed(Pasted(text))
    assert layout.separator == separator.strip(" ")
    assert layout.header == int(header)
    assert layout.names == (("width", "height") if header else ("column 1", "column 2"))
    table = read(Pasted(text))
    assert same_bits(table, rows) or any("is ambiguous" in remark for remark in table.remarks)


CELLS = st.one_of(
    st.floats(-1e20, 1e20).map(repr),
    st.integers(-9, 9).map(str),
    st.sampled_from(
        ["", " ", "abc", "nan", "inf", "-inf", "1e200", "1_0", "٣", "0x10", "1e", "−2", " 7 ", "1.5.2", "#"]
    ),
)
RAGGED = st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=30)


def plain_number(cell):
    """Return the value of a cell of digits, one point, an exponent and a sign; None for any other cell."""
    cell = cell.strip().replace("−", "-")
    if set(cell) - set("0123456789+-.eE٣"):
        return None
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if abs(value) <= LIMIT else None


@pytest.mark.slow
@given(RAGGED, st.integers(2, 9))
def test_each_line_is_an_observation_or_listed_with_its_number(rows, chunk):
    """Any cells, and any division of the text into chunks, are allowed."""
    lines = ["x,t,note", "1.0,2.0,first", *(",".join(row) for row in rows)]
    good, bad = [(1.0, 2.0)], []
    for n, row in enumerate(rows, 3):
        values = [plain_number(cell) for cell in row[:2]]
        if len(row) >= 2 and None not in values and not any(cell.strip() for cell in row[3:]):
            good.append(tuple(values))
        elif any(cell.strip() for cell in row) and not (row[0] == "#" and len(row) != 3):
            bad.append(n)
    known, tables.CHUNK = tables.CHUNK, chunk
    try:
        layout = sniffed(Pasted("\n".join(["x,t,note", "1.0,2.0,first"])))
        job, steps = reading(Pasted("\n".join(lines)), layout, 0, 1), []
        while True:
            try:
                steps.append(next(job))
            except StopIteration as end:
                table = end.value
                break
    finally:
        tables.CHUNK = known
    assert observed(table) == good
    assert [line.line for line in table.bad] == bad
    assert table.bad_count == len(bad)
    shares = [step.share for step in steps]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert (steps[-1].good, steps[-1].bad) == (len(good), len(bad))


REASONS = {
    "1.0": "t is missing",
    ",2.0": "x is missing",
    "abc,2.0": "x is “abc”, which is not a number",
    "1.0,a name that goes on and on": "t is “a name that goes on…”, which is not a number",
    "nan,2.0": "x is “nan”, which is not finite",
    "1.0,-inf": "t is “-inf”, which is not finite",
    "1.0,2e200": "t is 2e200, beyond ±10²⁰",
    "1.0,2e999": "t is “2e999”, which is not finite",
    "1.0,1e-999": "t is “1e-999”, which is too small: the smallest number is about 10⁻³⁰⁸",
    "1.0,2.0,3.0": "it has 3 columns instead of 2",
    "1,5,2,5": "it has 4 columns instead of 2",
}


@pytest.mark.parametrize("line", REASONS)
def test_a_bad_line_says_why(line):
    table = read(Pasted(f"x,t\n0.5,0.5\n{line}\n1.5,1.5\n\n"))
    assert [str(bad) for bad in table.bad] == [f"Line 3: {REASONS[line]}."]
    assert observed(table) == [(0.5, 0.5), (1.5, 1.5)]


def test_thousands_in_a_table_with_decimal_commas_are_read_with_a_remark():
    table = read(Pasted("0,5;1,5\n1.500;2,5\n"))
    assert observed(table) == [(0.5, 1.5), (1500, 2.5)]
    assert table.remarks == ("x: “1.500” is read as 1500, with separators between thousands.",)


def test_bad_lines_are_counted_when_there_are_too_many_to_list():
    table = read(Pasted("x,t\n" + "1,2\nno,no\n" * (LISTED + 50)))
    assert (len(table.bad), table.bad_count, len(table.observations)) == (LISTED, LISTED + 50, LISTED + 50)


def test_any_two_columns_are_read():
    text = "when;site;depth;level\n" + "".join(f"2020-01-{i:02};B_{i};{i},5;{-i}\n" for i in range(1, 30))
    layout = sniffed(Pasted(text))
    assert (layout.decimal, layout.numeric, layout.names[2]) == (",", (0, 2, 3), "depth")
    assert layout.rows[0] == ("2020-01-01", "B_1", "1,5", "-1")
    assert observed(read(Pasted(text)))[:2] == [(1.5, -1.0), (2.5, -2.0)]
    assert observed(read(Pasted(text), x=3, t=2))[:2] == [(-1.0, 1.5), (-2.0, 2.5)]
    assert observed(read(Pasted(text), x=2, t=2))[0] == (1.5, 1.5)


def test_names_in_a_comment_are_names_and_other_comments_are_left_out():
    layout = sniffed(Pasted("# made by hand\n# x t\n1 2\n# a break\n3 4\n"))
    assert layout.names == ("x", "t")
    assert observed(read(Pasted("# made by hand\n# x t\n1 2\n# a break\n3 4\n"))) == [(1, 2), (3, 4)]


def test_a_quoted_cell_may_hold_the_separator():
    table = read(Pasted('name,x,t\n"Doe, J",1,2\n"Roe ""R"", K",3,4\nno " end,5,6\n'))
    assert observed(table) == [(1, 2), (3, 4), (5, 6)]


def test_a_quote_ends_with_its_line():
    table = read(Pasted('1,2\n3,"4\n",5\n6,"7"\n'))
    assert observed(table) == [(1, 2), (6, 7)]
    assert [line.line for line in table.bad] == [2, 3]


@pytest.mark.parametrize(
    "content",
    [
        codecs.BOM_UTF8 + "größe,t\n1,2\n".encode(),
        codecs.BOM_UTF16_LE + "größe,t\n1,2\n".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "größe,t\n1,2\n".encode("utf-16-be"),
        "größe,t\n1,2\n".encode("utf-16-le"),
        "größe,t\n1,2\n".encode("utf-16-be"),
        codecs.BOM_UTF32_LE + "größe,t\n1,2\n".encode("utf-32-le"),
        "größe,t\n1,2\n".encode(),
        "größe,t\n1,2\n".encode("cp1252"),
    ],
)
def test_unicode_says_which_it_is(tmp_path, content):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    assert sniffed(TextFile(path)).names == ("größe", "t")
    assert observed(read(TextFile(path))) == [(1, 2)]


ABSURD = {
    b"": "It is empty",
    b"\n  \n\n": "It is empty",
    b"# only words\n": "no two columns of numbers",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR": "It is not a text file",
    b"1,2\n\0\0,3\n": "It is not a text file",
    b"1\n2\n3\n": "only one column",
    b"x\n1.5\n": "only one column",
    b"a,b\nc,d\n": "no two columns of numbers",
    b"a,1\nb,2\n": "no two columns of numbers",
}


@pytest.mark.parametrize("content", ABSURD)
def test_a_text_that_is_not_a_table_is_refused_in_a_sentence(tmp_path, content):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=ABSURD[content]) as refusal:
        sniffed(TextFile(path))
    assert str(refusal.value).endswith(".")


def test_files_that_are_none_or_too_large(tmp_path):
    with pytest.raises(ValueError, match="does not exist"):
        sniffed(TextFile(tmp_path / "nothing.csv"))
    with pytest.raises(ValueError, match="It is a folder"):
        sniffed(TextFile(tmp_path))
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(10 * 2**30)  # a sparse file, which takes no space on the disk
    with pytest.raises(ValueError, match="larger than 1 GB"):
        sniffed(TextFile(path))


@pytest.mark.slow
def test_a_line_that_is_too_long_is_refused_when_it_is_read(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(b"1,2\n" * HEAD + b"7" * (LONGEST + 2 * tables.CHUNK))
    with pytest.raises(ValueError, match="more than a million characters"):
        read(TextFile(path))


def test_a_line_as_long_as_allowed_is_read_and_one_character_more_is_refused(monkeypatch):
    monkeypatch.setattr(sources, "LONGEST", 8)
    assert [line for _, line in sources.numbered_lines(sources.Pasted("1,2\n3,4,567\n"), "")] == ["1,2", "3,4,567"]
    with pytest.raises(ValueError, match="more than a million characters"):
        list(sources.numbered_lines(sources.Pasted("1,2\n3,4,5678\n"), ""))


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(tables, "MOST", 1000)
    with pytest.raises(ValueError, match="more than 1,000 rows"):
        read(Pasted("1,2\n" * 1001))


@pytest.mark.slow
def test_bytes_that_are_not_utf_8_are_read_as_windows_1252_and_cost_at_most_their_line(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(b"1,2,a\n" * HEAD + b"\xff\xff,1,\n5,6,\xb0C\n" + b"1,2,a\n" * HEAD)
    table = read(TextFile(path))
    assert (len(table.observations), [str(bad) for bad in table.bad]) == (
        2 * HEAD + 1,
        [f"Line {HEAD + 1:,}: x is “ÿÿ”, which is not a number."],
    )


def test_written_numbers_have_a_point_and_every_digit():
    text = written({"x": np.array([0.1, -0.0]), "n": np.array([1, 2]), "s": np.array([1 / 3, 5e-324])})
    assert text == "x,n,s\n0.1,1,0.3333333333333333\n-0.0,2,5e-324\n"
    assert math.copysign(1, read(Pasted("1,1\n-0.0,1\n")).observations.x[1]) == -1
