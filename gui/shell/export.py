"""Writing of files: completely or not at all."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QIODevice, QSaveFile


def write_file(path: Path, content: bytes) -> None:
    """Write a file completely or not at all. Raises OSError with one sentence."""
    file = QSaveFile(str(path))
    opened = file.open(QIODevice.OpenModeFlag.WriteOnly)
    if not opened or file.write(content) != len(content) or not file.commit():
        raise OSError(f"{path.name} cannot be written: {file.errorString()}.")
