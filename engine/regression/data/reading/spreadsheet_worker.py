"""The child process that reads a spreadsheet: `python spreadsheet_worker.py FILE SHEET MEGABYTES SECONDS`.

It writes a line of JSON with the names of the sheets, then one sheet with tabs between its cells. Its exit status is 2
if the file is not a spreadsheet, and another one if reading takes too much memory. It imports nothing of the program,
so that it starts quickly.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

LONGEST = 1000  # characters of a cell
MOST = 2**26  # characters of a sheet
DAMAGED, TOO_MUCH = 2, 3
THREE_DECIMALS = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")
BREAKS = re.compile(r"[\t\r\n\"]+")


def spelled(value: Any) -> str:
    """Return a cell as text. A number with three decimals gets a fourth, so that it is not read as thousands."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        text = str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        return f"{text}0" if THREE_DECIMALS.fullmatch(text) else text
    if hasattr(value, "total_seconds"):
        hours, seconds = divmod(value.total_seconds(), 3600)
        return f"{int(hours):02}:{int(seconds // 60):02}:{seconds % 60:02.0f}"
    return BREAKS.sub(" ", str(value))[:LONGEST]


def has_numbers(rows: Iterable[Sequence[Any]]) -> bool:
    """Return whether some row has two cells that are numbers."""
    return any(sum(isinstance(cell, float) for cell in row) > 1 for row in rows)


def limit(megabytes: int, seconds: int) -> None:
    """Limit the memory and the processor time of this process, if the system can do so."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(path: str, sheet: str, megabytes: str, seconds: str) -> int:
    """Write one sheet of a spreadsheet, and return the exit status of the process."""
    from python_calamine import CalamineError, load_workbook

    limit(int(megabytes), int(seconds))
    try:
        book = load_workbook(path)
        names = book.sheet_names
        for name in [sheet] if sheet in names else [*names, names[0]]:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            if has_numbers(rows):
                break
    except (CalamineError, OSError, IndexError, ValueError):
        return DAMAGED
    except MemoryError:
        return TOO_MUCH
    text = "\n".join("\t".join(map(spelled, row)) for row in rows)
    if len(text) > MOST:
        return TOO_MUCH
    sys.stdout.buffer.write(f"{json.dumps({'name': name, 'names': names})}\n{text}\n".encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5]))
