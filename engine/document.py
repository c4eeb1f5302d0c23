"""Documents: everything the user has chosen on one page, and the settings of single panels, kept by their type."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from engine.part import Family

S = TypeVar("S")
D = TypeVar("D", bound="Document")


ROOMS = (
    "engine.regression",
    "engine.latent.plane",
    "engine.latent.image",
    "engine.latent.training",
    "engine.latent.unboxing",
)  # the packages in which values are computed for panels


class Setting:
    """What one panel lets the user choose. Abstract: register a final `Part` where the panel's values are computed.

    Every field of a setting has a default.
    """

    __slots__ = ()


SETTINGS = Family(Setting, home=ROOMS)


class Document:
    """What the user has chosen, and nothing computed from it. Abstract: register a final `Part` below.

    `settings` holds the settings that differ from their default, in order of their names, at most one of each type.
    So two documents are equal exactly if the user chose the same, and a file holds only what differs.
    """

    __slots__ = ()

    settings: tuple[Setting, ...]

    def __getitem__(self, kind: type[S]) -> S:
        """The setting of that type: as the user chose it, or its default."""
        for part in self.settings:
            if type(part) is kind:
                return part
        return default_of(kind)

    def with_setting(self: D, part: Setting) -> D:
        """The document with this setting in place of the one of its type."""
        others = [known for known in self.settings if type(known) is not type(part)]
        return msgspec.structs.replace(self, settings=canonical((*others, part)))  # type: ignore[type-var]


DOCUMENTS = Family(Document, home=("engine.latent.document", "engine.regression.document"))


_defaults: dict[type, Any] = {}


def default_of(kind: type[S]) -> S:
    """The default of a kind of setting."""
    if kind not in _defaults:
        _defaults[kind] = kind()
    found: S = _defaults[kind]
    return found


def canonical(settings: tuple[Setting, ...]) -> tuple[Setting, ...]:
    """Return the settings that differ from their default, in order of their names. Raises ValueError for duplicates."""
    names = [type(part).__name__ for part in settings]
    if len(set(names)) < len(names):
        raise ValueError("A setting occurs twice.")
    changed = [part for part in settings if part != default_of(type(part))]
    return tuple(sorted(changed, key=lambda part: type(part).__name__))


class Probe:
    """A place under the cursor, which knows how to answer itself. Abstract."""

    __slots__ = ()

    def answer(self, document: Any) -> Any:
        """What the document says about this place; None if it says nothing."""
        raise NotImplementedError
