# ruff: noqa: E501
"""Tables of other programs: each is read with its values, or a remark states what is ambiguous."""

from pathlib import Path

import pytest

from engine.regression.data.reading.table_layout import ByHand, Pasted, TextFile
from tests.engine.regression.data.table_reading import observed, read

CASES = Path(__file__).parents[3] / "data" / "tables"

# The names of x and t, all observations (or the first ones and None), parts of the remarks, parts of the bad lines.
EXPECTED = {
    "d03_data.dat": ("column 1", "column 2", [(1, 2), (3, 4)], [], []),
    "d04_DATA.CSV": ("x", "y", [(1, 2), (3, 4)], [], []),
    "e01_exact_line.csv": ("x", "t", [(0, 1), (1, 3), (2, 5), (3, 7), (4, 9)], [], []),
    "e02_constant.csv": ("x", "t", [(0, 3), (1, 3), (2, 3), (3, 3), (4, 3)], [], []),
    "e03_two_points_millions.csv": ("x", "t", [(1, 2e6), (2, 3e6)], [], []),
    "e04_same_x.csv": ("x", "t", [(2, 1.0), (2, 1.2), (2, 0.9), (2, 1.1)], [], []),
    "e05_one_row.csv": ("x", "t", [(0.5, 1.0)], [], []),
    "e06_all_zero.csv": ("x", "t", [(0, 0), (1, 0), (2, 0)], [], []),
    "e07_huge_range.csv": ("x", "t", [(-9e8, 1), (1e-6, 2), (9e8, 3)], [], []),
    "e08_two_points.csv": ("x", "t", [(1, 2), (2, 3)], [], []),
    "t01_semicolon_decimal_comma.csv": ("Druck", "Volumen", [(0.5, 1.21), (1, 1.78), None], [], []),
    "t02_three_decimals_comma.csv": ("a", "b", [(0.435, 2.87), (1.286, 4), (0.118, 2.059)], [], []),
    "t03_european_thousands.csv": (
        "Menge", "Preis", [(1250.75, 3.5), (2000.1, 4.25), (980, 5.75), (12345.6, 6.5)], ["“1.250,75” is read as 1250.75"], [],
    ),
    "t03b_european_thousands_all.csv": (
        "Menge", "Preis", [(1250.75, 2003.5), (2000.1, 2004.25), (1980, 2005.75)], ["“1.250,75”", "“2.003,5”"], [],
    ),
    "t04_sep_line.csv": ("zeit", "weg", [(0.5, 1.2), (1, 1.8), (1.5, 2.4)], [], []),
    "t04b_sep_line_three.csv": ("zeit", "weg", [(0.5, 1.2), (1, 1.8), (1.5, 2.4)], [], []),
    "t05_units_row.csv": ("time (s)", "current (mA)", [(0.5, 1.21), (1, 1.78), None], [], []),
    "t05b_two_headers.csv": ("runA E", "runA I", [(0.5, 0.42), (0.6, 0.33), (0.7, 0.29)], [], []),
    "t06_r_write_table.txt": ("x", "y", [(0.5, 1.21), (1, 1.78), None], [], []),
    "t06b_r_write_csv.csv": ("x", "y", [(0.5, 1.21), (1, 1.78), None], [], []),
    "t07_pandas_index.csv": ("x", "y", [(0.5, 1.21), (1, 1.78), None], [], []),
    "t08_fortran_d.txt": ("column 1", "column 2", [(1, -380), (2, -379), None], [], []),
    "t08b_fortran_d_both.txt": ("column 1", "column 2", [(1, 2.5), (2, 3.5), (3, 4.5)], [], []),
    "t09_unix_seconds.csv": ("time", "volt", [(1718000000, 1), (1718000010, 1.1), None], [], []),
    "t09b_unix_millis.csv": ("time", "volt", [(1718000000000, 1), (1718000010000, 1.1), None], [], []),
    "t10_cp1252_degree.csv": ("Zeit (s)", "Temperatur (°C)", [(0.5, 21.5), (1, 21.7), (1.5, 22)], [], []),
    "t11_narrow_nbsp_thousands.csv": ("a", "b", [(1250.5, 2.5), (2000, 3.5), (3100, 4.5)], ["is read as 1250.5"], []),
    "t11b_nbsp_thousands.csv": ("a", "b", [(1250.5, 2.5), (2000, 3.5), (3100, 4.5)], ["is read as 1250.5"], []),
    "t12b_excel_na_first.txt": ("x", "y", [(1, 2), (3, 4), (5, 6)], [], ["Line 3: x is “#N/A”", "Line 5: x is “#DIV/0!”"]),
    "t13_percent.csv": ("dose", "anteil", [(1, 12.5), (2, 17), (3, 26.5), (4, 31)], ["“12,5 %” is read as 12.5"], []),
    "t13b_percent_en.csv": ("dose", "share", [(1, 12.5), (2, 17), (3, 26.5)], ["“12.5%” is read as 12.5"], []),
    "t14_pipe.txt": ("t", "u", [(0.5, 1.2), (1, 1.8), (1.5, 2.4)], [], []),
    "t15_trailing_delimiter.csv": ("t", "u", [(0.5, 1.21), (1, 1.78), None], [], []),
    "t16_duplicate_headers.csv": ("meter", "light", [(1, 10), (2, 12), (3, 15)], [], []),
    "t17_blank_cells.csv": ("column 1", "column 3", [(0, 10), (1, 11), (2, 12), (3, 13), (4, 14)], [], []),
    "t18_nul_inside.csv": ("x", "y", [(1, 2), (3, 4), (7, 8)], [], ["Line 4: x is “5␀”"]),
    "t18b_utf16_no_bom.csv": ("x", "y", [(1, 2), (3, 4)], [], []),
    "t18c_utf16_bom.csv": ("x", "y", [(1.5, 2), (3, 4.5)], [], []),
    "t19b_en_dash_minus.csv": ("x", "y", [(-1.5, 2), (-0.5, 3), (0.5, 4)], [], []),
    "t20_cr_only.csv": ("x", "y", [(1, 2), (3, 4), (5, 6)], [], []),
    "t20b_crcrlf.csv": ("x", "y", [(1, 2), (3, 4), (5, 6)], [], []),
    "t21_whole_line_quoted.csv": ("x", "y", [(1, 2.5), (2, 3.5), (3, 4.5)], ["Each line is in quotes"], []),
    "t22_logger_preamble.csv": ("Time (s)", "Level (m)", [(0.5, 1.21), (1, 1.78), None], [], []),
    "t23_header_with_newline.csv": ("Time (s)", "Level (m)", [(0.5, 1.21), (1, 1.78), None], [], []),
    "t24_footer_totals.csv": ("x", "y", [(0.5, 1.21), (1, 1.78), None], [], ["Line 7: x is “Total”"]),
    "t25_sentinel.csv": ("depth", "temp", [(1, 12.5), (2, 11.9), (3, -9999), None], ["t is −9999 2 times"], []),
    "t26_missing_markers.csv": (
        "x", "y", [(1, 2), (6, 7)], [], ["“NA”", "“?”", "“NaN”", "“-”", "“.”"],
    ),
    "t27_matlab_percent_comments.txt": ("x", "y", [(1, 2), (2, 3.1), (3, 3.9)], [], []),
    "t27b_inline_comment.txt": ("column 1", "column 2", [(1, 2), (2, 3.1), (3, 3.9)], [], []),
    "t29_julian_date.csv": ("JD", "mag", [(2459000.51, 11.21), (2459000.514, 11.209), None], [], []),
    "t30_picoampere.csv": ("U", "I", [(0.1, 1.7e-12), (0.2, 2.4e-12), None], [], []),
    "t32_double_bom.csv": ("x", "y", [(1, 2), (3, 4)], [], []),
    "t32b_zero_width.csv": ("x", "y", [(1, 2), (3, 4), (5, 6)], [], []),
    "t32c_thin_space_padding.csv": ("x", "y", [(1.5, 2), (2.5, 3)], [], []),
    "t33_quoted_us_thousands.csv": (
        "year", "people", [(1901, 12480), (1911, 13020), (1921, 14455)], ["“12,480” is ambiguous"], [],
    ),
    "t34_tab_us_thousands.txt": (
        "year", "people", [(1901, 12480), (1911, 13020), (1921, 14455)], ["“12,480” is ambiguous"], [],
    ),
    "t35_rowwise.txt": ("x", "y", [(0.5, 1.2), (1, 1.8), (1.5, 2.4), (2, 2.7)], ["Each line is one variable"], []),
    "t36_clock_times.csv": ("time", "temp", [(540, 20.1), (550, 20.4), (560, 20.9)], ["x is in minutes since 00:00"], []),
    "t38_id_first.csv": ("x", "y", [(0.5, 1.21), (1, 1.78), None], [], []),
    "t39_ctrl_z.csv": ("x", "y", [(1, 2), (3, 4)], [], []),
    "t40_curly_quotes.csv": ("x", "y", [(1.5, 2.5), (2.5, 3.5)], [], []),
    "t41_single_quotes.csv": ("x", "y", [(1.5, 2.5), (2.5, 3.5)], [], []),
    "t42_plus_minus.csv": ("x", "y", [(1, 2), (2, 3.1), (3, 3.9)], ["“2.0±0.1” is read as 2"], []),
    "t43_units_in_cells.csv": ("x", "y", [(1.5, 2.5), (2.5, 3.5)], ["“1,5 cm” is read as 1.5", "“2,5 s”"], []),
    "t45_own_ledger.csv": ("x", "t", [(0.3, -0.2), (0.7, 0.1), (-0.4, -0.5)], [], []),
    "table_nnbsp.csv": ("x", "t", [(1, 2), (3, 4), (5, 6)], [], []),
    "table_space.csv": ("x", "t", [(1, 2), (3, 4), (5, 6)], [], []),
}  # fmt: skip


