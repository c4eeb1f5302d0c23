"""Words: the phrases that docs/glossary.md forbids occur in no string that a user can read."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted([*ROOT.glob("engine/**/*.py"), *ROOT.glob("gui/**/*.py"), ROOT / "main.py"])
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\|[^|]+\|[^|]+\|([^|]+)\|$", GLOSSARY, re.MULTILINE)
AVOIDED = sorted({phrase.lower() for row in ROWS for phrase in re.findall(r"`([^`]+)`", row)})
NAMES = re.compile(r"^[\w./-]*$")  # keys, file names and endings, module names


def strings(path):
    """The strings of a module that can come to the screen: all but docstrings and names without a blank.

    The docstring of a part is shown, so it counts.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node, clean=False):
            shown = isinstance(node, ast.ClassDef) and any(getattr(base, "id", "") == "Part" for base in node.bases)
            hidden |= set() if shown else {node.body[0].value}
    for node in ast.walk(tree):
        is_string = isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in hidden
        if is_string and (" " in node.value or not NAMES.match(node.value)):
            yield node.lineno, node.value


def test_the_glossary_forbids_phrases():
    assert len(AVOIDED) > 50


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_string_has_a_phrase_that_the_glossary_forbids(path):
    found = [
        (line, phrase, text)
        for line, text in strings(path)
        for phrase in AVOIDED
        if re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text.lower())
    ]
    assert found == []
