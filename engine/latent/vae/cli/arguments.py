"""Recipes from command-line arguments: data sets by name or path, settings as name=value; without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, get_origin

import msgspec

from engine.files import quoted
from engine.json_errors import reason
from engine.latent.datasets.data_set import DATASETS, DataSet
from engine.latent.datasets.open_path import files_at
from engine.latent.vae.recipe import Recipe
from engine.part import Family, declared, decode_hook, encode_hook

BARE = "the value of "  # the beginning of a reason that does not say what is possible


def data_from(text: str) -> DataSet:
    """Return the data set at a path or with a name, in upper or lower case. Raises ValueError, in one sentence."""
    path = Path(text)
    if _exists(path):
        return files_at(path)
    try:
        data: DataSet = _member(DATASETS, text)()
        return data
    except TypeError as error:
        raise ValueError(
            f"The data set {text} needs the path of its files. Give the path instead of the name."
        ) from error
    except KeyError as error:
        names = " and ".join(name.lower() for name in _without_path())
        raise ValueError(
            f"{quoted(text)} is not a file, a folder or the name of a data set. Choose from {names}, or give a path."
        ) from error


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # the name is not valid
        return False


def _member(family: Family[Any], name: str) -> type[Any]:
    """Return the member of a family with a name, in upper or lower case. Raises KeyError."""
    return {member.__name__.lower(): member for member in family}[name.lower()]


def _without_path() -> list[str]:
    """Return the names of the data sets that need no path."""
    kinds: list[Any] = list(DATASETS)
    return [kind.__name__ for kind in kinds if all(field.default is not msgspec.NODEFAULT for field in declared(kind))]


def _families() -> list[Family[Any]]:
    """Return the families of which a recipe has a member."""
    return [Family.every[field.kind] for field in declared(Recipe) if field.kind in Family.every]


def recipe_from(settings: list[str], recipe: Recipe = Recipe()) -> Recipe:  # noqa: B008  (immutable)
    """Return the recipe with changed settings, such as "epochs=20", "jitter.shift=0.5" or "architecture=Mlp".

    Raises ValueError, in one sentence, for a setting that does not exist or a value that is not allowed.
    """
    for setting in settings:
        recipe = _changed(recipe, setting)
    return recipe


def _changed(recipe: Recipe, setting: str) -> Recipe:
    path, _, value = setting.partition("=")
    plain = msgspec.to_builtins(recipe, enc_hook=encode_hook)
    *parents, name = path.split(".")
    inner = plain
    for parent in parents:
        inner = inner.get(parent, {}) if isinstance(inner, dict) else {}
    if not isinstance(inner, dict) or name not in inner or name == "type":
        settings = inner if parents and isinstance(inner, dict) and set(inner) > {"type"} else plain
        names = ", ".join(key for key in settings if key != "type")
        raise ValueError(f"The recipe has no setting {quoted(path)!r}. Choose from {names}.")
    inner[name] = _value(value, inner[name])
    try:
        return msgspec.convert(plain, Recipe, dec_hook=decode_hook)
    except ValueError as error:
        why = reason(error)
        if why.startswith(BARE) and (allowed := _allowed(recipe, parents, name)):
            raise ValueError(f"The setting {quoted(setting)} is not possible. Choose {allowed}.") from error
        raise ValueError(f"The setting {quoted(setting)} is not possible: {why}.") from error


def _allowed(recipe: Recipe, parents: list[str], name: str) -> str:
    """Return the allowed values of a setting in words; "" if they are not declared."""
    part: Any = recipe
    for parent in parents:
        part = getattr(part, parent)
    kind: type[msgspec.Struct] = type(part)
    field = next(field for field in declared(kind) if field.name == name)
    if field.kind in Family.every:
        *others, last = [kind.__name__ for kind in Family.every[field.kind]]
        return f"{', '.join(others)} or {last}"
    if field.kind is bool:
        return "true or false"
    is_declared = field.kind in (int, float) or get_origin(field.kind) in (Literal, tuple)
    return field.allowed if is_declared else ""


def _value(text: str, before: Any) -> Any:
    """Return the value of a text that replaces `before`: a number or list in JSON, a part by its name, or the text."""
    if isinstance(before, str):
        return text
    if isinstance(before, dict):
        kinds = {kind.__name__.lower(): kind.__name__ for family in _families() for kind in family}
        return {"type": kinds.get(text.lower(), text)}
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text
