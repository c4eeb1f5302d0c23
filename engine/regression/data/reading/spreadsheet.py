"""Spreadsheets (xlsx, xls, ods): a sheet as the text of a table, read in a process of its own.

A spreadsheet of a few kilobytes can claim a sheet of 17 thousand million cells; the library then asks for so much
memory that the system ends the process. So it runs in a child process with limits on memory and time.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import msgspec

LARGEST = 2**25  # bytes of a spreadsheet
SMALL = 2**21  # bytes; a smaller file has to be read within the smaller limits
LIMITS = {True: (400, 2), False: (2000, 30)}  # megabytes and seconds of processor time
PATIENCE = 5  # times as long a busy computer may take
WORKER = Path(__file__).with_name("spreadsheet_worker.py")
DAMAGED = "It is damaged, or no spreadsheet."
TOO_MUCH = "Reading it takes more memory or time than Bayescape gives a spreadsheet. Save the sheet as CSV."


class Sheet(msgspec.Struct, frozen=True):
    """One sheet as text, with tabs between its cells, and the names of all sheets."""

    name: str
    names: tuple[str, ...]
    text: str


def read_sheet(path: Path, name: str = "") -> Sheet:
    """The sheet of this name, or the first with two numbers in a row. Raises ValueError, in one sentence."""
    found = path.stat()
    if found.st_size > LARGEST:
        raise ValueError(f"It is a spreadsheet of more than {LARGEST >> 20} MB. Save the sheet as CSV.")
    return _read(path, name, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=2)
def _read(path: Path, name: str, changed: int, size: int) -> Sheet:  # noqa: ARG001
    """The sheet of a file of this size that was changed at this time, which a later call need not read again."""
    megabytes, seconds = LIMITS[size <= SMALL]
    command = [sys.executable, "-P", str(WORKER), str(path), name, str(megabytes), str(seconds)]
    hidden = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # on Windows no console opens
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
    said = json.loads(first)
    return Sheet(said["name"], tuple(said["names"]), text)
