"""Settings: what is kept between sessions of the program, and the window's layout, which is not trusted."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

LAYOUT_VERSION = 1
WRITER = "Bayescape"  # written into every settings file: one without it is not ours
LARGEST_LAYOUT = 2**20
_HEAD = struct.Struct("<II32s")


class Settings:
    """Choices that belong to the person, not to a document. Every value has a type and a default."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppConfigLocation))
        path = self.folder / "settings.ini"
        self.store = QSettings(str(path), QSettings.Format.IniFormat)
        marked = self.store.value("writer") == WRITER
        self.damaged = self.store.status() != QSettings.Status.NoError or (path.exists() and not marked)

    def mend(self) -> None:
        """Start again from the defaults, with a file that can be read."""
        self.store.clear()
        self.store.setValue("writer", WRITER)
        self.damaged = False

    def text(self, key: str, default: str, allowed: tuple[str, ...] = ()) -> str:
        """A string, one of `allowed` if there are any."""
        value = self.store.value(key, default, type=str)
        if isinstance(value, str) and (not allowed or value in allowed):
            return value
        self.damaged = True
        return default

    def number(self, key: str, default: float, allowed: tuple[float, ...]) -> float:
        """A number among `allowed`."""
        text = self.text(key, str(default), tuple(str(value) for value in allowed))
        return float(text)

    def keep(self, key: str, value: str | float) -> None:
        """Remember `value`."""
        self.store.setValue("writer", WRITER)
        self.store.setValue(key, str(value))

    # Qt aborts on a damaged layout, which cannot be caught: so it is sealed, and a marker outlives an abort.

    def keep_layout(self, key: str, state: QByteArray) -> None:
        """Remember a window's layout."""
        self.keep(f"layout/{key}", base64.b64encode(sealed(bytes(state.data()))).decode())

    def layout(self, key: str) -> QByteArray | None:
        """The layout as it was kept; None if there is none. Raises ValueError if it is damaged."""
        text = self.text(f"layout/{key}", "")
        if not text:
            return None
        try:
            return QByteArray(unsealed(base64.b64decode(text, validate=True)))
        except binascii.Error:
            raise ValueError("The saved layout is damaged.") from None

    def forget_layouts(self) -> None:
        """Back to the default layout."""
        self.store.remove("layout")

    @property
    def restoring(self) -> bool:
        """Whether the program ended while it restored a layout."""
        return self.text("restoring", "no") == "yes"

    @restoring.setter
    def restoring(self, now: bool) -> None:
        self.keep("restoring", "yes" if now else "no")
        self.store.sync()


def sealed(state: bytes) -> bytes:
    """Version, length and SHA-256 before the state itself."""
    return _HEAD.pack(LAYOUT_VERSION, len(state), hashlib.sha256(state).digest()) + state


def unsealed(content: bytes) -> bytes:
    """The state again. Raises ValueError unless all three fit."""
    if not _HEAD.size <= len(content) <= LARGEST_LAYOUT:
        raise ValueError("The saved layout is damaged.")
    version, length, digest = _HEAD.unpack(content[: _HEAD.size])
    state = content[_HEAD.size :]
    if version != LAYOUT_VERSION or length != len(state) or digest != hashlib.sha256(state).digest():
        raise ValueError("The saved layout is damaged or from another version.")
    return state
