"""Sources of the text of a table: a file, a sheet of a spreadsheet, or the clipboard."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, TextIO

import msgspec

from engine.regression.data.reading.encoding import ENCODINGS, TAIL, guess_encoding, open_text, plain
from engine.regression.data.reading.file_kinds import LARGEST, check_regular, is_spreadsheet, refuse_other_kinds
from engine.regression.data.reading.spreadsheet import read_sheet

HEAD = 2**17  # characters at the beginning from which the layout is guessed
FEWEST = 8  # lines that are examined even if they are long
MOST = 2**22  # characters that are searched for the first row
LONGEST = 2**20  # characters in a line of a table
TOO_LONG = "It has a line of more than a million characters."


class Text(Protocol):
    """The text of a table.

    A variant is an encoding of a text file, or a sheet of a spreadsheet; the clipboard has one variant, "".
    """

    @property
    def name(self) -> str:
        """The name for display."""

    @property
    def separator(self) -> str | None:
        """The separator; None if it is not known."""

    def characters(self) -> int:
        """Return the approximate number of characters. Raises ValueError."""

    def variant(self) -> str:
        """Return the most likely variant. Raises ValueError."""

    def variants(self) -> dict[str, str]:
        """Return the name for display of each variant."""

    def open(self, variant: str = "") -> TextIO:
        """Open the text, with every kind of line end read as a newline. Raises ValueError."""


class TextFile(msgspec.Struct, frozen=True):
    """A text file or a spreadsheet."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name.encode("utf-8", "replace").decode()

    @property
    def separator(self) -> str | None:
        return "\t" if self._is_spreadsheet() else None

    def characters(self) -> int:
        if (size := check_regular(self.path)) > LARGEST:
            raise ValueError(f"It is larger than {LARGEST >> 30} GB.")
        return len(read_sheet(self.path).text) if self._is_spreadsheet() else size

    def variant(self) -> str:
        self.characters()
        try:
            if self._is_spreadsheet():
                return read_sheet(self.path).name
            refuse_other_kinds(self.path, is_text=True)
            return guess_encoding(self.path)
        except ValueError:
            refuse_other_kinds(self.path, is_text=False)
            raise
        except OSError:
            raise ValueError("It cannot be read.") from None

    def variants(self) -> dict[str, str]:
        return {name: name for name in read_sheet(self.path).names} if self._is_spreadsheet() else dict(ENCODINGS)

    def open(self, variant: str = "") -> TextIO:
        check_regular(self.path)
        if self._is_spreadsheet():
            return io.StringIO(read_sheet(self.path, variant).text)
        try:
            return open_text(self.path, variant or guess_encoding(self.path))
        except OSError:
            raise ValueError("It cannot be read.") from None

    def _is_spreadsheet(self) -> bool:
        check_regular(self.path)
        try:
            with self.path.open("rb") as file:
                return is_spreadsheet(self.path, file.read(2**12))
        except OSError:
            raise ValueError("It cannot be read.") from None


class Pasted(msgspec.Struct, frozen=True):
    """Text from the clipboard."""

    text: str
    name: str = "The clipboard"
    separator: str | None = None

    def characters(self) -> int:
        return len(self.text)

    def variant(self) -> str:
        return ""

    def variants(self) -> dict[str, str]:
        return {}

    def open(self, variant: str = "") -> TextIO:
        return io.StringIO(self.text, newline=None)


def numbered_lines(source: Text, variant: str, most: int = MOST) -> Iterator[tuple[int, str]]:
    """Yield the lines within the first `most` characters, with their numbers. Raises ValueError."""
    with source.open(variant) as text:
        n = taken = 0
        while taken < most or n < FEWEST:
            line = text.readline(LONGEST + 1)
            if len(line) > LONGEST:
                raise ValueError(TOO_LONG)
            if not line:
                return
            n, taken = n + 1, taken + len(line)
            yield n, plain(line.rstrip("\n"))


def sample(source: Text, variant: str) -> list[str]:
    """Return lines from the beginning of a table, and from the end of a long one, where there is no preamble."""
    head = [line for _, line in numbered_lines(source, variant, HEAD)]
    if source.characters() <= HEAD:
        return head
    with source.open(variant) as text:
        if isinstance(text, io.StringIO):
            text.seek(max(0, source.characters() - TAIL))
        elif isinstance(text, io.TextIOWrapper):
            size = text.buffer.seek(0, os.SEEK_END)
            text.buffer.seek(max(0, size - TAIL) // 4 * 4)
        tail = plain(text.read()).split("\n")[1:]
    return head + tail
