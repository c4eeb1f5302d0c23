"""Documents: the values that the user has chosen on one page, with the settings of single panels by their type."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from engine.part import Family

S = TypeVar("S")
D = TypeVar("D", bound="Document")


ROOMS = (  # the packages in which values are computed for panels
    "engine.regression",
    "engine.latent.plane",
    "engine.latent.image",
    "engine.latent.training",
    "engine.latent.unboxing",
)


class Setting:
    """The choices that one panel offers. Abstract: register a final `Part` beside the values of the panel.

    Every field of a setting has a default.
    """

    __slots__ = ()


SETTINGS = Family(Setting, home=ROOMS)


class Document:
    """The user's choices on one page, without computed values. Abstract: register a final `Part` below.

    `settings` holds the settings that differ from their default, in order of their names, at most one of each type.
    So two documents are equal exactly if all choices are equal, and a file holds only values that are not defaults.
    """

    __slots__ = ()

    settings: tuple[Setting, ...]

    def __getitem__(self, kind: type[S]) -> S:
        """The setting of type `kind`: the user's choice, or the default."""
        for setting in self.settings:
            if type(setting) is kind:
                return setting
        return default_of(kind)

    def with_setting(self: D, setting: Setting) -> D:
        """With `setting` in place of the setting of the same type."""
        others = [other for other in self.settings if type(other) is not type(setting)]
        return msgspec.structs.replace(self, settings=canonical((*others, setting)))  # type: ignore[type-var]


DOCUMENTS = Family(Document, home=("engine.latent.document", "engine.regression.document"))


_defaults: dict[type, Any] = {}


def default_of(kind: type[S]) -> S:
    """The setting of type `kind` with all its defaults, always the same object."""
    if kind not in _defaults:
        _defaults[kind] = kind()
    default: S = _defaults[kind]
    return default


def canonical(settings: tuple[Setting, ...]) -> tuple[Setting, ...]:
    """The settings that differ from their default, in order of their names.

    Raises ValueError if two settings have the same type.
    """
    names = [type(setting).__name__ for setting in settings]
    if len(set(names)) < len(names):
        raise ValueError("The settings contain two of the same type.")
    changed = [setting for setting in settings if setting != default_of(type(setting))]
    return tuple(sorted(changed, key=lambda setting: type(setting).__name__))


class Probe:
    """A position under the cursor that computes its own answer from a document. Abstract."""

    __slots__ = ()

    def answer(self, document: Any) -> Any:
        """The values at this position for `document`; None if there are no such values."""
        raise NotImplementedError
