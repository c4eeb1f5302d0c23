"""The settings, which are saved between runs of the program, with the checked layouts of the window.

The settings file carries the program's name. A file with another name, or with a value that is not allowed, is
replaced by the defaults with one notice.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

LAYOUT_VERSION = 2
WRITER = "Bayescape"  # written into every settings file; a file without it belongs to another program
LARGEST_LAYOUT = 2**20
_HEAD = struct.Struct("<II32s")


class Settings:
    """The choices of the user that are independent of any document. Every value has a type and a default."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppConfigLocation))
        path = self.folder / "settings.ini"
        self.store = QSettings(str(path), QSettings.Format.IniFormat)
        marked = self.store.value("writer") == WRITER
        self.damaged = self.store.status() != QSettings.Status.NoError or (path.exists() and not marked)

    def mend(self) -> None:
        """Replace the settings file by a valid one with the defaults."""
        self.store.clear()
        self.store.setValue("writer", WRITER)
        self.damaged = False

    def text(self, key: str, default: str, allowed: tuple[str, ...] = ()) -> str:
        """A saved string, or the default if `allowed` is not empty and does not contain it."""
        value = self.store.value(key, default, type=str)
        if isinstance(value, str) and (not allowed or value in allowed):
            return value
        self.damaged = True
        return default

    def number(self, key: str, default: float, allowed: tuple[float, ...]) -> float:
        """A saved number among `allowed`, or the default."""
        text = self.text(key, str(default), tuple(str(value) for value in allowed))
        return float(text)

    def flag(self, key: str, default: bool) -> bool:
        """A saved yes or no."""
        return self.text(key, "yes" if default else "no", ("yes", "no")) == "yes"

    def keep_flag(self, key: str, on: bool) -> None:
        """Save a yes or no under `key`."""
        self.keep(key, "yes" if on else "no")

    def keep(self, key: str, value: str | float) -> None:
        """Save `value` under `key`."""
        self.store.setValue("writer", WRITER)
        self.store.setValue(key, str(value))

    # Qt aborts on some damaged layouts, and Python cannot catch an abort. So each layout is sealed with a hash, and
    # `restoring` stays set if the program ended while it restored a layout.

    def keep_layout(self, key: str, state: QByteArray) -> None:
        """Save a layout of a window."""
        self.keep(f"layout/{key}", base64.b64encode(sealed(bytes(state.data()))).decode())

    def layout(self, key: str) -> QByteArray | None:
        """The saved layout, or None if no layout is saved. Raises ValueError if it is damaged."""
        text = self.text(f"layout/{key}", "")
        if not text:
            return None
        try:
            content = base64.b64decode(text, validate=True)
        except ValueError:  # also of text that is not ASCII
            raise ValueError("The saved layout is damaged.") from None
        return QByteArray(unsealed(content))

    def forget_layouts(self) -> None:
        """Delete all saved layouts, so that the default layouts are used."""
        self.store.remove("layout")

    @property
    def restoring(self) -> bool:
        """Whether a layout is being restored, or the last run ended while it restored a layout."""
        return self.text("restoring", "no") == "yes"

    @restoring.setter
    def restoring(self, now: bool) -> None:
        self.keep("restoring", "yes" if now else "no")
        self.store.sync()


def sealed(state: bytes) -> bytes:
    """Return `state` with a header of version, length and SHA-256 hash."""
    return _HEAD.pack(LAYOUT_VERSION, len(state), hashlib.sha256(state).digest()) + state


def unsealed(content: bytes) -> bytes:
    """Return the state without its header. Raises ValueError unless version, length and hash are correct."""
    if not _HEAD.size <= len(content) <= LARGEST_LAYOUT:
        raise ValueError("The saved layout is damaged.")
    version, length, digest = _HEAD.unpack(content[: _HEAD.size])
    state = content[_HEAD.size :]
    if version != LAYOUT_VERSION or length != len(state) or digest != hashlib.sha256(state).digest():
        raise ValueError("The saved layout is damaged or from another version.")
    return state
