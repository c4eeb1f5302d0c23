"""Sessions of format 1: what people saved with it opens, with everything that was in it."""

import json
from pathlib import Path

import pytest

from engine.session import decode, encode

FOLDER = Path(__file__).resolve().parent.parent / "data" / "format1"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
FILES = sorted(path.name for path in FOLDER.glob("*.json") if path.name != "expected.json")
MADE = [name for name in FILES if name.startswith(("regression-", "latent-"))]  # as this version writes them


def opened(name):
    """The session in a file."""
    return decode((FOLDER / name).read_bytes())


def values(plain, path=""):
    """Whatever is at the ends of plain JSON, by dotted path; an empty list is an end too."""
    inner = plain.items() if isinstance(plain, dict) else enumerate(plain) if isinstance(plain, list) else ()
    ends = {}
    for key, value in inner:
        ends |= values(value, f"{path}.{key}" if path else str(key))
    return ends or {path: plain}


def test_for_every_file_something_is_expected():
    assert sorted(EXPECTED) == FILES


@pytest.mark.parametrize("name", FILES)
def test_a_file_holds_what_it_was_saved_with(name):
    session, expected = opened(name), EXPECTED[name]
    assert type(session.document).__name__ == expected["kind"]
    assert [session.title, session.label, session.note] == [expected["title"], expected["label"], expected["note"]]
    assert values(json.loads(encode(session))["document"]) == expected["values"]


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_the_same_after_it_was_saved_again(name):
    session = opened(name)
    assert decode(encode(session)) == session


@pytest.mark.parametrize("name", MADE)
def test_a_file_is_saved_byte_by_byte_as_it_was(name):
    assert encode(opened(name)) == (FOLDER / name).read_bytes()


def test_the_lines_of_one_file_end_as_on_windows():
    content = (FOLDER / "crlf.json").read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n") > 0
