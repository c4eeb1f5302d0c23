"""Kinds of files: which ones hold tables, and in which words the others are refused."""

from __future__ import annotations

import stat
from pathlib import Path

LARGEST = 2**30  # bytes of a file of text
SPREADSHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
KINDS = "Tables (*.csv *.tsv *.txt *.dat *.asc *.prn *.xlsx *.xls *.ods);;All files (*)"  # of a file dialog
OPENED = "tables in text (.csv, .tsv, .txt, .dat and others) and in spreadsheets (.xlsx, .xls, .ods)"
_OTHERS = """
doc docx odt rtf pages pdf ps ppt pptx odp key numbers html htm mht xml json yaml ipynb zip gz bz2 xz 7z rar tar
npy npz mat h5 hdf5 nc fits root parquet feather arrow pkl pickle joblib pt pth safetensors rds rdata sav dta
sas7bdat xpt db sqlite mdb accdb png jpg jpeg gif bmp tif tiff webp svg heic avif ico mp3 wav flac ogg mp4 avi
mov mkv exe dll so bin iso msg eml
"""
OTHERS = frozenset(_OTHERS.split())  # endings of files that are refused, whatever they hold


def check_regular(path: Path) -> int:
    """The size of a regular file. Raises ValueError, without opening it, if the path is anything else."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise ValueError("There is no such file.") from None
    except (OSError, ValueError):
        raise ValueError("It cannot be read.") from None
    if stat.S_ISDIR(found.st_mode):
        raise ValueError("It is a folder, not a file.")
    if not stat.S_ISREG(found.st_mode):
        raise ValueError("It is no regular file.")
    return found.st_size


def refuse_other_kinds(path: Path, *, is_text: bool) -> None:
    """Raise ValueError, in a sentence about this file, if its ending or its bytes are not those of a table."""
    ending = path.suffix.lower()
    if ending.removeprefix(".") in OTHERS or (not is_text and ending and ending not in (".csv", ".tsv", ".txt")):
        raise ValueError(f"Bayescape does not open {ending[:12]} files; it opens {OPENED}.")


def is_spreadsheet(path: Path, head: bytes) -> bool:
    """Whether a file is a spreadsheet, by its ending and its first bytes, or by its bytes alone."""
    packed = head.startswith((ZIP, OLE))
    if path.suffix.lower() in SPREADSHEETS:
        return packed or b"\0" in head
    excel = head.startswith(ZIP) and (b"xl/" in head or b"opendocument.spreadsheet" in head[:200])
    return excel and path.suffix.lower().removeprefix(".") not in OTHERS
