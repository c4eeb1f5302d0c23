"""Parts: the declared, frozen, self-checking values of which documents are made, and the families they come in."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib import import_module
from pkgutil import iter_modules
from typing import Annotated, Any, Generic, Literal, TypeVar, get_args, get_origin, get_type_hints, overload

import msgspec

P = TypeVar("P")
LAST = 1000  # the order of a member that gives none


class Part(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True):
    """A value the user chooses. Its annotations are its validation, its editor, its tooltip and its file format.

    Numbers carry `Annotated[float, msgspec.Meta(ge=…, le=…, title=…, description=…)]`. A part that breaks one of
    its own bounds cannot be made: the constructor, `replace` and the decoder all raise ValueError.
    """

    def __post_init__(self) -> None:
        for field in declared(type(self)):
            field.check(getattr(self, field.name))


class Field(msgspec.Struct, frozen=True):
    """One declared field of a part: what it is called, what it may hold, what it is for."""

    name: str
    kind: Any
    meta: msgspec.Meta | None
    default: Any

    @property
    def title(self) -> str:
        """What the user reads beside the editor."""
        return (self.meta and self.meta.title) or self.name.replace("_", " ").capitalize()

    @property
    def description(self) -> str:
        """The tooltip: one sentence."""
        return (self.meta and self.meta.description) or ""

    @property
    def extra(self) -> dict[str, Any]:
        """Hints for the editor, such as {"scale": "log"}."""
        return (self.meta and self.meta.extra) or {}

    @property
    def allowed(self) -> str:
        """The allowed values in words: 'a number from 1e-09 to 1e+09'."""
        if get_origin(self.kind) is Literal:
            *others, last = map(str, get_args(self.kind))
            return f"{', '.join(others)} or {last}"
        if self.meta is None:
            return "another value"
        if get_origin(self.kind) is tuple and self.meta.max_length is not None:
            return self._several(self.meta)
        low = next((v for v in (self.meta.ge, self.meta.gt) if v is not None), None)
        high = next((v for v in (self.meta.le, self.meta.lt) if v is not None), None)
        noun = "a whole number" if self.kind is int else "a number"
        if low is None or high is None:
            return noun
        above = f"above {low:g}, at most {high:g}" if self.meta.gt is not None else f"from {low:g} to {high:g}"
        return f"{noun} {above}"

    def _several(self, meta: msgspec.Meta) -> str:
        each = _field(self.name, get_args(self.kind)[0], None).allowed
        noun = each.replace("a whole number", "whole numbers").replace("a number", "numbers")
        return f"{meta.min_length or 0} to {meta.max_length} {noun}"

    def check(self, value: Any) -> None:
        """Raise ValueError, in one sentence, if this field may not hold `value`."""
        if self.meta is None and self.kind not in (int, float, bool, str) and get_origin(self.kind) is None:
            return
        try:
            msgspec.convert(value, Annotated[self.kind, self.meta] if self.meta else self.kind)
        except msgspec.ValidationError:
            raise ValueError(f"{self.title} must be {self.allowed}, not {_shown(value)}.") from None


@cache
def declared(part: type[msgspec.Struct]) -> tuple[Field, ...]:
    """The fields of a part, in order."""
    hints = get_type_hints(part, include_extras=True)
    return tuple(_field(info.name, hints[info.name], info.default) for info in msgspec.structs.fields(part))


def _field(name: str, hint: Any, default: Any) -> Field:
    if get_origin(hint) is Annotated:
        kind, *rest = get_args(hint)
        return Field(name, kind, next((m for m in rest if isinstance(m, msgspec.Meta)), None), default)
    return Field(name, hint, None, default)


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return "not-a-number" if math.isnan(value) else f"{value:g}"
    return repr(value)[:40]


class Family(Generic[P]):
    """Interchangeable parts under one base class: each is a class in a module of the family's home.

    A home is the dotted name of a package or of a module, or several of both. Every module of a package is part of the
    home, so that a new member is one new file. The modules are imported when the members are needed for the first time,
    not when the family is made; they must import neither torch nor scipy, because forms show the members at the start.
    A folder that is appended to the `__path__` of a package later belongs to the home as well.
    """

    every: dict[type, Family[Any]] = {}

    def __init__(self, base: type[P], home: str | tuple[str, ...]) -> None:
        self.base = base
        self.homes = (home,) if isinstance(home, str) else home
        self.members: dict[str, type[P]] = {}  # the registered ones, by class name
        self._orders: dict[type, int] = {}
        self._imported: set[tuple[str, str]] = set()  # homes and their folders
        Family.every[base] = self

    @overload
    def register(self, member: type[P]) -> type[P]: ...

    @overload
    def register(self, *, order: int) -> Callable[[type[P]], type[P]]: ...

    def register(self, member: type[P] | None = None, *, order: int = LAST) -> Any:
        """Class decorator: add `member` to the family, under its class name. Menus list low orders first.

        Raises ValueError if another class has been registered under the same name. A class of a module that is loaded
        again replaces its former version.
        """
        if member is None:
            return partial(self.register, order=order)
        other = self.members.get(member.__name__)
        if other is not None and (other.__module__, other.__qualname__) != (member.__module__, member.__qualname__):
            raise ValueError(
                f"{member.__module__}.{member.__qualname__} cannot be registered: the family of {self.base.__name__} "
                f"has the member {other.__module__}.{other.__qualname__} under the same name."
            )
        self.members[member.__name__] = member
        self._orders[member] = order
        return member

    def __iter__(self) -> Iterator[type[P]]:
        """All members: by order, then those in the module of the base, then by module."""
        self._import()
        return iter(sorted(self.members.values(), key=self._place))

    def decode(self, plain: Any) -> P:
        """The member that `plain` (a dict with its "type") describes. Raises ValidationError.

        The homes are imported only if the type is not known yet.
        """
        name = plain.get("type") if isinstance(plain, dict) else None
        if name not in self.members:
            self._import()
        if name not in self.members:
            raise msgspec.ValidationError(f"Invalid value {name!r} - at `$.type`")
        found: P = msgspec.convert(plain, self.members[name], dec_hook=decode_hook)
        return found

    def _place(self, member: type[P]) -> tuple[int, bool, str]:
        module = member.__module__
        return self._orders.get(member, LAST), module != self.base.__module__, module

    def _import(self) -> None:
        """Import the modules of the homes, apart from the folders whose modules have been imported before."""
        for home in self.homes:
            for folder in getattr(import_module(home), "__path__", ()):
                if (home, folder) not in self._imported:
                    for module in iter_modules([folder]):
                        import_module(f"{home}.{module.name}")
                    self._imported.add((home, folder))


def decode_hook(kind: type, plain: Any) -> Any:
    """What msgspec calls for types it does not know: families, and types with their own `from_plain`."""
    if kind in Family.every:
        return Family.every[kind].decode(plain)
    return kind.from_plain(plain)  # type: ignore[attr-defined]


def encode_hook(value: Any) -> Any:
    """The counterpart of `decode_hook` for types with their own `to_plain`."""
    return value.to_plain()


def title_of(part: type) -> str:
    """The name of a part for people: the first words of its docstring, up to the colon or full stop."""
    first = (part.__doc__ or part.__name__).strip().splitlines()[0]
    return first.split(":")[0].split(".")[0].strip()


def meaning_of(part: type) -> str:
    """What a part is, for people: the rest of the first line of its docstring, as a sentence."""
    first = (part.__doc__ or "").strip().splitlines()[0]
    rest = first.partition(":")[2].strip()
    return rest[:1].upper() + rest[1:]
