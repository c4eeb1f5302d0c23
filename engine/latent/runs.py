"""Runs: what the workshop has trained, kept on disk moment by moment, by the recipe that made it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec

from engine.latent.vae.recipe import Recipe
from engine.part import encode_hook

_folder = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "bayescape" / "runs"


def keep_in(folder: Path) -> None:
    """Keep all runs in `folder`, which need not exist yet."""
    global _folder
    _folder = folder


def run_folder(recipe: Recipe) -> Path:
    """Where the run of a recipe is kept: the same recipe leads to the same weights, so it has one run."""
    text = msgspec.json.encode(recipe, enc_hook=encode_hook)
    return _folder / hashlib.sha256(text).hexdigest()[:16]


def moment_path(recipe: Recipe, step: int) -> Path:
    """The model after so many steps."""
    return run_folder(recipe) / f"{step:09d}.safetensors"


def moments(recipe: Recipe) -> list[int]:
    """After how many steps a model of the run is kept, in order."""
    return sorted(int(path.stem) for path in run_folder(recipe).glob("[0-9]*.safetensors"))
