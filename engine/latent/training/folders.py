"""The folders of the user's trainings and models. This module is small, because the window needs it at its start."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def _usual_folder() -> Path:
    """The default folder of all runs; a temporary folder for a user without a home folder."""
    try:
        data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    except RuntimeError:
        data = Path(tempfile.gettempdir())
    return data / "bayescape" / "runs"


_folder = _usual_folder()


def keep_in(folder: Path) -> None:
    """Save all runs in `folder`, which need not exist yet."""
    global _folder
    _folder = folder


def runs_folder() -> Path:
    """Return the folder with one folder for each run."""
    return _folder


def library_folder() -> Path:
    """Return the folder of the models that were saved under a name."""
    return _folder.parent / "models"


def opened_folder() -> Path:
    """Return the folder of the models that came inside session files. They are from elsewhere, not the user's own."""
    return _folder.parent / "opened"
