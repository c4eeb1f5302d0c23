"""Commands: what the user can do by name, declared by the panel, controller or window that carries it out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtGui import QKeySequence

from engine.part import Family, meaning_of, title_of

Key = QKeySequence.StandardKey


@dataclass(frozen=True, eq=False)
class Command:
    """One entry of a menu, of the palette and of the table of keys.

    Either `edit` makes another document of the present one, or `run` is a function of the owner: the panel, the
    controller, or the window. Both may raise ValueError with one sentence that says why not.
    """

    text: str
    menu: str  # such as "Observe", or "View/Overlay" for a submenu
    edit: Callable[[Any], Any] | None = None
    run: Callable[[Any], None] | None = None
    keys: str | QKeySequence.StandardKey = ""  # several are separated by "; "
    tip: str = ""
    icon: str = ""  # with an icon it stands on the tool bar
    line: bool = False  # a separator above
    brings: bool = True  # the panel that owns it comes to the front
    # Of a page's command these two receive the document, of a command of the window its owner.
    checked: Callable[[Any], bool] | None = None  # whether it is switched on
    unavailable: Callable[[Any], str] | None = None  # the reason why it cannot be done now, or ""
    while_running: tuple[str, str] = ("", "")  # text and icon while what it has started is under way

    def __post_init__(self) -> None:
        if (self.edit is None) == (self.run is None):
            raise ValueError(f"The command “{self.text}” needs either edit or run.")

    def why_not(self, document: Any) -> str:
        """The reason why it cannot be done now; empty if it can."""
        return self.unavailable(document) if self.unavailable and document is not None else ""


@dataclass(frozen=True, eq=False)
class Owned:
    """A command and its owner: a class of panel, a controller, or the window. `page` is the page it belongs to."""

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
    """One command for each member of a family: `edit(document, member())` is what it does.

    `chosen(document)` is the member that the document has now, for the tick. `unavailable(document, member)` is the
    reason why the member cannot be chosen with this document, or "".
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
    """The commands, with a separator above the first."""
    first, *others = commands
    return replace(first, line=True), *others
