"""Kinds of files: what the program does with a file that is opened or dropped, by its name and its first bytes."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Literal

from engine.files import quoted, read_start

Kind = Literal["lecture", "session", "model", "images", "picture", "table"]
ENDINGS: dict[Kind, tuple[str, ...]] = {
    "lecture": (".bayescape-lecture.json",),
    "session": (".bayescape", ".json"),
    "model": (".safetensors",),
    "images": (".npz", ".npy", ".idx", ".idx.gz", "-ubyte", "-ubyte.gz"),
    "picture": (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".pgm", ".ppm", ".pbm"),
    "table": (".csv", ".tsv", ".txt", ".dat", ".asc", ".prn", ".tab", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"),
}
WORDS: dict[Kind, str] = {
    "session": "sessions (.bayescape, .json)",
    "lecture": "lectures (.bayescape-lecture.json)",
    "model": "models (.safetensors)",
    "images": "sets of images (a folder, .npz, .npy, .idx)",
    "picture": "images (.png, .jpg, …)",
    "table": "tables (.csv, .txt, .xlsx, .ods, …)",
}
LOOKED_AT = 4096  # bytes


def kind_at(path: Path) -> Kind:
    """The kind of a file, or of a folder of pictures. Raises ValueError, in one sentence about this file, for others.

    A folder holds images, whatever its name is. A file without a known ending is a session if it begins as JSON does,
    and a table if it is text.
    """
    with suppress(OSError, ValueError):  # a name that no file can have
        if path.is_dir():
            return "images"
    name = path.name.lower()
    for kind, endings in ENDINGS.items():
        if name.endswith(endings):
            return kind
    text = _text(read_start(path, LOOKED_AT))
    if path.suffix or not text:
        what = f"{quoted(path.suffix)} files" if path.suffix else f"files such as {quoted(path.name)}"
        *most, last = WORDS.values()
        raise ValueError(f"Bayescape does not open {what}; it opens {', '.join(most)} and {last}.")
    return "session" if text.lstrip("\ufeff \t\r\n").startswith("{") else "table"


def _text(start: bytes) -> str:
    """The text that a file begins with; empty if it is none."""
    if b"\0" in start:
        return ""
    text = start.decode("utf-8", "replace")
    return text if all(c.isprintable() or c in "\t\r\n\f\ufeff" for c in text[:1000]) else ""
