"""Foreign paths: files that a document from elsewhere names, of which the user should know before they are read.

A relative path in a session begins at the folder of the session, and never at the working directory of the program.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from engine.document import Document
from engine.latent.datasets.own_files import Files, beginning_at
from engine.latent.document import Latent
from engine.latent.model_source import shipped_models
from engine.latent.training.folders import opened_folder
from engine.part import Part, declared


def foreign_paths(document: Document, folder: Path) -> tuple[str, ...]:
    """The files and folders that a document names outside `folder`, the folder of its session.

    Only the names are looked at: nothing is opened, and no link is followed, because that alone can reach a network.
    """
    return tuple(dict.fromkeys(path for path in _named(document) if not _is_within(path, folder)))


def placed(value: Any, folder: Path) -> Any:
    """Return a document or a part in which relative paths are replaced by absolute ones that begin at `folder`."""
    if isinstance(value, Files):
        return value.placed(folder)
    if isinstance(value, tuple):
        return tuple(placed(inner, folder) for inner in value)
    if not isinstance(value, Part):
        return value
    fields = {field.name: getattr(value, field.name) for field in declared(type(value))}
    changed = {name: placed(inner, folder) for name, inner in fields.items() if isinstance(inner, (Part, tuple))}
    if isinstance(value, Latent) and isinstance(value.model, str) and value.model not in shipped_models():
        changed["model"] = beginning_at(folder, value.model)
    changed = {name: inner for name, inner in changed.items() if inner != fields[name]}
    return replace(value, **changed) if changed else value


def _named(value: Any) -> Iterator[str]:
    """All paths in a part and in the parts that it holds."""
    if isinstance(value, Latent) and isinstance(value.model, str) and not _is_known(value.model):
        yield value.model
    if isinstance(value, Files):
        yield from map(str, value.paths)
    if isinstance(value, Part):
        for field in declared(type(value)):
            yield from _named(getattr(value, field.name))
    elif isinstance(value, tuple):
        for inner in value:
            yield from _named(inner) if isinstance(inner, Part) else ()


def _is_known(model: str) -> bool:
    """Whether a model comes with the program, or came inside a session file."""
    return model in shipped_models() or _is_within(model, opened_folder())


def _is_within(path: str, folder: Path) -> bool:
    """Whether a path is below a folder, as it is written."""
    inside = os.path.abspath(folder)  # noqa: PTH100  (resolve looks links up)
    return os.path.abspath(beginning_at(folder, path)).startswith(inside.rstrip(os.sep) + os.sep)  # noqa: PTH100
