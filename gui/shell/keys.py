"""Keys of commands: the user's own keys, the text of a key, the table of all keys, and conflicts between keys."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from html import escape

from PySide6.QtGui import QKeySequence

from gui.page.commands import Command, Owned

POINTER = (
    ("Move", "show the values under the cursor in the status bar and in the linked plots"),
    ("Click", "add an observation in data space; add a pin in weight space and on the latent plane"),
    ("Drag a point", "move the point"),
    ("Right-click a point", "remove the point"),
    ("Right-click elsewhere", "open the menu of the panel"),
    ("Drag on the observed image", "reveal pixels, one stroke at a time; right-click removes the latest stroke"),
    ("Drag, wheel", "move the plane; zoom about the cursor"),
    ("Arrow keys, Shift+arrow keys", "move the cursor by ten pixels; by one pixel"),
    ("Ctrl+arrow keys", "move the plane"),
    ("N, Shift+N", "move the cursor to the next or the previous point that can be moved"),
    (
        "Enter",
        "click at the cursor; on a point: take it, move it by the arrow keys, and drop it by Enter (Esc: cancel)",
    ),
    ("Delete", "remove the point at the cursor"),
    ("Menu, Shift+F10", "open the menu of the panel"),
    ("Space, Shift+Space", "step forward; step back (where no control uses Space)"),
    ("Home, +, −", "fit; zoom in; zoom out"),
    ("Esc", "leave full screen; close a menu or the command palette"),
    ("Drop a file", "open a session, a model, a table, an image, or a file or folder of training images"),
)


_own: dict[str, str] = {}  # the user's own keys, by the name of the command


def name_of(command: Command) -> str:
    """The name under which the key of a command is saved."""
    return f"{command.menu}/{command.text}"


def own() -> dict[str, str]:
    """The user's own keys, by the names of the commands."""
    return dict(_own)


def use(chosen: Mapping[str, str]) -> None:
    """Replace the default keys of the named commands by the user's own; an empty text is no key."""
    global _own
    _own = dict(chosen)


def written(chosen: Mapping[str, str]) -> str:
    """Keys as the text of the settings."""
    return json.dumps(dict(chosen), ensure_ascii=False)


def read(text: str) -> dict[str, str]:
    """The keys in a text of the settings; none if the text is damaged."""
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    pairs = found.items() if isinstance(found, dict) else ()
    return {name: key for name, key in pairs if isinstance(key, str) and (not key or _is_usable(key))}


def _is_usable(key: str) -> bool:
    sequence = QKeySequence(key)
    return sequence.count() == 1 and "Ctrl+Alt" not in sequence.toString()


def conflicts_of(command: Command, commands: Iterable[Owned]) -> list[str]:
    """One sentence for each reason why the keys of a command cannot be used."""
    everything = tuple(commands)
    mine = {keys.toString() for keys in keys_of(command)}
    pages = {owned.page for owned in everything if owned.command is command}
    found = [f"{key} is hard to type. Choose one key, with or without Ctrl, Alt or Shift." for key in sorted(mine)
             if not _is_usable(key)]  # fmt: skip
    for owned in everything:
        together = not owned.page or owned.page in pages or "" in pages
        if owned.command is not command and together:
            shared = mine & {keys.toString() for keys in keys_of(owned.command)}
            found += [f"{key} is the key of {owned.command.text}. Choose another key, or change that one first."
                      for key in sorted(shared)]  # fmt: skip
    return found


def keys_of(command: Command) -> list[QKeySequence]:
    """The key sequences of a command. A standard key has all key sequences of the platform."""
    if (key := _own.get(name_of(command))) is not None:
        return [QKeySequence(key)] if key else []
    if isinstance(command.keys, QKeySequence.StandardKey):
        return QKeySequence.keyBindings(command.keys)
    return QKeySequence.listFromString(command.keys) if command.keys else []


def key_text(command: Command) -> str:
    """The keys of a command as text for the user. A standard key is shown by its first key sequence."""
    sequences = keys_of(command)
    shown = sequences[:1] if isinstance(command.keys, QKeySequence.StandardKey) else sequences
    return ", ".join(keys.toString(QKeySequence.SequenceFormat.NativeText) for keys in shown)


def clashes(commands: Iterable[Owned]) -> list[str]:
    """One sentence for each key that belongs to several commands of the window or of one page."""
    everything = tuple(commands)
    pages = {owned.page for owned in everything}
    sentences: dict[str, None] = {}
    for page in sorted(pages):
        texts_by_key: dict[str, list[str]] = defaultdict(list)
        for owned in everything:
            if owned.page in ("", page):
                for keys in keys_of(owned.command):
                    texts_by_key[keys.toString()].append(owned.command.text)
        sentences |= {
            f"{keys} is the key of {' and '.join(texts)}.": None for keys, texts in texts_by_key.items() if texts[1:]
        }
    return list(sentences)


def unusable(commands: Iterable[Owned]) -> list[str]:
    """One sentence for each key with several strokes or with Ctrl+Alt, which is AltGr on some keyboards."""
    return [
        f"{keys.toString()}, the key of {owned.command.text}, is hard to type."
        for owned in commands
        for keys in keys_of(owned.command)
        if keys.count() > 1 or "Ctrl+Alt" in keys.toString()
    ]


def keys_text(
    sections: Iterable[tuple[str, Iterable[Owned]]], others: Iterable[tuple[str, Iterable[tuple[str, str]]]] = ()
) -> str:
    """The table of keys as HTML: mouse and keys in plots, then one table for each section (title, commands).

    `others` are tables of a title and rows (keys, text).
    """
    tables = [_table("In every plot", POINTER)]
    for title, commands in sections:
        rows = [(key_text(owned.command), owned.command.text) for owned in commands if key_text(owned.command)]
        if rows:
            tables.append(_table(title, rows))
    tables += [_table(title, rows) for title, rows in others]
    return "".join(tables)


def _table(title: str, rows: Iterable[tuple[str, str]]) -> str:
    cells = "".join(f"<tr><td width=36%><b>{escape(keys)}</b></td><td>{escape(text)}</td></tr>" for keys, text in rows)
    return f"<h3>{escape(title)}</h3><table cellspacing=4 width=100%>{cells}</table>"
