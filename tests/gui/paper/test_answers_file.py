"""The answers of a lecture as PDF, and the choice between PDF and Markdown."""

import pytest
from PySide6.QtWidgets import QFileDialog

from engine.lecture.answers import Given
from gui.lecture.desk import _answers_as
from gui.paper.answers import _set
from tests.gui.paper.reading import count_of_texts, page_sizes

TEXT = "# A title\n\n## 1 A step\n\n*Why?*\n\n* My answer: 1\n* The answer is 2.\n\n## 2 Another\n\n* One more.\n"


def test_headings_are_a_little_larger_and_lists_stay_lists(qapp):
    document, found = _set(TEXT), []
    block = document.begin()
    while block.isValid():
        level, in_list = block.blockFormat().headingLevel(), block.textList() is not None
        found.append((block.text(), level, in_list, block.begin().fragment().charFormat().fontPointSize()))
        block = block.next()
    assert [(text, level, in_list) for text, level, in_list, _ in found] == [
        ("A title", 1, False),
        ("1 A step", 2, False),
        ("Why?", 0, False),
        ("My answer: 1", 0, True),
        ("The answer is 2.", 0, True),
        ("2 Another", 2, False),
        ("One more.", 0, True),
    ]
    assert [size for _, level, _, size in found if level] == [16.0, 11.5, 11.5]


def test_the_file_has_pages_of_a4_with_text(qapp):
    content = _answers_as(".pdf", "A title", TEXT * 20)
    sizes = page_sizes(content)
    assert len(sizes) > 1
    assert all(size == pytest.approx((210, 297), abs=0.2) for size in sizes)
    assert count_of_texts(content) > 50
    assert _answers_as(".md", "A title", TEXT) == TEXT.encode()


@pytest.mark.slow
def test_answers_are_saved_as_the_chosen_kind(monkeypatch, window, tmp_path):
    window.lecture.open_shipped("", "line-1")
    desk = window.lecture.desk
    desk.predict.answers = {"line-1": Given(choice="Up to the right")}
    for name, kind, start in (("a", "PDF document (*.pdf)", b"%PDF"), ("b.md", "", b"# From Bayes")):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, chosen=(str(tmp_path / name), kind): chosen)
        desk.save_answers()
        (saved,) = tmp_path.glob(f"{name[0]}.*")
        assert saved.read_bytes().startswith(start)
    window.lecture.player.leave()
