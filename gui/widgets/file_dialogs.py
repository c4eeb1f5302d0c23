"""File dialogs that remember the folder and the kind of file of the last choice, for each purpose.

A purpose is a short name such as "session". The ending of the chosen kind is added to a name without one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

YES, NO = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No


class Memory(Protocol):
    """What remembers texts by keys: the settings."""

    def text(self, key: str, default: str) -> str: ...

    def keep(self, key: str, value: str) -> None: ...


class _Passing:
    """A memory that ends with the program, for a dialog without a window."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def text(self, key: str, default: str) -> str:
        return self.values.get(key, default)

    def keep(self, key: str, value: str) -> None:
        self.values[key] = value


_memory: Memory = _Passing()


def remember_in(memory: Memory) -> None:
    """Remember the choices in the settings."""
    global _memory
    _memory = memory


def choose_to_open(parent: QWidget, purpose: str, title: str, kinds: str, start: Path | None = None) -> Path | None:
    """Ask for a file to open. `kinds` are filters as Qt takes them. Return None if the dialog is cancelled.

    The dialog begins in the folder `start`, if it is given, and otherwise in the folder of the latest choice.
    """
    folder = _folder(purpose) if start is None else str(start)
    chosen, kind = QFileDialog.getOpenFileName(parent, title, folder, kinds, _memory.text(f"kind/{purpose}/open", ""))
    return _remembered(purpose, "open", chosen, kind)


def choose_folder(parent: QWidget, purpose: str, title: str, start: Path | None = None) -> Path | None:
    """Ask for a folder. Return None if the dialog is cancelled. `start` is as for `choose_to_open`."""
    chosen = QFileDialog.getExistingDirectory(parent, title, _folder(purpose) if start is None else str(start))
    return _remembered(purpose, "open", chosen, "")


def choose_to_save(
    parent: QWidget,
    purpose: str,
    title: str,
    name: str,
    kinds: str,
    complete: Callable[[str, str, str], str] | None = None,
) -> Path | None:
    """Ask for a file to write, with `name` proposed. Return None if the dialog is cancelled.

    `complete(name, kind, kinds)` adds the ending, by default as `with_ending`; it may refuse a name by ValueError. The
    user is asked once more if the name with the added ending exists, because the dialog has not asked about it.
    """
    proposed, former = str(Path(_folder(purpose)) / name), _memory.text(f"kind/{purpose}/save", "")
    former = former if former in kinds.split(";;") else ""
    chosen, kind = QFileDialog.getSaveFileName(parent, title, proposed, kinds, former)
    path = _remembered(purpose, "save", (complete or with_ending)(chosen, kind, kinds), kind)
    if path is not None and str(path) != chosen and path.exists() and not _agrees(parent, title, path):
        return None
    return path


def with_ending(name: str, kind: str, kinds: str) -> str:
    """The name with the first ending of the chosen kind, unless it has an ending of one of the kinds.

    An empty `kind` stands for the first one.
    """
    if not name or name.lower().endswith(tuple(_endings(kinds))):
        return name
    endings = _endings(kind or kinds)
    return name + endings[0] if endings else name


def _endings(kinds: str) -> list[str]:
    return [ending.lower() for ending in re.findall(r"\*(\.[\w.-]+)", kinds)]


def _folder(purpose: str) -> str:
    folder = _memory.text(f"folder/{purpose}", "")
    return folder if folder and Path(folder).is_dir() else str(_home())


def _home() -> Path:
    """The user's own folder of documents, or the home folder; never the folder of the program."""
    try:
        home = Path.home()
    except RuntimeError:  # a user without a home folder
        return Path()
    return home / "Documents" if (home / "Documents").is_dir() else home


def _remembered(purpose: str, verb: str, chosen: str, kind: str) -> Path | None:
    if not chosen:
        return None
    path = Path(chosen)
    _memory.keep(f"folder/{purpose}", str(path.parent))
    if kind:
        _memory.keep(f"kind/{purpose}/{verb}", kind)
    return path


def _agrees(parent: QWidget, title: str, path: Path) -> bool:
    return QMessageBox.question(parent, title, f"{path.name} exists. Replace it?", YES | NO, NO) == YES
