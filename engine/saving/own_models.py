"""Own models: the models of a work that do not come with the program, packed for a session file and found again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec.structs import replace

from engine.document import Document
from engine.files import quoted
from engine.interruption import InterruptedJobError, is_interrupted
from engine.latent.document import Latent
from engine.latent.model_source import ModelSource, Trained, shipped_models
from engine.latent.training.folders import opened_folder
from engine.latent.training.models import read_card
from engine.saving.session_file import LARGEST_MODEL, read, sha256_of, unpack, write
from engine.saving.work import NeededModel, Work

MOST_LOOKED_AT = 2000  # model files beside a session
DEEPEST = 4  # folders below that of the session


class Missing(msgspec.Struct, frozen=True):
    """A model that a document names and that is not on this computer. `sha256` is "" if it is not known."""

    source: ModelSource
    name: str
    sha256: str = ""


def own_model(document: Document) -> ModelSource | None:
    """The model of a document; None if the document has none or if the model comes with the program."""
    if not isinstance(document, Latent) or (isinstance(document.model, str) and document.model in shipped_models()):
        return None
    return document.model


def with_source(document: Document, source: ModelSource) -> Document:
    """The document with another model."""
    assert isinstance(document, Latent)
    return document.with_model(source)


def save(path: Path, work: Work, inside: bool = True) -> None:
    """Write a session file with the user's own models `inside`, or with their SHA-256 only.

    A model that cannot be read is named but not saved. Raises ValueError, in one sentence.
    """
    documents, models, files = [], {}, {}
    for document in work.documents:
        source = own_model(document)
        packed = _packed(source, inside) if source is not None else None
        if source is not None and packed is not None:
            model, file = packed
            models[model.sha256], files[model.sha256] = model, file
            document = with_source(document, model.inner_path) if model.inside else document
        documents.append(document)
    write(path, replace(work, documents=tuple(documents), models=tuple(models.values())), files)


def _packed(source: ModelSource, inside: bool) -> tuple[NeededModel, Path] | None:
    trained = source if isinstance(source, Trained) else None
    file = _file_of(source)
    try:
        is_small = file.stat().st_size <= LARGEST_MODEL
        name = _name_of(source).encode("utf-8", "replace").decode()[:80]
        return NeededModel(name, sha256_of(file), inside and is_small, trained), file
    except (OSError, ValueError):
        return None


def _file_of(source: ModelSource) -> Path:
    return Path(source.path if isinstance(source, Trained) else source)


def _name_of(source: ModelSource) -> str:
    return f"model-{source.step}" if isinstance(source, Trained) else Path(source).stem


def open_work(path: Path) -> Work:
    """The work in a session file, its models unpacked into the program's own folder and named by the documents.

    A model of a training of this computer that is still the same is not unpacked. Raises ValueError, in one sentence.
    """
    work = read(path)
    by_path = {model.inner_path: model for model in work.models if model.inside}
    documents = []
    for document in work.documents:
        source = own_model(document)
        if isinstance(source, str) and source in by_path:
            document = with_source(document, _unpacked(path, by_path[source]))
        documents.append(document)
    return replace(work, documents=tuple(documents))


def _unpacked(path: Path, model: NeededModel) -> ModelSource:
    if model.trained is not None and _is(Path(model.trained.path), model.sha256):
        return model.trained
    target = opened_folder() / model.sha256[:16] / f"{_safe(model.name)}.safetensors"
    if not _is(target, model.sha256):
        unpack(path, model, target)
    return str(target)


def _safe(name: str) -> str:
    """A name from elsewhere as the name of a file: letters, digits, spaces, dots and dashes only."""
    kept = "".join(c for c in name if c.isalnum() or c in " -_.").strip(" .")
    return kept[:60] or "model"


def _is(path: Path, sha256: str) -> bool:
    """Whether a file exists and has this SHA-256."""
    try:
        return path.is_file() and sha256_of(path, _go_on) == sha256
    except (OSError, ValueError):
        return False


def _go_on(_: bytes = b"") -> None:
    """Raise InterruptedJobError if the window closes. A search is not needed then; a session is saved to its end."""
    if is_interrupted():
        raise InterruptedJobError


def missing_models(work: Work) -> tuple[Missing, ...]:
    """The models that the documents name and that are not on this computer, or not the same as when it was saved.

    This reads the files of the models: the user has agreed before if they are elsewhere.
    """
    sums = {model.trained or model.name: model.sha256 for model in work.models if not model.inside}
    found = []
    for document in work.documents:
        source = own_model(document)
        if source is None:
            continue
        sha256 = sums.get(source if isinstance(source, Trained) else _name_of(source), "")
        file = _file_of(source)
        try:
            is_there = _is(file, sha256) if sha256 else file.exists()
        except (OSError, ValueError):  # a name that no file can have
            is_there = False
        if not is_there:
            found.append(Missing(source, quoted(_name_of(source)), sha256))
    return tuple(found)


def search(folder: Path, missing: Missing) -> Path | None:
    """The model in `folder`, or up to four folders below it, that is the missing one; None if there is none.

    It is known by its SHA-256; without it by its recipe if it was trained here, or by the name of its file.
    """
    for path in _models_below(folder):
        if _is(path, missing.sha256) if missing.sha256 else _resembles(path, missing.source):
            return path
    return None


def _models_below(folder: Path) -> Iterator[Path]:
    found = 0
    for place, folders, names in os.walk(folder):
        _go_on()
        if len(Path(place).relative_to(folder).parts) >= DEEPEST:
            folders.clear()
        for name in sorted(names):
            if name.endswith(".safetensors"):
                yield Path(place) / name
                found += 1
                if found >= MOST_LOOKED_AT:
                    return


def _resembles(path: Path, source: ModelSource) -> bool:
    if not isinstance(source, Trained):
        return path.name == Path(source).name
    try:
        return read_card(path).recipe == source.recipe
    except ValueError:
        return False
