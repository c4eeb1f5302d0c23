"""The pages of the user guide, made from the panels' own sentences, formulas, commands and pictures."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from msgspec.structs import replace
from PySide6.QtWidgets import QApplication, QWidget

from engine.document import Document
from engine.glossary import terms
from engine.latent.document import Latent
from engine.latent.plane.walk import WalkSettings
from engine.lecture.files import read
from engine.resources import RESOURCES
from gui.lecture.commands import KEYS
from gui.page.commands import Owned
from gui.page.panel import Panel
from gui.page.store import Edit
from gui.pages import TITLES
from gui.shell import theme
from gui.shell.help.getting_started import STEPS
from gui.shell.keys import POINTER, key_text
from gui.shell.settings import Settings
from gui.widgets.mathtext import svg
from gui.window import Window

SIZE = 1280, 800  # pixels of the window
PATIENCE = 600.0  # seconds until a panel must have drawn its values, on a busy computer
PINS = ((0.2, -0.5), (0.5, 0.3))
FORMULA = 17.0  # pixels, the font size of formulas
LECTURE = RESOURCES / "lecture" / "lecture.bayescape-lecture.json"
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|$~])")  # characters with a meaning in Markdown


def write(folder: Path) -> None:
    """Write all pages and pictures as Markdown for Sphinx."""
    app = QApplication.instance() or QApplication([])
    theme.apply("light", 1.0)
    pictures = folder / "pictures"
    pictures.mkdir()
    with tempfile.TemporaryDirectory() as own:
        window = Window(Settings(Path(own)), "regression", "light")
        window.resize(*SIZE)
        window.show()
        described: set[type[Panel]] = set()
        for tab, title in TITLES.items():
            window.stack.bring(tab)
            window.stack.commit(Edit("Example", _example(window.page.store.document)))
            settle(window)
            window.grab().save(str(pictures / f"{tab}.png"))
            (folder / f"{tab}.md").write_text(_page(window, tab, title, folder, described), encoding="utf-8")
        (folder / "keys.md").write_text(_keys(window), encoding="utf-8")
        (folder / "getting-started.md").write_text(_getting_started(), encoding="utf-8")
        (folder / "glossary.md").write_text(_glossary(), encoding="utf-8")
        (folder / "lecture.md").write_text(_lecture(pictures), encoding="utf-8")
        window.close()
        app.processEvents()


def settle(window: Window) -> None:
    """Wait until the page in front has drawn all that it computes. Raises TimeoutError after PATIENCE seconds."""
    app, end, quiet = QApplication.instance(), time.monotonic() + PATIENCE, 0
    assert app is not None
    while quiet < 20:
        app.processEvents()
        time.sleep(0.005)
        quiet = quiet + 1 if window.page.idle else 0
        if time.monotonic() > end:
            raise TimeoutError(f"The page {window.page.view.title} still computes.")


def _example(document: Document) -> Document:
    """A document for which fewer panels are empty: with pins, and a walk over the latent plane."""
    if isinstance(document, Latent):
        walk = WalkSettings(waypoints=((-1.0, 0.5), (1.0, 0.5)), frames=6)
        return replace(document.with_setting(walk), pins=PINS)
    return replace(document, pins=PINS)


def _page(window: Window, tab: str, title: str, folder: Path, described: set[type[Panel]]) -> str:
    """The page of a tab: a picture of the window, and a page for each panel that no earlier tab has."""
    view, names = window.page.view, []
    for kind in view.kinds:
        if kind.place_in(view.arrangement) is None or kind in described:
            continue
        described.add(kind)
        panel = view.bring(kind)
        settle(window)
        name = f"{tab}-{_slug(kind.title)}"
        frame = panel.parentWidget()
        (frame if isinstance(frame, QWidget) else panel).grab().save(str(folder / "pictures" / f"{name}.png"))
        commands = [owned for owned in view.commands if owned.owner is kind]
        (folder / f"{name}.md").write_text(_panel(kind, name, folder / "pictures", commands), encoding="utf-8")
        names.append(name)
    contents = "\n".join(["```{toctree}", ":maxdepth: 1", "", *names, "```"])
    return "\n\n".join([f"# {plain(title)}", _image(f"pictures/{tab}.png", f"The page {title}"), contents]) + "\n"


def _panel(kind: type[Panel], name: str, pictures: Path, commands: Iterable[Owned]) -> str:
    """The page of a panel: its sentence, its formula, its picture and its commands."""
    parts = [f"# {plain(kind.title)}", plain(kind.sentence)]
    if kind.equation:
        parts.append(_formula(kind.equation, name, pictures))
    parts.append(_image(f"pictures/{name}.png", f"The panel {kind.title}"))
    rows = [(o.command.text, o.command.tip, key_text(o.command)) for o in commands if not _is_one_of_many(o)]
    if rows:
        parts.append(_table(("Command", "What it does", "Keys"), rows))
    return "\n\n".join(parts) + "\n"


def _is_one_of_many(owned: Owned) -> bool:
    """Whether a command chooses one entry of a submenu, such as an overlay. The panel's choices show those."""
    return "/" in owned.command.menu and not owned.command.tip


