"""The user guide: its pages are made from the program, and name every panel."""

import re

import pytest

from docs.guide.pages import plain, write
from gui.pages import PAGES, page_kind


@pytest.mark.parametrize(
    ("text", "expected"), [("a_b*c", r"a\_b\*c"), ("1. First", r"1\. First"), ("<x> | $y$", r"\<x\> \| \$y\$")]
)
def test_no_character_has_a_meaning_in_markdown(text, expected):
    assert plain(text) == expected


@pytest.mark.proof
@pytest.mark.timeout(600)
def test_each_panel_has_a_section_with_its_sentence_and_picture(qapp, tmp_path):
    write(tmp_path)
    text = "".join(
        (tmp_path / f"{name}.md").read_text(encoding="utf-8") for name in ("regression", "latent", "unboxing")
    )
    kinds = [kind for page in PAGES for kind in page_kind(page).panels]
    assert len(kinds) > 40
    assert [kind.title for kind in kinds if f"## {plain(kind.title)}\n\n{plain(kind.sentence)}\n" not in text] == []
    pictures = re.findall(r"\]\((pictures/[^)]+)\)", text)
    assert len(pictures) > len(kinds)
    assert [name for name in pictures if (tmp_path / name).stat().st_size < 300] == []
    lecture = (tmp_path / "lecture.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^### \d+\\?\. ", lecture, re.MULTILINE)) == 43
