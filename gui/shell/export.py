"""Writing of files: completely or not at all."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QIODevice, QSaveFile

from engine.files import check_name, unwritable, written


def write_file(path: Path, content: bytes) -> None:
    """Write a file completely or not at all. Raises OSError with one sentence.

    Qt would write to another path, if a name is not valid UTF-8.
    """
    try:
        check_name(path)
    except ValueError:
        _write_by_bytes(path, content)
        return
    file = QSaveFile(str(path))
    opened = file.open(QIODevice.OpenModeFlag.WriteOnly)
    if not opened or file.write(content) != len(content) or not file.commit():
        raise OSError(f"{path.name} cannot be written: {file.errorString()}.")


def _write_by_bytes(path: Path, content: bytes) -> None:
    try:
        with written(path) as file:
            file.write(content)
    except OSError as error:
        raise OSError(str(unwritable(path, error))) from error
