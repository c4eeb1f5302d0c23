"""Models: the models that can be opened, which are shipped, saved under a name, or trained on this computer."""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec
from msgspec.structs import replace

from engine.derived import derived
from engine.files import copy, open_regular, quoted, unreadable, why
from engine.latent.document import Latent
from engine.latent.model_source import SHIPPED, Trained, model_path, shipped_models
from engine.latent.training.folders import library_folder
from engine.latent.training.lock import locked
from engine.latent.training.runs import MOST_BYTES, run_folder, run_folders, state_path, thin
from engine.latent.vae.recipe import Card, Recipe
from engine.part import decode_hook
from engine.plane import Viewport

LARGEST_HEADER = 2**20  # bytes
Kind = Literal["shipped", "kept", "trained here"]


class Entry(msgspec.Struct, frozen=True):
    """A model: its name, its file, the card in the file, and its step if it is the last checkpoint of a run.

    `size` is the disk space in bytes, with that of the other checkpoints of its run. `time` is when it was saved, in
    seconds since 1970.
    """

    kind: Kind
    name: str
    path: str
    card: Card
    step: int = -1
    size: int = 0
    time: float = 0.0


class Entries(msgspec.Struct, frozen=True):
    """The models that can be opened."""

    all: list[Entry]


class Standing(msgspec.Struct, frozen=True):
    """A saved training: its complete epochs, those of its recipe, its step, its size in bytes, and when it was saved.

    `time` is in seconds since 1970.
    """

    epoch: int
    epochs: int
    step: int
    size: int
    time: float

    @property
    def is_complete(self) -> bool:
        """Whether all epochs have been trained."""
        return self.epoch >= self.epochs


@derived(Entries)
def models(_document: Latent, _: Viewport) -> Entries:
    """Find the models on this computer."""
    return Entries(entries())


def with_entry(document: Latent, entry: Entry) -> Latent:
    """Return the document with the model of an entry, which for a run is its latest checkpoint."""
    if entry.kind == "trained here":
        return document.with_model(Trained(entry.card.recipe, entry.step))
    return document.with_model(entry.name if entry.kind == "shipped" else entry.path)


def is_open(document: Latent, entry: Entry) -> bool:
    """Whether an entry is the model of the document; for a run, whether any of its checkpoints is."""
    if entry.kind == "trained here":
        return document.trained is not None and run_folder(document.trained.recipe).name == entry.name
    return document.trained is None and document.path == Path(entry.path)


def entries() -> list[Entry]:
    """Return all models without those in damaged files."""
    names = sorted(shipped_models(), key=lambda name: (name != SHIPPED, name))  # the model of a new document is first
    shipped = [_entry("shipped", model_path(name)) for name in names]
    kept = [_entry("kept", path) for path in sorted(library_folder().glob("*.safetensors"))]
    return [entry for entry in (*shipped, *kept, *map(_run, run_folders())) if entry is not None]


def _entry(kind: Kind, path: Path) -> Entry | None:
    try:
        facts = path.stat()
        return Entry(kind, path.stem, str(path), read_card(path), size=facts.st_size, time=facts.st_mtime)
    except (OSError, ValueError):
        return None


def _run(folder: Path) -> Entry | None:
    files = sorted(folder.glob("[0-9]*.safetensors"))
    try:
        facts, card = files[-1].stat(), read_card(files[-1])
        step, size = int(files[-1].stem), size_of(folder)
        return Entry("trained here", folder.name, str(files[-1]), card, step, size, facts.st_mtime)
    except (IndexError, OSError, ValueError):
        return None


def shipped_with(suits: Callable[[Card], bool]) -> str:
    """Return the name of the first shipped model whose card suits a condition; "" if there is none."""
    return next((name for name in shipped_models() if suits(_shipped_card(name))), "")


@cache
def _shipped_card(name: str) -> Card:
    return read_card(model_path(name))


def read_card(path: Path) -> Card:
    """Read the card of a model's file. Raises ValueError, in one sentence, if the file is not a valid model."""
    try:
        return msgspec.json.decode(_metadata(path)["card"], type=Card, dec_hook=decode_hook)
    except (msgspec.DecodeError, KeyError, UnicodeError, RecursionError) as error:
        raise ValueError(f"{quoted(path.name)} is not a model of this program.") from error


def discard(entry: Entry) -> None:
    """Delete a saved model, or a run with all its checkpoints.

    Raises ValueError, in one sentence, for a shipped model, for a run that is being trained, or if deleting fails.
    """
    if entry.kind == "shipped":
        raise ValueError("This model comes with the program. Only saved models and training runs can be deleted.")
    path = Path(entry.path)
    try:
        if entry.kind == "kept":
            path.unlink()
        else:
            remove_run(path.parent)
    except FileNotFoundError:
        return  # another window has deleted it
    except OSError as error:
        raise ValueError(f"The model was not deleted: {why(error)}.") from error


