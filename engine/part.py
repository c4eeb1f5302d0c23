"""Parts: frozen values with declared fields, of which documents consist, and families of interchangeable parts.

A part validates itself in `__post_init__`, so a document cannot contain a value outside its range, whatever the
source of the value. Forms read the same declaration and show the allowed range at the field.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib import import_module
from pkgutil import iter_modules
from typing import Annotated, Any, Generic, Literal, TypeVar, get_args, get_origin, get_type_hints, overload

import msgspec

P = TypeVar("P")
LAST = 1000  # the order of a member without an explicit order
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Part(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True):
    """A value that the user chooses. Its annotations declare validation, editor, tooltip and file format.

    Numbers carry `Annotated[float, msgspec.Meta(ge=…, le=…, title=…, description=…)]`. The constructor, `replace` and
    the decoder raise ValueError for a value outside its bounds.
    """

    def __post_init__(self) -> None:
        for field in declared(type(self)):
            field.check(getattr(self, field.name))


class Field(msgspec.Struct, frozen=True):
    """One declared field of a part: its name, its type, its bounds and words, its default."""

    name: str
    kind: Any
    meta: msgspec.Meta | None
    default: Any
    rule: Any  # the type with its bounds; None if the values check themselves

    @property
    def title(self) -> str:
        """The label of the editor."""
        return (self.meta and self.meta.title) or self.name.replace("_", " ").capitalize()

    @property
    def description(self) -> str:
        """The tooltip of the editor, one sentence; empty if none is declared."""
        return (self.meta and self.meta.description) or ""

    @property
    def extra(self) -> dict[str, Any]:
        """Hints for the editor, for example {"scale": "log"}."""
        return (self.meta and self.meta.extra) or {}

    @property
    def allowed(self) -> str:
        """The allowed values in words, for example “a number from 10⁻⁹ to 10⁹”."""
        if get_origin(self.kind) is Literal:
            *others, last = map(str, get_args(self.kind))
            return f"{', '.join(others)} or {last}"
        if self.meta is None:
            return "another value"
        if get_origin(self.kind) is tuple and self.meta.max_length is not None:
            return self._several(self.meta)
        lower = next((v for v in (self.meta.ge, self.meta.gt) if v is not None), None)
        upper = next((v for v in (self.meta.le, self.meta.lt) if v is not None), None)
        noun = "a whole number" if self.kind is int else "a number"
        if lower is None or upper is None:
            return noun
        low, high = (number_text(self.kind(bound)) for bound in (lower, upper))
        return f"{noun} above {low}, at most {high}" if self.meta.gt is not None else f"{noun} from {low} to {high}"

    def _several(self, meta: msgspec.Meta) -> str:
        each = _field(self.name, get_args(self.kind)[0], None).allowed
        noun = each.replace("a whole number", "whole numbers").replace("a number", "numbers")
        return f"{meta.min_length or 0} to {meta.max_length} {noun}"

    def check(self, value: Any) -> None:
        """Raise ValueError, in one sentence, if `value` is not allowed in this field."""
        if self.rule is None:
            return
        try:
            msgspec.convert(value, self.rule)
        except msgspec.ValidationError:
            raise ValueError(f"{self.title} must be {self.allowed}, not {_shown(value)}.") from None


@cache
def declared(part: type[msgspec.Struct]) -> tuple[Field, ...]:
    """The fields of a part, in the order of their declaration."""
    hints = get_type_hints(part, include_extras=True)
    return tuple(_field(info.name, hints[info.name], info.default) for info in msgspec.structs.fields(part))


def _field(name: str, hint: Any, default: Any) -> Field:
    kind, *rest = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    meta = next((each for each in rest if isinstance(each, msgspec.Meta)), None)
    rule = kind if kind in (int, float, bool, str) or get_origin(kind) is not None else None
    return Field(name, kind, meta, default, Annotated[kind, meta] if meta else rule)


def _shown(value: Any) -> str:
    """A refused value as text, at most 40 characters."""
    if isinstance(value, float):
        return "not-a-number" if math.isnan(value) else number_text(value)
    return repr(value)[:40]


def number_text(value: float) -> str:
    """A number as text: an int with all digits, 2,147,483,647; a float with six, −0.5, 10⁻⁹ or 2·10¹⁵⁰."""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    if isinstance(value, int) and abs(value) >= 10_000:
        text = f"{value:,}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        power = f"10{str(int(exponent)).translate(_SUPERSCRIPTS)}"
        text = {"1": power, "-1": f"-{power}"}.get(mantissa, f"{mantissa}·{power}")
    return text.replace("-", "−")


class Family(Generic[P]):
    """Interchangeable parts under one base class. Each member is a class in a module of the family's home.

    The home is the dotted name of a package or module, or several such names. Every module of a package belongs to the
    home, so a new member is one new file. The modules are imported when the members are needed for the first time, not
    when the family is created. They must not import torch or scipy, because forms list the members at the start.
    A folder that is appended to the `__path__` of a package later also belongs to the home.
    """

    every: dict[type, Family[Any]] = {}

    def __init__(self, base: type[P], home: str | tuple[str, ...]) -> None:
        self.base = base
        self.homes = (home,) if isinstance(home, str) else home
        self.members: dict[str, type[P]] = {}  # the registered members, by class name
        self._orders: dict[type, int] = {}
        self._imported: set[tuple[str, str]] = set()  # (home, folder) pairs
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
        """All members: by order, then members in the module of the base class first, then by module name."""
        self._import()
        return iter(sorted(self.members.values(), key=self._place))

    def decode(self, plain: Any) -> P:
        """Return the member that `plain`, a dict with the key "type", describes. Raises msgspec.ValidationError.

        The homes are imported only if the type is not registered yet.
        """
        name = plain.get("type") if isinstance(plain, dict) else None
        if name not in self.members:
            self._import()
        if name not in self.members:
            raise msgspec.ValidationError(f"Invalid value {name!r} - at `$.type`")
        member: P = msgspec.convert(plain, self.members[name], dec_hook=decode_hook)
        return member

    def _place(self, member: type[P]) -> tuple[int, bool, str]:
        module = member.__module__
        return self._orders.get(member, LAST), module != self.base.__module__, module

    def _import(self) -> None:
        """Import the modules of all homes, except from folders whose modules have been imported before."""
        for home in self.homes:
            for folder in getattr(import_module(home), "__path__", ()):
                if (home, folder) not in self._imported:
                    for module in iter_modules([folder]):
                        import_module(f"{home}.{module.name}")
                    self._imported.add((home, folder))


def decode_hook(kind: type, plain: Any) -> Any:
    """Decode a member of a family, or a type with its own `from_plain`; msgspec calls this for unknown types."""
    if kind in Family.every:
        return Family.every[kind].decode(plain)
    return kind.from_plain(plain)  # type: ignore[attr-defined]


def encode_hook(value: Any) -> Any:
    """Encode a type with its own `to_plain`, as the counterpart of `decode_hook`."""
    return value.to_plain()


def title_of(part: type) -> str:
    """The name of a part for the user: the first words of its docstring, up to the colon or full stop."""
    first = (part.__doc__ or part.__name__).strip().splitlines()[0]
    return first.split(":")[0].split(".")[0].strip()


def meaning_of(part: type) -> str:
    """The meaning of a part for the user: the first line of its docstring after the colon, as a sentence."""
    first = (part.__doc__ or "").strip().splitlines()[0]
    rest = first.partition(":")[2].strip()
    return rest[:1].upper() + rest[1:]
