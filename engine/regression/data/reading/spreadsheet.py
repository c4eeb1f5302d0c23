"""Spreadsheets (xlsx, xls, ods): a sheet as the text of a table, read in a child process.

A spreadsheet of a few kilobytes can declare a sheet of 17 thousand million cells. The library then allocates so much
memory that the system ends the process. So it runs in a child process with limits on memory and time.
"""

from __future__ import annotations

import json
import subprocess
from functools import lru_cache
from pathlib import Path

import msgspec

from engine.child import SPREADSHEET, child_command

LARGEST = 2**25  # bytes of a spreadsheet
SMALL = 2**21  # bytes; the smaller limits apply to smaller files
LIMITS = {True: (400, 2), False: (2000, 30)}  # megabytes and seconds of processor time
PATIENCE = 5  # the time limit in units of the processor time, for a busy computer
DAMAGED = "It is damaged or not a spreadsheet."
TOO_MUCH = "Reading it takes too much memory or time. Save the sheet as CSV."


class Sheet(msgspec.Struct, frozen=True):
    """One sheet as text, with tabs between its cells, and the names of all sheets."""

    name: str
    names: tuple[str, ...]
    text: str


def read_sheet(path: Path, name: str = "") -> Sheet:
    """Return the sheet of this name, or the first sheet with two numbers in a row.

    Raises ValueError, in one sentence.
    """
    status = path.stat()
    if status.st_size > LARGEST:
        raise ValueError(f"It is a spreadsheet of more than {LARGEST >> 20} MB. Save the sheet as CSV.")
    return _read(path, name, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=2)
def _read(path: Path, name: str, changed: int, size: int) -> Sheet:  # noqa: ARG001
    """Return the sheet of a file with this size and time of change, which are part of the key of the cache."""
    megabytes, seconds = LIMITS[size <= SMALL]
    command = child_command(SPREADSHEET, str(path), name, str(megabytes), str(seconds), alone=True)
    hidden = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # so that no console opens on Windows
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE * seconds, creationflags=hidden
        )
    except subprocess.TimeoutExpired:
        raise ValueError(TOO_MUCH) from None
    except OSError:
        raise ValueError("It cannot be read.") from None
    if done.returncode in (1, 2):
        raise ValueError(DAMAGED)
    if done.returncode:
        raise ValueError(TOO_MUCH)
    first, _, text = done.stdout.decode("utf-8", "replace").partition("\n")
    header = json.loads(first)
    return Sheet(header["name"], tuple(header["names"]), text)
