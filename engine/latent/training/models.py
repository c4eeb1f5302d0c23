"""Models: those that can be opened, shipped with the program, kept under a name, or trained on this computer."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path
from typing import Literal

import msgspec

from engine.derived import derived
from engine.latent.document import Latent
from engine.latent.model_source import Trained
from engine.latent.training.runs import library_folder, run_folders, state_path
from engine.latent.vae.recipe import Card, Recipe
from engine.part import decode_hook
from engine.plane import Viewport
from engine.resources import RESOURCES

LARGEST_HEADER = 2**20
Kind = Literal["shipped", "kept", "trained here"]


class Entry(msgspec.Struct, frozen=True):
    """A model: its name, the file, what the file says of itself, and the step of the run that it is the last of.

    `size` is what it takes on the disk, in bytes, with all other checkpoints of its run.
    """

    kind: Kind
    name: str
    path: str
    card: Card
    step: int = -1
    size: int = 0


class Entries(msgspec.Struct, frozen=True):
    """The models that can be opened."""

    all: list[Entry]


@derived(Entries)
def models(_document: Latent, _: Viewport) -> Entries:
    """The models on this computer."""
    return Entries(entries())


def with_entry(document: Latent, entry: Entry) -> Latent:
    """Return the document with the model of an entry; of a run that is its latest checkpoint."""
    if entry.kind == "trained here":
        return document.with_model(Trained(entry.card.recipe, entry.step))
    return document.with_model(entry.name if entry.kind == "shipped" else entry.path)


def entries() -> list[Entry]:
    """All models, those of damaged files left out."""
    shipped = [_entry("shipped", path) for path in sorted((RESOURCES / "models").glob("*.safetensors"))]
    kept = [_entry("kept", path) for path in sorted(library_folder().glob("*.safetensors"))]
    return [entry for entry in (*shipped, *kept, *map(_run, run_folders())) if entry is not None]


def _entry(kind: Kind, path: Path) -> Entry | None:
    try:
        return Entry(kind, path.stem, str(path), read_card(path), size=path.stat().st_size)
    except (OSError, ValueError):
        return None


def _run(folder: Path) -> Entry | None:
    files = sorted(folder.glob("[0-9]*.safetensors"))
    try:
        size = sum(path.stat().st_size for path in folder.iterdir())
        return Entry("trained here", folder.name, str(files[-1]), read_card(files[-1]), int(files[-1].stem), size)
    except (IndexError, OSError, ValueError):
        return None


def read_card(path: Path) -> Card:
    """What a model's file says of itself. Raises ValueError, in one sentence, if it says nothing sound."""
    try:
        return msgspec.json.decode(_said(path)["card"], type=Card, dec_hook=decode_hook)
    except (msgspec.DecodeError, KeyError, ValueError, RecursionError) as error:
        raise ValueError(f"{path.name} is not a model of this program: {error}.") from error


def discard(entry: Entry) -> None:
    """Delete a model that was kept, or a run with all its checkpoints. Raises ValueError for a shipped one, OSError."""
    if entry.kind == "shipped":
        raise ValueError("This model comes with the program; only what was trained or kept here can be deleted.")
    path = Path(entry.path)
    if entry.kind == "kept":
        path.unlink()
    else:
        shutil.rmtree(path.parent)


def take_training(path: Path) -> Recipe | None:
    """Make the saved training in a file one of those that were begun here; None if the file holds something else.

    Raises ValueError, in one sentence, if it cannot be read; it is checked in full when it goes on.
    """
    said = _said(path)
    if "state" not in said:
        return None
    try:
        recipe = msgspec.json.decode(said["state"], type=_Place, dec_hook=decode_hook).recipe
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise ValueError(f"This training is described in a way this version does not know: {error}.") from error
    target = state_path(recipe)
    if target.exists():
        raise ValueError("This training was begun on this computer, too: delete it in the panel Models first.")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
    return recipe


class _Place(msgspec.Struct):
    recipe: Recipe


def _said(path: Path) -> dict[str, str]:
    """What a safetensors file says of itself, without its tensors."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > LARGEST_HEADER:
                raise ValueError("its header is longer than it may be")
            said = msgspec.json.decode(file.read(length), type=_Header).metadata
    except (OSError, struct.error, msgspec.DecodeError, ValueError, RecursionError) as error:
        raise ValueError(f"{path.name} is damaged or not a model: {error}.") from error
    return said


class _Header(msgspec.Struct):
    metadata: dict[str, str] = msgspec.field(name="__metadata__")


def keep(source: Path, name: str) -> Path:
    """Copy a model into the library. Raises ValueError if the name is taken or none for a file, or OSError."""
    if not name or Path(name).name != name or name.startswith("."):
        raise ValueError(f"{name!r} cannot be the name of a model: use letters, digits, spaces and dashes.")
    target = library_folder() / f"{name}.safetensors"
    if target.exists():
        raise ValueError(f"There is a model called {name} already: choose another name.")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    return target
