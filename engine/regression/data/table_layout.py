"""Layouts: how a table of text is written, which its beginning tells: separator, decimal mark, names of columns."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import Protocol, TextIO

import msgspec
import numpy as np

LARGEST = 2**30  # bytes of a file
SAMPLE = 2**15  # characters from which the layout is told
SHOWN = 8  # rows of the preview
SEPARATORS = {"\t": "tabs", ";": "semicolons", ",": "commas", "": "spaces"}  # in this order if several would do
NO_TABLE = "There are no two columns of numbers in it."
NO_TEXT = "It is no text in UTF-8. Save the table as CSV in UTF-8 first."


class Text(Protocol):
    """Where the text of a table comes from."""

    @property
    def name(self) -> str:
        """For people."""

    def characters(self) -> int:
        """About how many there are. Raises ValueError or OSError."""

    def open(self) -> TextIO:
        """The text, with every kind of line end read as a newline."""


class TextFile(msgspec.Struct, frozen=True):
    """A file, in UTF-8, or in UTF-16 if it says so."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    def characters(self) -> int:
        if not self.path.exists():
            raise ValueError("There is no such file.")
        if not self.path.is_file():
            raise ValueError("It is no file.")
        if (size := self.path.stat().st_size) > LARGEST:
            raise ValueError(f"It is larger than {LARGEST >> 30} GB.")
        return size

    def open(self) -> TextIO:
        with self.path.open("rb") as file:
            wide = file.read(2) in (b"\xff\xfe", b"\xfe\xff")
        return self.path.open(encoding="utf-16" if wide else "utf-8-sig")


class Pasted(msgspec.Struct, frozen=True):
    """Text from the clipboard."""

    text: str
    name: str = "The clipboard"

    def characters(self) -> int:
        return len(self.text)

    def open(self) -> TextIO:
        return io.StringIO(self.text.removeprefix("\ufeff"), newline=None)


class Layout(msgspec.Struct, frozen=True):
    """How a table is written: what is between its columns, its decimal mark, and what the columns are called.

    `header` is the number of the line with the names, 0 if there is none; `numeric` are the columns of numbers, two at
    least; `rows` the cells of the first rows, as they stand there.
    """

    separator: str
    decimal: str
    header: int
    names: tuple[str, ...]
    numeric: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]

    def cells(self, line: str) -> list[str]:
        """The cells of a line."""
        return _cells(line, self.separator)

    def number(self, cell: str) -> float:
        """What a cell says. Raises ValueError if that is no number."""
        return _number(cell, self.decimal)

    def __str__(self) -> str:
        mark = ", decimal comma" if self.decimal == "," else ""
        names = "with names" if self.header else "without names"
        return f"{len(self.names)} columns {names}, separated by {SEPARATORS[self.separator]}{mark}"


def sniffed(source: Text) -> Layout:
    """The layout of a table, told from its beginning. Raises ValueError, in one sentence, if it is none."""
    whole = source.characters()
    try:
        with source.open() as text:
            sample = text.read(SAMPLE)
    except UnicodeError:
        raise ValueError(NO_TEXT) from None
    if "\0" in sample:
        raise ValueError(NO_TEXT)
    lines = plain(sample).split("\n")
    if whole > SAMPLE and len(lines) > 1:
        lines.pop()  # which is cut off
    numbered = [(n, line) for n, line in enumerate(lines, 1) if line.strip()]
    rows = [line for _, line in numbered if not line.startswith("#")]
    if not rows:
        raise ValueError("There is nothing in it.")
    return _layout(numbered, *_best_marks(rows))


def _best_marks(lines: list[str]) -> tuple[str, str]:
    """The separator and the decimal mark with which most cells are numbers."""
    marks = [(separator, decimal) for separator in SEPARATORS for decimal in (".", ",") if separator != decimal]
    scores = [sum(_share(_cells(line, mark[0]), mark[1]) for line in lines) for mark in marks]
    if not max(scores):
        alone = any(_is_number(line, decimal) for line in lines for decimal in (".", ","))
        raise ValueError("There is only one column in it, and observations need two." if alone else NO_TABLE)
    return marks[int(np.argmax(scores))]


def _share(cells: list[str], decimal: str) -> float:
    """How many of the cells are numbers; 0 if that are fewer than two."""
    numbers = sum(_is_number(cell, decimal) for cell in cells)
    return numbers / len(cells) if numbers > 1 else 0.0


def _layout(numbered: list[tuple[int, str]], separator: str, decimal: str) -> Layout:
    table = [(n, _cells(line, separator)) for n, line in numbered if not line.startswith("#")]
    useful = [cells for _, cells in table if _share(cells, decimal)]
    widths = [len(cells) for cells in useful]
    width = max(sorted(set(widths)), key=widths.count)
    above = [(n, _cells(line[1:], separator)) for n, line in numbered if line.startswith("#") and n < table[0][0]]
    first = table[0] if _are_names(table[0][1], decimal) else above[-1] if above else (0, [])
    header, names = first if len(first[1]) == width else (0, [])
    numeric = tuple(i for i in range(width) if 2 * _numbers_in(useful, i, decimal) > len(useful))
    if len(numeric) < 2:
        raise ValueError(NO_TABLE)
    spelled = [name.strip() or f"column {i}" for i, name in enumerate(names, 1)]
    return Layout(
        separator,
        decimal,
        header,
        tuple(spelled or [f"column {i}" for i in range(1, width + 1)]),
        numeric,
        tuple(tuple(cells) for n, cells in table if n != header)[:SHOWN],
    )


def _are_names(cells: list[str], decimal: str) -> bool:
    return any(cell.strip() for cell in cells) and not any(_says(cell, decimal) is not None for cell in cells)


def _numbers_in(rows: list[list[str]], column: int, decimal: str) -> int:
    return sum(column < len(row) and _is_number(row[column], decimal) for row in rows)


def plain(text: str) -> str:
    """With the minus sign and the space that a keyboard has."""
    return text if text.isascii() else text.replace("−", "-").replace("\xa0", " ")


def _cells(line: str, separator: str) -> list[str]:
    if '"' in line:
        return _unquoted(line, separator)
    return line.split(separator) if separator else line.split()


def _unquoted(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator or " ", skipinitialspace=True, strict=True), [])
    except csv.Error:
        return [line]


def _number(cell: str, decimal: str) -> float:
    if "_" in cell or not cell.isascii():  # which Python would read
        raise ValueError(cell)
    if decimal == ",":
        if "." in cell:  # for thousands, perhaps
            raise ValueError(cell)
        cell = cell.replace(",", ".")
    return float(cell)


def _says(cell: str, decimal: str) -> float | None:
    """The number in a cell, finite or not, if there is one."""
    try:
        return _number(cell, decimal)
    except ValueError:
        return None


def _is_number(cell: str, decimal: str) -> bool:
    value = _says(cell, decimal)
    return value is not None and math.isfinite(value)
