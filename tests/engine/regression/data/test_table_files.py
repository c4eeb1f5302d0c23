"""Files of all kinds: spreadsheets are read, other files are refused in a sentence, and no file takes long."""

import datetime
import os
import time
import tracemalloc

import pytest

from engine.regression.data.reading import spreadsheet
from engine.regression.data.reading.table import written
from engine.regression.data.reading.table_layout import ByHand, Pasted, TextFile, sniffed
from tests.engine.regression.data.table_reading import observed, read

openpyxl = pytest.importorskip("openpyxl")


@pytest.fixture
def workbook(tmp_path):
    """Write sheets into an xlsx file."""

    def make(sheets):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        path = tmp_path / "table.xlsx"
        book.save(path)
        return path

    return make


@pytest.mark.slow
def test_a_spreadsheet_is_read_from_its_first_sheet_of_numbers(workbook):
    rows = [["Title"], [], ["when", "x", "t"], [datetime.datetime(2031, 2, 1, 8), 1.234, 0.5]]
    rows += [[datetime.datetime(2031, 2, 1, 9), 2.5, 1e-12], [datetime.datetime(2031, 2, 1, 10), "abc", 3]]
    source = TextFile(workbook({"Notes": [["Report of", "Smith"]], "Data": rows, "More": [["x", "t"], [7.5, 8.5]]}))
    layout, table = read(source)
    assert (layout.variant, layout.names) == ("Data", ("when", "x", "t"))
    assert observed(table) == [(1.234, 0.5), (2.5, 1e-12)]
    assert table.remarks == ()
    assert [str(bad) for bad in table.bad] == ["Line 6: x is “abc”, which is not a number."]
    _, table = read(source, x=0, t=2)
    assert observed(table) == [(0, 0.5), (60, 1e-12), (120, 3)]
    assert table.remarks == ("x is in minutes since 2031-02-01 08:00:00.",)
    assert list(source.variants()) == ["Notes", "Data", "More"]
    assert observed(read(source, by_hand=ByHand(variant="More"))[1]) == [(7.5, 8.5)]


@pytest.mark.slow
def test_a_spreadsheet_under_another_ending_is_read_as_one(workbook):
    path = workbook({"A": [["x", "t"], [1.5, 2.5]]})
    assert observed(read(TextFile(path.rename(path.with_suffix(".csv"))))[1]) == [(1.5, 2.5)]


def test_text_under_the_ending_of_a_spreadsheet_is_read_as_text(tmp_path):
    path = tmp_path / "export.xls"
    path.write_text("x\tt\n1,5\t2,5\n")
    assert observed(read(TextFile(path))[1]) == [(1.5, 2.5)]


