"""Runs: the checkpoints of trainings on disk, each run in a folder that its recipe names."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from engine.latent.vae.recipe import Recipe
from engine.part import encode_hook
from engine.resources import RESOURCES

HISTORY = "history.json"
STATE = "state.safetensors"  # all that it takes to go on
LOCK = "lock"  # held by the process that trains the run
CHECKPOINTS = 60  # of a run, besides those at which it was paused

# Settings that earlier versions did not have: the run of a recipe is found again while they have their default.
ADDED: dict[str, dict[str, object]] = {
    "Recipe": {"origin": ""},
    "Folder": {"turn": "as they are", "stretch": False},
    "IdxFiles": {"turn": "as they are", "stretch": False},
    "NpzFile": {"labels": "", "turn": "as they are", "stretch": False},
}


def _usual_folder() -> Path:
    """Where runs are kept unless the program says otherwise; a temporary folder for a user without a home."""
    try:
        data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    except RuntimeError:
        data = Path(tempfile.gettempdir())
    return data / "bayescape" / "runs"


_folder = _usual_folder()


def keep_in(folder: Path) -> None:
    """Keep all runs in `folder`, which need not exist yet."""
    global _folder
    _folder = folder


def library_folder() -> Path:
    """Where models are kept that were given a name."""
    return _folder.parent / "models"


def identities_path(recipe: Recipe) -> Path:
    """The file of ln p(x) at the checkpoints of a run; not in its folder, whose time is that of the training."""
    return _folder.parent / "identities" / f"{run_folder(recipe).name}.json"


def is_own(path: Path) -> bool:
    """Whether a file is one of the program's own: shipped with it, or made on this computer."""
    folders = (RESOURCES, _folder, library_folder())
    return any(path.resolve().is_relative_to(folder.resolve()) for folder in folders)


def run_folders() -> list[Path]:
    """The folders of all runs, the one that was trained last at the front."""
    dated = []
    for path in _folder.glob("*"):
        with suppress(OSError):  # another process may delete it meanwhile
            if path.is_dir():
                dated.append((path.stat().st_mtime, path))
    return [path for _, path in sorted(dated, reverse=True)]


def run_folder(recipe: Recipe) -> Path:
    """Where the run of a recipe is kept: the same recipe leads to the same weights, so it has one run."""
    plain = _without_added(msgspec.to_builtins(recipe, enc_hook=encode_hook))
    return _folder / hashlib.sha256(msgspec.json.encode(plain)).hexdigest()[:16]


def _without_added(plain: Any) -> Any:
    """A recipe without the settings of ADDED that have their default."""
    if not isinstance(plain, dict):
        return plain
    added = ADDED.get(plain.get("type", ""), {})
    return {k: _without_added(v) for k, v in plain.items() if k not in added or v != added[k]}


def checkpoint_name(step: int) -> str:
    """The file of the model after so many steps."""
    return f"{step:09d}.safetensors"


def checkpoint_path(recipe: Recipe, step: int) -> Path:
    """Where the model after so many steps is kept."""
    return run_folder(recipe) / checkpoint_name(step)


def checkpoint_steps(steps: int) -> set[int]:
    """The steps at which a checkpoint is kept, of so many in all: close together at first, when the most happens."""
    return {round(steps * (i / CHECKPOINTS) ** 2) for i in range(CHECKPOINTS + 1)}


def state_path(recipe: Recipe) -> Path:
    """Where all that it takes to go on with a run is kept."""
    return run_folder(recipe) / STATE


def checkpoints(recipe: Recipe) -> list[int]:
    """The steps at which checkpoints of a run are kept, in order."""
    return sorted(int(path.stem) for path in run_folder(recipe).glob("[0-9]*.safetensors"))