def _getting_started() -> str:
    parts = ["# Getting started"]
    for title, text, button, _ in STEPS:
        parts += [f"## {plain(title)}", plain(text), f"Help ▸ Getting started has a button for it: *{plain(button)}*."]
    return "\n\n".join(parts) + "\n"


def _keys(window: Window) -> str:
    commands = window.menus.commands
    sections = [("In the window", [owned for owned in commands if not owned.page])]
    for name, page in window.stack.pages.items():
        sections.append((f"On the page {page.view.title}", [owned for owned in commands if owned.page == name]))
    head = ("Keys", "What they do")
    parts = ["# Mouse and keys", "## In every plot", _table(head, POINTER)]
    for title, owned in sections:
        rows = [(key_text(each.command), each.command.text) for each in owned if key_text(each.command)]
        parts += [f"## {title}", _table(head, rows)]
    parts += ["## While a lecture runs", _table(head, [(key.keys.replace("; ", ", "), key.text) for key in KEYS])]
    return "\n\n".join(parts) + "\n"


def _glossary() -> str:
    parts = ["# Glossary"]
    for section, entries in groupby(terms(), lambda term: term.section):
        parts += [f"## {plain(section)}", _table(("Term", "Meaning"), [(each.term, each.meaning) for each in entries])]
    return "\n\n".join(parts) + "\n"


def _lecture(pictures: Path) -> str:
    lecture = read(LECTURE)
    parts = ["# The lecture", "The menu Lecture plays these steps in the window. Each can be changed and put back."]
    section = ""
    for number, step in enumerate(lecture.steps, 1):
        if step.section and step.section != section:
            section = step.section
            parts.append(f"## {plain(section)}")
        parts += [f"### {number}. {plain(step.title)}", _with_formulas(step.text, f"step-{number}", pictures)]
        if step.equation:
            parts.append(_formula(step.equation, f"step-{number}", pictures))
        if step.try_:
            parts.append(f"*Try:* {_with_formulas(step.try_, f'try-{number}', pictures)}")
        if step.question is not None:
            parts.append(f"*Question:* {_with_formulas(step.question.ask, f'question-{number}', pictures)}")
        if step.needs.missing:
            parts.append(f"*Not in this version:* {plain(step.needs.missing)}")
    return "\n\n".join(parts) + "\n"


def _with_formulas(text: str, name: str, pictures: Path) -> str:
    """Text with `$…$` as Markdown with pictures of the formulas."""
    parts = text.split("$")
    return "".join(
        _formula(part, f"{name}-{index}", pictures) if index % 2 else plain(part) for index, part in enumerate(parts)
    )


def _formula(latex: str, name: str, pictures: Path) -> str:
    (pictures / f"{name}.svg").write_bytes(svg(latex, FORMULA, "#17181a"))
    return f"![{plain(latex)}](pictures/{name}.svg){{.formula}}"


def _image(path: str, text: str) -> str:
    return f"![{plain(text)}]({path})"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = tuple(head)
    lines = [head, ["---"] * len(head), *([plain(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def plain(text: str) -> str:
    """Text in which no character has a meaning in Markdown."""
    escaped = SPECIAL.sub(r"\\\1", text)
    return re.sub(r"^(\d+)\.", r"\1\\.", escaped)


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower().replace("×", "times").replace("∝", "proportional")).strip("-")