def check(source, expected):
    x, t, rows, remarks, bad = expected
    layout, table = read(source)
    assert (layout.names[layout.x], layout.names[layout.t]) == (x, t)
    found = observed(table)
    assert found[: len(rows) - 1] == rows[:-1] if rows[-1] is None else found == rows
    assert [part for part in remarks if not any(part in remark for remark in table.remarks)] == []
    assert len(table.remarks) == len(remarks)
    assert [part for part, line in zip(bad, map(str, table.bad), strict=True) if part not in line] == []


@pytest.mark.parametrize("name", EXPECTED)
def test_a_table_of_another_program_is_read_as_it_is_written(name):
    check(TextFile(CASES / name), EXPECTED[name])


def test_each_case_has_an_expectation():
    assert {path.name for path in CASES.iterdir()} == {*EXPECTED, "README.md", ".gitattributes"}


@pytest.mark.parametrize("length", [600, 40_000])
def test_a_preamble_of_any_length_is_not_part_of_the_table(length):
    above = "".join(f"Channel {n:04} setting: gain auto, filter off, range default\n" for n in range(length))
    rows = [(float(n), 2.0 * n) for n in range(1, 30)]
    text = above + "t\tu\n" + "".join(f"{x}\t{t}\n" for x, t in rows)
    check(Pasted(text), ("t", "u", rows, [], []))


