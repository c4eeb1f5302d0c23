"""Runs: what the workshop has trained, kept on disk moment by moment, by the recipe that made it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec

from engine.latent.vae.recipe import Recipe
from engine.part import encode_hook

HISTORY = "history.json"
STATE = "state.safetensors"  # all that it takes to go on
MOMENTS = 60  # that are kept of a run, besides those at which it was paused

_folder = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "bayescape" / "runs"


def keep_in(folder: Path) -> None:
    """Keep all runs in `folder`, which need not exist yet."""
    global _folder
    _folder = folder


def library_folder() -> Path:
    """Where models are kept that were given a name."""
    return _folder.parent / "models"


def identities_path(recipe: Recipe) -> Path:
    """Where ln p(x) of images at moments of a run is kept: not in its folder, whose time is that of the training."""
    return _folder.parent / "identities" / f"{run_folder(recipe).name}.json"


def run_folders() -> list[Path]:
    """Of all runs, the one that was trained last at the front."""
    found = [path for path in _folder.glob("*") if path.is_dir()]
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def run_folder(recipe: Recipe) -> Path:
    """Where the run of a recipe is kept: the same recipe leads to the same weights, so it has one run."""
    text = msgspec.json.encode(recipe, enc_hook=encode_hook)
    return _folder / hashlib.sha256(text).hexdigest()[:16]


def moment_name(step: int) -> str:
    """The file of the model after so many steps."""
    return f"{step:09d}.safetensors"


def moment_path(recipe: Recipe, step: int) -> Path:
    """Where the model after so many steps is kept."""
    return run_folder(recipe) / moment_name(step)


def kept_at(steps: int) -> set[int]:
    """After which of so many steps a moment is kept: close together at first, when the most happens."""
    return {round(steps * (i / MOMENTS) ** 2) for i in range(MOMENTS + 1)}


def state_path(recipe: Recipe) -> Path:
    """Where all that it takes to go on with a run is kept."""
    return run_folder(recipe) / STATE


def moments(recipe: Recipe) -> list[int]:
    """After how many steps a model of the run is kept, in order."""
    return sorted(int(path.stem) for path in run_folder(recipe).glob("[0-9]*.safetensors"))