def remove_run(folder: Path) -> None:
    """Delete a run with all its checkpoints.

    Raises ValueError, in one sentence, if it is being trained, and OSError if deleting fails.
    """
    with locked(folder):
        pass
    shutil.rmtree(folder)


def standing(recipe: Recipe) -> Standing | None:
    """Return where the saved training of a recipe stands; None if there is none or if it is damaged."""
    path = state_path(recipe)
    try:
        saved = msgspec.json.decode(_metadata(path)["state"], type=_Position)
        facts = path.stat()
        per_epoch = max(1, saved.shape[0] // recipe.batch)
    except (ValueError, KeyError, IndexError, OSError, RecursionError):
        return None
    return Standing(saved.step // per_epoch, recipe.epochs, saved.step, size_of(path.parent), facts.st_mtime)


def thin_runs(shown: Trained | None) -> None:
    """Delete checkpoints of all runs that are larger than MOST_BYTES, but not that which is `shown`.

    A run that is being trained in another window stays as it is, and so does the date of each folder.
    """
    for folder in run_folders():
        with suppress(OSError, ValueError):
            if size_of(folder) > MOST_BYTES:
                dates = folder.stat()
                step = shown.step if shown is not None and run_folder(shown.recipe) == folder else -1
                with locked(folder):
                    thin(folder, step)
                os.utime(folder, ns=(dates.st_atime_ns, dates.st_mtime_ns))


def size_of(folder: Path) -> int:
    """Return the disk space of the files in a folder, in bytes. Raises OSError."""
    return sum(path.stat().st_size for path in folder.iterdir())


def holds_training(path: Path) -> bool:
    """Return whether a file holds a saved training instead of a model. Raises ValueError if it cannot be read."""
    return "state" in _metadata(path)


def take_training(path: Path) -> Recipe | None:
    """Copy the saved training in a file to the runs of this computer; None if the file holds something else.

    The file is checked completely. The returned recipe contains the checksum of the file, so that its run differs from
    that of the same recipe trained here; a file that was copied before is not copied again. Imports torch. Raises
    ValueError, in one sentence, if the file is damaged or cannot be copied.
    """
    if not holds_training(path):
        return None
    from engine.latent.vae import check_state

    recipe = check_state(path)
    try:
        recipe = replace(recipe, origin=_checksum(path))
        target = state_path(recipe)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            copy(path, target)
            if _checksum(target) != recipe.origin:
                target.unlink()
                raise ValueError(f"{quoted(path.name)} was changed while it was opened. Open it again.")
    except OSError as error:
        raise ValueError(f"{quoted(path.name)} was not opened: {why(error)}.") from error
    return recipe


def _checksum(path: Path) -> str:
    digest = hashlib.sha256()
    with open_regular(path) as file:
        while block := file.read(2**20):
            digest.update(block)
    return digest.hexdigest()[:16]


def _metadata(path: Path) -> dict[str, str]:
    """Read the metadata of a safetensors file, without its tensors. Raises ValueError, in one sentence."""
    with open_regular(path) as file:
        try:
            (length,) = struct.unpack("<Q", file.read(8))
            if not 0 < length <= LARGEST_HEADER:
                raise ValueError
            return msgspec.json.decode(file.read(length), type=_Header).metadata
        except OSError as error:
            raise unreadable(path, why(error)) from error
        except (struct.error, msgspec.DecodeError, ValueError, RecursionError) as error:
            raise ValueError(f"{quoted(path.name)} is damaged or not a model of this program.") from error


class _Position(msgspec.Struct):
    step: int
    shape: tuple[int, ...]


class _Header(msgspec.Struct):
    metadata: dict[str, str] = msgspec.field(name="__metadata__")


def keep(source: Path, name: str) -> Path:
    """Copy a model into the library of saved models.

    Raises ValueError, in one sentence, if the name is in use or not a file name, or if the file cannot be copied.
    """
    taken = f"A model called {quoted(name)} exists already. Choose another name."
    if not name or Path(name).name != name or name.startswith(".") or not name.isprintable():
        raise ValueError(f"“{quoted(name)}” cannot be the name of a model. Use letters, digits, spaces and dashes.")
    target = library_folder() / f"{name}.safetensors"
    try:
        if target.exists() and target.stat().st_size:  # an earlier version left empty files on a full disk
            raise ValueError(taken)
        target.parent.mkdir(parents=True, exist_ok=True)
        copy(source, target)
    except OSError as error:
        raise ValueError(f"The model was not saved: {why(error)}.") from error
    return target
