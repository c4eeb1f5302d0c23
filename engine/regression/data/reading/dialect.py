"""Dialects: what is between the cells of a line, which quotes are round them, and which lines are no rows."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import msgspec

from engine.regression.data.reading.dates import moment_or_none
from engine.regression.data.reading.numbers import MARKS, number_or_none

SEPARATORS = {"\t": "tabs", ";": "semicolons", ",": "commas", "|": "vertical bars", "": "blanks"}  # first if equal
COMMENTS = ("#", "%", "//", "!")
JOINED = 12  # lines that one quoted cell may span
WIDE = 400  # cells of a line that are looked at
RULE = re.compile(r"[\s|+:]*[-=_*]{3,}[-=_*\s|+:]*")
WHOLE = re.compile(r'"(?:[^"]|"")*"')
COMMENT_BEHIND = re.compile(r"\s+(?:#|%|!|//).*$")
STRONG = re.compile(r"[;\t|]")  # separators that stand between blanks only by mistake
BLANKS = re.compile(r"[ \t]+")
DECLARED = re.compile(r"""["']?sep=(.)["']?[,;\t| ]*""", re.IGNORECASE | re.DOTALL)


class Dialect(msgspec.Struct, frozen=True):
    """The separator ("" for blanks), the quotes, and whether each whole line is in quotes as well."""

    separator: str
    quote: str = '"'
    wrapped: bool = False

    def cells(self, line: str) -> list[str]:
        """The cells of a line."""
        if self.wrapped and WHOLE.fullmatch(stripped := line.strip()):
            line = stripped[1:-1].replace('""', '"')
        if self.quote in line:
            return self._quoted(line)
        if self.separator:
            return line.split(self.separator)
        return line.split() if line.isascii() else BLANKS.split(line.strip(" \t"))

    def _quoted(self, line: str) -> list[str]:
        """The cells of a line with quotes; a quote that is not closed is a character like others."""
        if not self.separator:
            line = BLANKS.sub(" ", line.strip(" \t"))
        try:
            return next(self._reader(line, quoted=not self.is_open(line)), [])
        except csv.Error:
            return line.split(self.separator or " ")

    def _reader(self, line: str, *, quoted: bool = True, strict: bool = False) -> Iterator[list[str]]:
        separator = self.separator or " "
        return csv.reader(
            [line],
            delimiter=separator,
            quotechar=self.quote,
            quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
            skipinitialspace=separator != "\t",
            strict=strict,
        )

    def is_open(self, line: str) -> bool:
        """Whether a quoted cell of this line goes on in the next one."""
        if self.quote not in line or self.wrapped:
            return False
        try:
            next(self._reader(line, strict=True), [])
        except csv.Error as error:
            return "end of data" in str(error)
        return False

    def row(self, line: str, width: int) -> list[str]:
        """The cells of a line of a table with `width` columns, without empty cells and comments behind them."""
        cells = self.cells(line)
        while len(cells) > width and not cells[-1].strip():
            cells.pop()
        if len(cells) > width and (found := COMMENT_BEHIND.search(line)):
            shorter = self.cells(line[: found.start()])
            return shorter if len(shorter) == width else cells
        return cells

    def is_comment(self, line: str, width: int) -> bool:
        """Whether a line is a comment, or a rule between the parts of a table.

        A line with as many cells as the table has columns is a row, whatever it begins with: “#N/A” is a cell.
        """
        text = line.strip()
        if RULE.fullmatch(text):
            return True
        mark = next((mark for mark in COMMENTS if text.startswith(mark)), None)
        if mark is None:
            return False
        return text[len(mark) : len(mark) + 1] in ("", " ", "\t", mark[0]) or len(self.cells(line)) != width

    def open_from(self, lines: Sequence[str]) -> int | None:
        """Where the row begins whose quoted cell may go on after these lines; None if none does."""
        for i in range(max(0, len(lines) - JOINED + 1), len(lines)):
            if self.is_open(lines[i]) and self.is_open("\n".join(lines[i:])):
                return i
        return None

    def joined(self, numbered: Iterable[tuple[int, str]], width: int) -> Iterator[tuple[int, str]]:
        """Numbered lines, with those joined that one row with line ends in quotes spans."""
        waiting: list[tuple[int, str]] = []
        for n, line in numbered:
            if not waiting and not self.is_open(line):
                yield n, line
                continue
            waiting.append((n, line))
            whole = "\n".join(text for _, text in waiting)
            if len(waiting) > 1 and not self.is_open(whole):
                yield from [(waiting[0][0], whole)] if len(self.cells(whole)) == width else waiting
                waiting = []
            elif len(waiting) == JOINED:
                yield from waiting
                waiting = []
        yield from waiting


@lru_cache(maxsize=2**15)
def is_quantity(cell: str) -> bool:
    """Whether a cell is a number under one decimal mark or the other, or a date or time."""
    if not any(map(str.isdigit, cell)):
        return False
    return any(number_or_none(cell, mark) for mark in MARKS) or moment_or_none(cell, "day first") is not None


def share_of_quantities(cells: Sequence[str]) -> float:
    """The fraction of the filled cells that are numbers, dates or times; 0 if fewer than two are."""
    filled = [cell for cell in cells[:WIDE] if cell.strip()]
    count = sum(map(is_quantity, filled))
    return count / len(filled) if count > 1 else 0.0


def declared_separator(line: str) -> str | None:
    """The separator of the line “sep=;” that Excel reads; None if this line is another one."""
    found = DECLARED.fullmatch(line.strip(" \r\n"))
    return found[1] if found else None


def guess_dialect(lines: Sequence[str], separator: str | None = None) -> Dialect | None:
    """The dialect under which these lines are most of all rows of numbers; None if they are rows under none.

    The separator is not guessed if it is given.
    """
    separators = SEPARATORS if separator is None else (separator,)
    quotes = '"' if not any(re.search(r"(?:^|[,;\t| ])'", line) for line in lines) else "\"'"
    known, best = _best([Dialect(sep, quote) for quote in quotes for sep in separators], lines)
    if any(WHOLE.fullmatch(line.strip()) for line in lines):
        wrapped, more = _best([Dialect(sep, wrapped=True) for sep in separators], lines)
        if more > 2 * best:  # else the quotes are round cells, and only a row with one cell looks like a quoted line
            return wrapped
    return known if best > 0 else None


def _best(dialects: Sequence[Dialect], lines: Sequence[str]) -> tuple[Dialect, float]:
    """The dialect with the highest score, the first of equal ones, and its score."""
    scores = [score(dialect, lines) for dialect in dialects]
    return dialects[scores.index(max(scores))], max(scores)


def score(dialect: Dialect, lines: Iterable[str]) -> float:
    """How much these lines are a table in a dialect: the rows of the commonest width, each by its cells.

    A cell that is no number weighs more than in proportion: “75;3” is one if “1.250,75;3,5” is split at its commas.
    Blanks weigh less in lines with another separator: they may stand between thousands, or before units.
    """
    shares: dict[int, float] = {}
    for line in lines:
        cells = dialect.cells(line)
        if part := share_of_quantities(cells):
            weight = 1.0 if dialect.separator or not STRONG.search(line) else 0.5
            shares[len(cells)] = shares.get(len(cells), 0.0) + weight * part**3
    return max(shares.values(), default=0.0)


def usual_width(dialect: Dialect, lines: Iterable[str]) -> int:
    """The number of cells that most rows of numbers have."""
    counts = Counter(len(cells) for line in lines if share_of_quantities(cells := dialect.cells(line)))
    return max(sorted(counts), key=lambda width: counts[width], default=0)
