"""Dialects: the separator between the cells of a line, the quotes, and the lines that are not rows."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import msgspec

from engine.regression.data.reading.dates import is_moment
from engine.regression.data.reading.numbers import MARKS, number_or_none

SEPARATORS = {
    "\t": "tabs",
    ";": "semicolons",
    ",": "commas",
    "|": "vertical bars",
    "": "blanks",
}  # the first of equals is chosen
COMMENTS = ("#", "%", "//", "!")
JOINED = 12  # the most lines that one quoted cell may span
WIDE = 400  # cells of a line that are examined
RULE = re.compile(r"[\s|+:]*[-=_*]{3,}[-=_*\s|+:]*")
WHOLE = re.compile(r'"(?:[^"]|"")*"')
COMMENT_BEHIND = re.compile(r"\s+(?:#|%|!|//).*$")
STRONG = re.compile(r"[;\t|]")  # separators that hardly occur in a table separated by blanks
BLANKS = re.compile(r"[ \t]+")
DECLARED = re.compile(r"""["']?sep=(.)["']?[,;\t| ]*""", re.IGNORECASE | re.DOTALL)


class Dialect(msgspec.Struct, frozen=True):
    """The separator ("" for blanks), the quotes, and whether each whole line is in quotes as well."""

    separator: str
    quote: str = '"'
    wrapped: bool = False

    def cells(self, line: str) -> list[str]:
        """Return the cells of a line."""
        if self.wrapped and WHOLE.fullmatch(stripped := line.strip()):
            line = stripped[1:-1].replace('""', '"')
        if self.quote in line:
            return self._quoted(line)
        if self.separator:
            return line.split(self.separator)
        return line.split() if line.isascii() else BLANKS.split(line.strip(" \t"))

    def _quoted(self, line: str) -> list[str]:
        """Return the cells of a line with quotes; an unclosed quote is an ordinary character."""
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
        """Return whether a quoted cell of this line continues in the next line."""
        if self.quote not in line or self.wrapped:
            return False
        try:
            next(self._reader(line, strict=True), [])
        except csv.Error as error:
            return "end of data" in str(error)
        return False

    def row(self, line: str, width: int) -> list[str]:
        """Return the cells of a line of a table with `width` columns, without trailing empty cells and comments."""
        cells = self.cells(line)
        while len(cells) > width and not cells[-1].strip():
            cells.pop()
        if len(cells) > width and (comment := COMMENT_BEHIND.search(line)):
            shorter = self.cells(line[: comment.start()])
            return shorter if len(shorter) == width else cells
        return cells

    def is_comment(self, line: str, width: int) -> bool:
        """Return whether a line is a comment, or a rule between the parts of a table.

        A line with as many cells as the table has columns is a row, even if it begins with a mark: “#N/A” is a cell.
        """
        text = line.strip()
        if RULE.fullmatch(text):
            return True
        mark = next((mark for mark in COMMENTS if text.startswith(mark)), None)
        if mark is None:
            return False
        return text[len(mark) : len(mark) + 1] in ("", " ", "\t", mark[0]) or len(self.cells(line)) != width

    def open_from(self, lines: Sequence[str]) -> int | None:
        """Return the first line of the row that may continue after these lines; None if no quoted cell is open."""
        for i in range(max(0, len(lines) - JOINED + 1), len(lines)):
            if self.is_open(lines[i]) and self.is_open("\n".join(lines[i:])):
                return i
        return None

    def joined(self, numbered: Iterable[tuple[int, str]], width: int) -> Iterator[tuple[int, str]]:
        """Yield numbered lines; lines that a quoted cell connects become one."""
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
    """Return whether a cell is a number under one of the decimal marks, or a date or time."""
    if not any(map(str.isdigit, cell)):
        return False
    return any(number_or_none(cell, mark) for mark in MARKS) or is_moment(cell)


def share_of_quantities(cells: Sequence[str]) -> float:
    """Return the fraction of filled cells that are numbers, dates or times; 0 if fewer than two are."""
    filled = [cell for cell in cells[:WIDE] if cell.strip()]
    count = sum(map(is_quantity, filled))
    return count / len(filled) if count > 1 else 0.0


def declared_separator(line: str) -> str | None:
    """Return the separator of a line “sep=;”, as Excel reads it; None for any other line."""
    match = DECLARED.fullmatch(line.strip(" \r\n"))
    return match[1] if match else None


def guess_dialect(lines: Sequence[str], separator: str | None = None) -> Dialect | None:
    """Return the dialect under which most of the lines are rows of numbers; None if there is no such dialect.

    A given separator is not guessed.
    """
    separators = SEPARATORS if separator is None else (separator,)
    quotes = '"' if not any(re.search(r"(?:^|[,;\t| ])'", line) for line in lines) else "\"'"
    unwrapped, best = _best([Dialect(sep, quote) for quote in quotes for sep in separators], lines)
    if any(WHOLE.fullmatch(line.strip()) for line in lines):
        wrapped, more = _best([Dialect(sep, wrapped=True) for sep in separators], lines)
        if more > 2 * best:  # otherwise the quotes belong to cells
            return wrapped
    return unwrapped if best > 0 else None


def _best(dialects: Sequence[Dialect], lines: Sequence[str]) -> tuple[Dialect, float]:
    """Return the dialect with the highest score, the first of equal ones, and its score."""
    scores = [score(dialect, lines) for dialect in dialects]
    return dialects[scores.index(max(scores))], max(scores)


def score(dialect: Dialect, lines: Iterable[str]) -> float:
    """Return how well the lines are a table in a dialect: the sum over the rows of the most frequent width.

    A cell that is not a number reduces the score of its row by more than its proportion: “1.250,75;3,5” split at its
    commas has the cell “75;3”. Blanks have half the weight in lines with another separator, because they may be
    thousands separators or precede units.
    """
    shares: dict[int, float] = {}
    for line in lines:
        cells = dialect.cells(line)
        if fraction := share_of_quantities(cells):
            weight = 1.0 if dialect.separator or not STRONG.search(line) else 0.5
            shares[len(cells)] = shares.get(len(cells), 0.0) + weight * fraction**3
    return max(shares.values(), default=0.0)


def usual_width(dialect: Dialect, lines: Iterable[str]) -> int:
    """Return the number of cells that most rows of numbers have."""
    counts = Counter(len(cells) for line in lines if share_of_quantities(cells := dialect.cells(line)))
    return max(sorted(counts), key=lambda width: counts[width], default=0)
