"""The desktop entry: the program in the menu of a Linux desktop, its icon in all sizes, and the types of its files.

The files and folders are those of the specifications of freedesktop.org: desktop entries, icon themes, shared MIME
information.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgRenderer

from engine.files import written
from engine.resources import RESOURCES

SIZES = (16, 22, 24, 32, 48, 64, 96, 128, 192, 256, 512)  # pixels
ESCAPED = '\\"`$'  # characters that a quoted argument of Exec escapes


def install(data: Path, command: list[str]) -> list[Path]:
    """Write the entry, which starts `command`, under a folder such as ~/.local/share, and return the files.

    Raises OSError if a file cannot be written.
    """
    files = _files(command)
    for path, content in files.items():
        (data / path).parent.mkdir(parents=True, exist_ok=True)
        with written(data / path) as file:
            file.write(content)
    return [data / path for path in files]


def remove(data: Path) -> list[Path]:
    """Delete the files of the entry, and return those that were there. Raises OSError if one cannot be deleted."""
    there = [data / path for path in _files([]) if (data / path).is_file()]
    for path in there:
        path.unlink()
    return there


def exec_line(command: list[str]) -> str:
    """The command with a file to open, in the quoting of the key Exec of a desktop entry."""
    return " ".join([*(_quoted(word) for word in command), "%f"])


def _quoted(word: str) -> str:
    inner = "".join(f"\\{letter}" if letter in ESCAPED else letter for letter in word)
    inner = inner.replace("\\", "\\\\").replace("%", "%%")  # a string value of the file escapes backslashes once more
    return f'"{inner}"'


def _files(command: list[str]) -> dict[Path, bytes]:
    """The files of the entry, by their paths under the folder of data."""
    source = RESOURCES / "desktop"
    lines = (source / "bayescape.desktop").read_text(encoding="utf-8").splitlines()
    entry = "".join(f"Exec={exec_line(command)}\n" if line.startswith("Exec=") else f"{line}\n" for line in lines)
    icons = Path("icons", "hicolor")
    return {
        Path("applications", "bayescape.desktop"): entry.encode(),
        Path("mime", "packages", "bayescape.xml"): (source / "bayescape.xml").read_bytes(),
        icons / "scalable" / "apps" / "bayescape.svg": (RESOURCES / "icons" / "bayescape.svg").read_bytes(),
        **{icons / f"{side}x{side}" / "apps" / "bayescape.png": icon_of(side) for side in SIZES},
    }


def icon_of(side: int) -> bytes:
    """The icon of the program as a PNG file, `side` pixels wide and high."""
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(str(RESOURCES / "icons" / "bayescape.svg")).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())
