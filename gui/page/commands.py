"""Commands: named actions of the user, declared by the panel, controller or window that runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtGui import QKeySequence

from engine.part import Family, meaning_of, title_of

Key = QKeySequence.StandardKey


@dataclass(frozen=True, eq=False)
class Command:
    """A named action: one entry of a menu, of the palette and of the table of keys.

    Either `edit` is a function from the present document to a new one, or `run` is a function of the owner: the panel,
    the controller, or the window. Both may raise ValueError with one sentence, the reason for the refusal.
    """

    text: str
    menu: str  # such as "Observe", or "View/Overlay" for a submenu
    edit: Callable[[Any], Any] | None = None
    run: Callable[[Any], None] | None = None
    keys: str | QKeySequence.StandardKey = ""  # several keys are separated by "; "
    tip: str = ""
    icon: str = ""  # a command with an icon is on the tool bar
    line: bool = False  # whether a separator is above the entry
    brings: bool = True  # whether the panel that owns the command comes to the front
    # The argument of these two is the document for a command of a page, and the owner for a command of the window.
    checked: Callable[[Any], bool] | None = None  # whether the entry is ticked
    unavailable: Callable[[Any], str] | None = None  # the reason why the command is unavailable, or ""
    while_running: tuple[str, str] = ("", "")  # text and icon while the process that the command has started runs

    def __post_init__(self) -> None:
        if (self.edit is None) == (self.run is None):
            raise ValueError(f"The command “{self.text}” needs either edit or run.")

    def why_not(self, document: Any) -> str:
        """The reason why the command is unavailable; empty if it is available."""
        return self.unavailable(document) if self.unavailable and document is not None else ""


@dataclass(frozen=True, eq=False)
class Owned:
    """A command and its owner: a panel class, a controller, or an object of the window. `page` is "" for the window."""

    command: Command
    owner: Any
    page: str = ""
    where: str = ""  # the owner's title, for the palette


def choices(
    family: Family[Any],
    menu: str,
    edit: Callable[[Any, Any], Any],
    *,
    chosen: Callable[[Any], Any] | None = None,
    unavailable: Callable[[Any, Any], str] | None = None,
) -> Iterator[Command]:
    """One command for each member of a family. The command returns `edit(document, member())`.

    `chosen(document)` is the present value, whose class is ticked. `unavailable(document, member)` is the reason why
    the member cannot be chosen with this document, or "".
    """
    for member in family:
        yield Command(
            title_of(member),
            menu,
            edit=_choose(edit, member),
            tip=meaning_of(member),
            checked=_is_chosen(chosen, member) if chosen else None,
            unavailable=_why_not(unavailable, member) if unavailable else None,
        )


def _choose(edit: Callable[[Any, Any], Any], member: type) -> Callable[[Any], Any]:
    return lambda document: edit(document, member())


def _is_chosen(chosen: Callable[[Any], Any], member: type) -> Callable[[Any], bool]:
    return lambda document: type(chosen(document)) is member


def _why_not(unavailable: Callable[[Any, Any], str], member: type) -> Callable[[Any], str]:
    return lambda document: unavailable(document, member)


def with_line(commands: Iterable[Command]) -> tuple[Command, ...]:
    """Return the commands with a separator above the first."""
    first, *others = commands
    return replace(first, line=True), *others