@pytest.mark.slow
def test_a_sheet_that_claims_all_cells_is_refused_and_ends_nothing(workbook, tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = book.active["XFD1048576"] = 1
    book.save(tmp_path / "bomb.xlsx")
    with pytest.raises(ValueError, match="too much memory or time"):
        sniffed(TextFile(tmp_path / "bomb.xlsx"))


def test_a_large_spreadsheet_is_refused(workbook, monkeypatch):
    monkeypatch.setattr(spreadsheet, "LARGEST", 100)
    with pytest.raises(ValueError, match="Save the sheet as CSV"):
        sniffed(TextFile(workbook({"A": [[1.5, 2.5]]})))


REFUSED = {
    "letter.docx": (b"PK\x03\x04" + bytes(60), "Bayescape does not open .docx files; it opens tables"),
    "paper.pdf": (b"%PDF-1.4\n1 2\n3 4\n", "does not open .pdf files"),
    "image.PNG": (b"\x89PNG\r\n\x1a\n" + bytes(60), "does not open .png files"),
    "array.npy": (b"\x93NUMPY\x01\x00", "does not open .npy files"),
    "model.safetensors": (bytes(200), "does not open .safetensors files"),
    "page.html": (b"<table><tr><td>1</td></tr></table>", "does not open .html files"),
    "lesson.json": (b'{"x": [1, 2]}', "does not open .json files"),
    "thing.weird": (bytes(range(256)), "does not open .weird files"),
    "thing": (bytes(range(256)), "It is not a text file."),
    "table.csv": (bytes(range(256)), "It is not a text file."),
    "table.xlsx": (b"PK\x03\x04" + bytes(60), "It is damaged or not a spreadsheet."),
    "table.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "It is damaged or not a spreadsheet."),
    "table.ods": (b"PK\x03\x04" + bytes(60), "It is damaged or not a spreadsheet."),
    "prose.txt": (b"It was the best of 2 times,\nit was the worst.\n", "It has no two columns of numbers"),
    "percent.csv": (b"a;b\n1 parrot;2 parrots\n", "“1 parrot” is not a number"),
    "empty.csv": (b"", "It is empty."),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", REFUSED)
def test_a_file_of_another_kind_is_refused_in_a_sentence_about_it(tmp_path, name):
    path, (content, words) = tmp_path / name, REFUSED[name]
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r".") as refusal:
        read(TextFile(path))
    assert words in str(refusal.value)
    assert not any(word in str(refusal.value) for word in ("Errno", "Error", "codec", "calamine", "zip", "Traceback"))
    assert str(refusal.value).endswith(".")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_only_regular_files_are_opened(tmp_path):
    os.mkfifo(tmp_path / "fifo.csv")
    for path in (tmp_path / "fifo.csv", "/dev/zero", "/dev/ptmx"):
        with pytest.raises(ValueError, match="not a regular file"):
            sniffed(TextFile(type(tmp_path)(path)))
    for path, words in (
        (tmp_path, "folder"),
        (tmp_path / "no.csv", "does not exist"),
        (tmp_path / ("a" * 300), "read"),
    ):
        with pytest.raises(ValueError, match=words):
            sniffed(TextFile(path))


SIZE = 2**21 - 2**10
HEAVY = {
    "short rows": "1,2\n",
    "good and bad": "1,2\nno,no\n",
    "ambiguous": "1,234\t2,345\n",
    "thousands": "1.234,5;2.345,5\n",
    "units": "1,5 cm;2,5 s\n",
    "open quotes": '1,"2\n',
    "quoted lines": '"1,2"\n',
    "dates": "2031-02-01 08:00:00,1.5\n",
    "one line": "1,2,",
    "prose": "Lorem ipsum 3 dolor, sit 4 amet; consectetur | 5.\n",
    "comments behind": "1 2 # a\n",
    "groups": "1,234" * 60 + ";2\n",
    "brackets": "((((((((1,2\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HEAVY)
def test_no_file_below_2_mb_takes_long(tmp_path, name):
    path, line = tmp_path / "table.csv", HEAVY[name]
    path.write_text(line * (SIZE // len(line)))
    start = time.process_time()
    try:
        read(TextFile(path))
    except ValueError as refusal:
        assert str(refusal).endswith(".")
    assert time.process_time() - start < 2 * 2  # seconds; twice the limit, for slow computers


@pytest.mark.slow
def test_no_file_below_2_mb_takes_much_memory(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(HEAVY["short rows"] * (SIZE // 4))
    tracemalloc.start()
    read(TextFile(path))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100 * 2**20


EXPORTS = {
    "observations": ("x", "t"),
    "ledger": ("n", "x", "t", "surprise_nats", "gained_nats", "log_evidence_nats"),
    "predictive curve": ("x", "mean", "epistemic_sd", "noise_sd", "total_sd"),
    "samples": ("x", "sample_1", "sample_2", "sample_3"),
}


@pytest.mark.parametrize("name", EXPORTS)
def test_an_exported_table_is_imported_unchanged(name):
    names = EXPORTS[name]
    columns = {column: [1 / (3 * i + j + 7) for i in range(20)] for j, column in enumerate(names)}
    if "n" in columns:
        columns["n"] = list(range(1, 21))
    layout, table = read(Pasted(written(columns)))
    t = "t" if "t" in names else names[1]
    assert (layout.names, layout.names[layout.x], layout.names[layout.t]) == (names, "x", t)
    assert observed(table) == list(zip(columns["x"], columns[t], strict=True))
    assert table.remarks == ()


def test_large_offsets_and_tiny_values_keep_every_bit():
    rows = [(1.718e18, 1e-300), (2459000.51, -1.7e-12), (-1e20, 1e20), (5e-324, 1718000000.123456)]
    _, table = read(Pasted("x,t\n" + "".join(f"{x!r},{t!r}\n" for x, t in rows)))
    assert observed(table) == rows
