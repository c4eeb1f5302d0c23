"""Training runs on disk: their folders, which are named by recipes, and the files in them.

A run needs no name except its recipe: equal recipes give equal weights. Checkpoints are saved at the squares of equal
steps, because most changes happen early. See docs/decisions/018.
"""

from __future__ import annotations

import hashlib
import math
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from engine.latent.training.folders import library_folder, runs_folder
from engine.latent.vae.gan_recipe import GanRecipe
from engine.latent.vae.recipe import Recipe
from engine.part import encode_hook
from engine.resources import RESOURCES

HISTORY = "history.json"
STATE = "state.safetensors"  # everything that is needed to resume the training
LOCK = "lock"  # held by the process that trains the run
CHECKPOINTS = 60  # of a complete run, besides those at pauses
MOST_BYTES = 60 * 10**6  # of a run, after the window has closed
LEAST = 3  # checkpoints of a run that stay, however large they are

# Settings that earlier versions did not have. With their defaults they do not change the folder of a recipe.
ADDED: dict[str, dict[str, object]] = {
    "Recipe": {
        "origin": "",
        "mistake": "none",
        "kl_start": 0.0,
        "rotation": 0.0,
        "mirror": False,
        "second_axis": 0.0,
        "given_class": False,
        "gan": msgspec.to_builtins(GanRecipe()),
        "latents": 2,
        "grid": 48,
        "teacher": "",
    },
    "Faces": {"turn_range": 1.0},
    "GanRecipe": {"seed": 0},
    "Folder": {"turn": "as they are", "stretch": False},
    "IdxFiles": {"turn": "as they are", "stretch": False},
    "NpzFile": {"labels": "", "turn": "as they are", "stretch": False},
}


SHIPPED_RUNS = RESOURCES / "runs"  # trainings that come with the program: checkpoints and curves, without a state


def identities_path(recipe: Recipe) -> Path:
    """Return the file of the ELBO decompositions at the checkpoints of a run.

    It is not in the folder of the run, because the time of that folder says when it was trained.
    """
    return runs_folder().parent / "identities" / f"{run_folder(recipe).name}.json"


def is_own(path: Path) -> bool:
    """Return whether a file is shipped with the program or was saved by it on this computer."""
    folders = (RESOURCES, runs_folder(), library_folder())
    return any(path.resolve().is_relative_to(folder.resolve()) for folder in folders)


def run_folders() -> list[Path]:
    """Return the folders of all runs, the most recently trained one first."""
    dated = []
    for path in runs_folder().glob("*"):
        with suppress(OSError):  # another process may delete it meanwhile
            if path.is_dir():
                dated.append((path.stat().st_mtime, path))
    return [path for _, path in sorted(dated, reverse=True)]


def run_folder(recipe: Recipe) -> Path:
    """Return the folder of the run of a recipe, named by a hash of the recipe."""
    plain = _without_added(msgspec.to_builtins(recipe, enc_hook=encode_hook))
    return runs_folder() / hashlib.sha256(msgspec.json.encode(plain)).hexdigest()[:16]


def saved_folder(recipe: Recipe) -> Path:
    """Return the folder with the files of a run: that of this computer, or else the shipped one."""
    own = run_folder(recipe)
    shipped = SHIPPED_RUNS / own.name
    return shipped if not own.exists() and shipped.exists() else own


def _without_added(plain: Any) -> Any:
    """A recipe without the settings of ADDED that have their defaults."""
    if not isinstance(plain, dict):
        return plain
    added = ADDED.get(plain.get("type", ""), {})
    return {k: _without_added(v) for k, v in plain.items() if k not in added or v != added[k]}


def checkpoint_name(step: int) -> str:
    """Return the name of the file of a checkpoint."""
    return f"{step:09d}.safetensors"


def checkpoint_path(recipe: Recipe, step: int) -> Path:
    """Return the file of the model after some training steps."""
    return saved_folder(recipe) / checkpoint_name(step)


def checkpoint_in(folder: str, step: int) -> Path:
    """Return the file of a checkpoint in the run with the name `folder`, of this computer or else a shipped one."""
    own = runs_folder() / folder / checkpoint_name(step)
    return own if own.exists() else SHIPPED_RUNS / folder / checkpoint_name(step)


def checkpoint_steps(steps: int) -> set[int]:
    """Return the steps, of all `steps`, at which checkpoints are saved."""
    return squares(steps, CHECKPOINTS + 1)


def squares(steps: int, number: int) -> set[int]:
    """Return `number` >= 2 steps from 0 to `steps`, at the squares of equal steps."""
    return {round(steps * (i / (number - 1)) ** 2) for i in range(number)}


def nearest_checkpoint(recipe: Recipe, step: int) -> Path:
    """Return the file of a checkpoint, or of the nearest one if it was deleted to save disk space."""
    exact = checkpoint_path(recipe, step)
    if exact.exists() or not (saved := checkpoints(recipe)):
        return exact
    return checkpoint_path(recipe, min(saved, key=lambda other: abs(other - step)))


def thin(folder: Path, shown: int = -1) -> None:
    """Delete checkpoints of a run, so that its files have at most MOST_BYTES.

    The first and the last one stay, with those that are the most even at the squares of steps, and at least three.
    Among them is the checkpoint at the step `shown`. Raises OSError.
    """
    files = sorted(folder.glob("[0-9]*.safetensors"))
    sizes = {path: path.stat().st_size for path in folder.iterdir()}
    if len(files) <= LEAST or sum(sizes.values()) <= MOST_BYTES:
        return
    others = sum(sizes.values()) - sum(sizes[path] for path in files)
    kept = max(LEAST, (MOST_BYTES - others) // max(sizes[path] for path in files))
    roots = [math.sqrt(int(path.stem)) for path in files]
    wanted = [roots[0] + (roots[-1] - roots[0]) * i / (kept - 1) for i in range(kept)]
    stay = {min(range(len(files)), key=lambda i: abs(roots[i] - root)) for root in wanted}
    for i, path in enumerate(files[1:-1], 1):
        if int(path.stem) == shown:  # in place of the nearest one
            stay -= {min(stay - {0, len(files) - 1}, key=lambda j: abs(roots[i] - roots[j]))}
            stay.add(i)
    for i, path in enumerate(files):
        if i not in stay:
            path.unlink(missing_ok=True)


def state_path(recipe: Recipe) -> Path:
    """Return the file of the saved training of a run, from which it can be resumed."""
    return run_folder(recipe) / STATE


def checkpoints(recipe: Recipe) -> list[int]:
    """Return the steps of the saved checkpoints of a run, in order."""
    return sorted(int(path.stem) for path in saved_folder(recipe).glob("[0-9]*.safetensors"))
