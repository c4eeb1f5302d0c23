"""The user guide: its pages are made from the program, and every panel has one."""

import re

import pytest

from docs.guide.pages import LECTURE, plain, write
from engine.lecture.files import read
from gui.pages import PAGES, page_kind


@pytest.mark.parametrize(
    ("text", "expected"), [("a_b*c", r"a\_b\*c"), ("1. First", r"1\. First"), ("<x> | $y$", r"\<x\> \| \$y\$")]
)
def test_no_character_has_a_meaning_in_markdown(text, expected):
    assert plain(text) == expected


@pytest.mark.proof
@pytest.mark.timeout(1800)
def test_each_panel_has_a_page_with_its_sentence_and_picture(qapp, tmp_path):
    write(tmp_path)
    pages = [path.read_text(encoding="utf-8") for path in tmp_path.glob("*.md")]
    kinds = [kind for page in PAGES for kind in page_kind(page).panels]
    assert len(kinds) > 40
    heads = [f"# {plain(kind.title)}\n\n{plain(kind.sentence)}\n" for kind in kinds]
    assert [head for head in heads if not any(page.startswith(head) for page in pages)] == []
    pictures = re.findall(r"\]\((pictures/[^)]+)\)", "".join(pages))
    assert len(pictures) > len(kinds)
    assert [name for name in pictures if (tmp_path / name).stat().st_size < 300] == []
    named = [
        name for page in pages for name in re.findall(r"^((?:regression|latent|unboxing)-\S+)$", page, re.MULTILINE)
    ]
    assert len(named) == len(set(named)) == len(set(kinds)) and all(
        (tmp_path / f"{name}.md").is_file() for name in named
    )
    lecture = (tmp_path / "lecture.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^### \d+\\?\. ", lecture, re.MULTILINE)) == len(read(LECTURE).steps)
