"""Kinds of files: the files that contain tables, and the messages for other files."""

from __future__ import annotations

import stat
from pathlib import Path

LARGEST = 2**30  # bytes of a text file
SPREADSHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
KINDS = "Tables (*.csv *.tsv *.txt *.dat *.asc *.prn *.xlsx *.xls *.ods);;All files (*)"  # the filter of a file dialog
OPENED = "tables in text (.csv, .tsv, .txt, .dat and others) and in spreadsheets (.xlsx, .xls, .ods)"
_OTHERS = """
doc docx odt rtf pages pdf ps ppt pptx odp key numbers html htm mht xml json yaml ipynb zip gz bz2 xz 7z rar tar
npy npz mat h5 hdf5 nc fits root parquet feather arrow pkl pickle joblib pt pth safetensors rds rdata sav dta
sas7bdat xpt db sqlite mdb accdb png jpg jpeg gif bmp tif tiff webp svg heic avif ico mp3 wav flac ogg mp4 avi
mov mkv exe dll so bin iso msg eml
"""
OTHERS = frozenset(_OTHERS.split())  # endings of files that are refused for any content


def check_regular(path: Path) -> int:
    """Return the size of a regular file. Raises ValueError, without opening it, for any other path."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise ValueError("The file does not exist.") from None
    except (OSError, ValueError):
        raise ValueError("It cannot be read.") from None
    if stat.S_ISDIR(status.st_mode):
        raise ValueError("It is a folder, not a file.")
    if not stat.S_ISREG(status.st_mode):
        raise ValueError("It is not a regular file.")
    return status.st_size


def refuse_other_kinds(path: Path, *, is_text: bool) -> None:
    """Raise ValueError, in one sentence, if the ending or the content of the file is not that of a table."""
    ending = path.suffix.lower()
    if ending.removeprefix(".") in OTHERS or (not is_text and ending and ending not in (".csv", ".tsv", ".txt")):
        raise ValueError(f"Bayescape does not open {ending[:12]} files; it opens {OPENED}.")


def is_spreadsheet(path: Path, head: bytes) -> bool:
    """Return whether a file is a spreadsheet, by its ending and its first bytes."""
    packed = head.startswith((ZIP, OLE))
    if path.suffix.lower() in SPREADSHEETS:
        return packed or b"\0" in head
    excel = head.startswith(ZIP) and (b"xl/" in head or b"opendocument.spreadsheet" in head[:200])
    return excel and path.suffix.lower().removeprefix(".") not in OTHERS