@pytest.mark.slow
def test_a_table_of_thousands_of_columns_is_read():
    names = ",".join(f"g{i}" for i in range(5200))
    text = "\n".join([names, *(",".join(str(i + j) for i in range(5200)) for j in range(3))])
    check(Pasted(text), ("g0", "g1", [(0, 1), (1, 2), (2, 3)], [], []))


KINDS = {
    "1.234;2.345\n3.456;4.567\n": "“1.234” is ambiguous",
    "1,234\t2,345\n3,456\t4,567\n": "“1,234” is ambiguous",
    "x,t\n1,5,2,5\n3,5,4,5\n": "has 2 names, but the rows have 4 cells",
    "date,t\n01/02/2031,1.5\n03/04/2031,2.5\n": "“01/02/2031” is ambiguous",
    "date;t\n1.2.31;1,5\n3.4.31;2,5\n": "“1.2.31” is ambiguous",
    "x;t\n(1,5);2,5\n3,5;4,5\n": "“(1,5)” is read as −1.5",
    "x;t\n1,5-;2,5\n3,5;4,5\n": "“1,5-” is read as −1.5",
    "x;t\n0.1234-100;2.5\n3.5;4.5\n": "because it ends with an exponent",
    "x;t\n1,5;2,5\n2.5;3,5\n3,5;4,5\n": "Both point and comma occur",
    "time;t\n23:50;1,5\n00:10;2,5\n00:30;3,5\n": "the change of day is ignored",
    "x,t\n9007199254740993,1.5\n2,2.5\n": "whole numbers are rounded",
    "a b\n1 250 2\n2 500 3\n3 750 4\n": "Column 1 has no name and is taken for row numbers",
    "day,t\n20310101,1.5\n20310201,2.5\n": "x has values such as 20310101, perhaps dates without separators",
    "1 0.5 1.25\n2 0.75 1.5\n3 1.0 1.75\n": "Column 1 counts the rows",
}


@pytest.mark.parametrize("text", KINDS)
def test_an_ambiguous_table_has_a_remark(text):
    _, table = read(Pasted(text))
    assert any(KINDS[text] in remark for remark in table.remarks), table.remarks


LISTED = {
    "x;t\n1,5 cm;2,5\n2,5 cm;3,5\n3,5 mm;4,5\n": "x is “3,5 mm”, in “mm”; the other cells are in “cm”",
    "x;t\n1,5;2,5\n2,5;3,5\n3.5;4,5\n": "x is “3.5”, which is a number only with a decimal point",
    "x;t\n1,5;2,5\n2,5 %;3,5\n3,5;4,5\n": "x is “2,5 %”, in “%”; the other cells have no unit",
    "x  y  z\n1  2  3\n1.5    3.5\n2  1  0.5\n": "it has 2 columns instead of 3",
    "10 20 30\n1 2\n3 4\n5 6\n": "it has 3 columns instead of 2",
    "day,t\n2031-02-01,1\n2031-02-30,2\n2031-02-03,3\n": "x is “2031-02-30”, which is not a time in this format",
}


