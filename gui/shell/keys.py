"""Keys: those of a command, the table of all keys, and the search for keys that are declared twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from html import escape

from PySide6.QtGui import QKeySequence

from gui.page.commands import Command, Owned

POINTER = (
    ("Move", "values under the cursor, in numbers below and in the linked plots"),
    ("Click", "observe in data space; pin in weight space and on the latent plane"),
    ("Drag a point", "move it"),
    ("Right-click a point", "remove it"),
    ("Right-click elsewhere", "the panel's menu"),
    ("Drag on the observed image", "reveal pixels, stroke by stroke; right-click removes the latest stroke"),
    ("Drag, wheel", "move the plane, zoom about the cursor"),
    ("Arrow keys, Shift+arrow keys", "move the cursor by ten pixels, by one"),
    ("Enter, Delete", "click at the cursor, remove the point there"),
    ("Space, Shift+Space", "one observation more, one fewer (where no control uses Space)"),
    ("Home, +, −", "fit, zoom in, zoom out"),
    ("Esc", "leave full screen; close a menu or the list of commands"),
    ("Drop a file", "a session, a model, a table, an image to select, images to train on; a folder as well"),
)


def keys_of(command: Command) -> list[QKeySequence]:
    """The key sequences of a command: all of the platform's for a standard key."""
    if isinstance(command.keys, QKeySequence.StandardKey):
        return QKeySequence.keyBindings(command.keys)
    return QKeySequence.listFromString(command.keys) if command.keys else []


def key_text(command: Command) -> str:
    """The keys of a command as the user reads them; of a standard key only the usual one."""
    found = keys_of(command)
    shown = found[:1] if isinstance(command.keys, QKeySequence.StandardKey) else found
    return ", ".join(keys.toString(QKeySequence.SequenceFormat.NativeText) for keys in shown)


def clashes(commands: Iterable[Owned]) -> list[str]:
    """One sentence for each key that several commands of the window, or of one page, have."""
    everything = tuple(commands)
    pages = {owned.page for owned in everything}
    found: dict[str, None] = {}
    for page in sorted(pages):
        known: dict[str, list[str]] = defaultdict(list)
        for owned in everything:
            if owned.page in ("", page):
                for keys in keys_of(owned.command):
                    known[keys.toString()].append(owned.command.text)
        found |= {f"{keys} is the key of {' and '.join(texts)}.": None for keys, texts in known.items() if texts[1:]}
    return list(found)


def unusable(commands: Iterable[Owned]) -> list[str]:
    """One sentence for each key that cannot be typed everywhere: several strokes, or Ctrl+Alt, which is AltGr."""
    return [
        f"{keys.toString()}, the key of {owned.command.text}, is hard to type."
        for owned in commands
        for keys in keys_of(owned.command)
        if keys.count() > 1 or "Ctrl+Alt" in keys.toString()
    ]


def keys_text(parts: Iterable[tuple[str, Iterable[Owned]]]) -> str:
    """The table of keys as HTML: the mouse and keys in plots, then each part, a title and its commands."""
    found = [_table("In every plot", POINTER)]
    for title, commands in parts:
        rows = [(key_text(owned.command), owned.command.text) for owned in commands if owned.command.keys]
        if rows:
            found.append(_table(title, rows))
    return "".join(found)


def _table(title: str, rows: Iterable[tuple[str, str]]) -> str:
    cells = "".join(f"<tr><td width=36%><b>{escape(what)}</b></td><td>{escape(does)}</td></tr>" for what, does in rows)
    return f"<h3>{escape(title)}</h3><table cellspacing=4 width=100%>{cells}</table>"