@pytest.mark.parametrize("text", LISTED)
def test_a_cell_that_is_unlike_the_others_is_listed(text):
    _, table = read(Pasted(text))
    assert [bad.reason for bad in table.bad] == [LISTED[text]]


def test_the_names_have_no_quotes_and_no_mark_of_a_comment():
    for text in ("'x';'t'\n'1,5';'2'\n'3';'4'\n", "#x;t\n1,5;2\n3;4\n"):
        check(Pasted(text), ("x", "t", [(1.5, 2), (3, 4)], [], []))


def test_a_table_with_both_decimal_marks_in_equal_numbers_is_refused_with_this_reason():
    with pytest.raises(ValueError, match="point and comma occur as decimal marks"):
        read(Pasted("a;b\n1.5;2\n1,5;3\n"))


@pytest.mark.slow
def test_the_decimal_mark_is_decided_by_the_whole_table():
    text = "x;t\n" + "1.234;2.345\n" * 40_000 + "0,5;1,5\n"
    layout, table = read(Pasted(text))
    assert (layout.decimal, observed(table)[0], observed(table)[-1]) == (",", (1234, 2345), (0.5, 1.5))


def test_everything_can_be_set_by_hand(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes("Länge;Höhe\n1.234;2.345\n3.456;4.567\n".encode("mac-roman"))
    layout, table = read(TextFile(path), by_hand=ByHand(variant="mac-roman", decimal=","))
    assert (layout.names, observed(table)[0]) == (("Länge", "Höhe"), (1234, 2345))
    assert "ambiguous" not in " ".join(table.remarks)
    layout, table = read(TextFile(path), by_hand=ByHand(header=2))
    assert (layout.names, observed(table)) == (("1.234", "2.345"), [(3.456, 4.567)])
    layout, table = read(TextFile(path), by_hand=ByHand(header=0))
    assert (layout.header, observed(table)) == (0, [(1.234, 2.345), (3.456, 4.567)])
    text = Pasted("1,5;2,5\n3,5;4,5\n")
    assert observed(read(text, by_hand=ByHand(separator=","))[1]) == [(1, 5), (3, 5)]
    dates = Pasted("date,t\n01/02/2031,1.5\n03/02/2031,2.5\n")
    assert observed(read(dates, by_hand=ByHand(order="day first"))[1]) == [(0, 1.5), (2, 2.5)]
    assert observed(read(dates, by_hand=ByHand(order="month first"))[1]) == [(0, 1.5), (59, 2.5)]
    rows = Pasted("0.5 1.0 1.5\n1.2 1.8 2.4\n")
    assert observed(read(rows, by_hand=ByHand(across=True))[1]) == [(0.5, 1.2), (1.0, 1.8), (1.5, 2.4)]


@pytest.mark.parametrize(
    ("table", "names", "remark"),
    [
        ("index,value\n0,2.5\n1,3.5\n2,4.5\n", ("index", "value"), "“index” numbers the rows. It is x, because"),
        ("value,id\n2.5,7\n3.5,9\n4.5,4\n", ("value", "id"), "“id” numbers the rows. It is t, because"),
        ("index,value,height\n0,2.5,1\n1,3.5,2\n2,4.5,4\n", ("value", "height"), ""),
    ],
)
def test_a_column_of_row_numbers_is_chosen_only_if_nothing_else_is_left_and_not_in_silence(table, names, remark):
    layout, found = read(Pasted(table))
    assert (layout.names[layout.x], layout.names[layout.t]) == names
    assert [part for part in found.remarks if "numbers the rows" in part] == [
        part for part in found.remarks if remark and remark in part
    ]
    assert bool(remark) == any("numbers the rows" in part for part in found.remarks)


@pytest.mark.parametrize(
    "days", [("03/24/2024", "05/16/2024", "07/02/2024"), ("24/03/2024", "16/05/2024", "02/07/2024")]
)
@pytest.mark.parametrize("header", ["day,t\n", ""])
def test_dates_with_either_part_first_are_rows_wherever_the_certain_ones_are(days, header):
    """With the month first, rows before the first day up to 12 were taken for names, and some tables were refused."""
    for order in (days, days[:2], days[::-1]):
        layout, table = read(Pasted(header + "".join(f"{day},{i}.5\n" for i, day in enumerate(order))))
        since = dict(zip(days, (0, 53, 100), strict=True))
        assert observed(table) == [(since[day] - since[order[0]], i + 0.5) for i, day in enumerate(order)]
        assert table.remarks == (
            f"x is in days since {'2024-07-02' if order is not days and len(order) == 3 else '2024-03-24'}.",
        )
        assert layout.names == (("day", "t") if header else ("column 1", "column 2"))
