"""The handout: a page for each step or build, and a page of answers."""

import re

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

import main
from engine.lecture.files import encode
from engine.lecture.lecture import Lecture
from engine.lecture.shipped import files, shipped
from gui.shell import theme

WHOLE = shipped(files()[0])


@pytest.fixture
def lecture(tmp_path):
    path = tmp_path / "three.bayescape-lecture.json"
    ids = ("formulate-observe-update", "line-1", "generating-with-a-gan")
    path.write_bytes(encode(Lecture(WHOLE.head, tuple(WHOLE.step(id_) for id_ in ids))))
    yield path
    theme.apply("light", 1.0)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def pages(path):
    return len(re.findall(rb"/Type\s*/Page\b", path.read_bytes()))


@pytest.mark.slow
@pytest.mark.parametrize(("options", "count"), [([], 4), (["--builds", "--lecturer"], 6)])
def test_a_page_for_each_step_or_build_and_one_for_the_answers(lecture, qtlog, options, count):
    out = lecture.with_name("out.pdf")
    with qtlog.disabled():
        assert main.main(["lecture", "handout", str(lecture), str(out), *options]) == 0
    assert out.read_bytes().startswith(b"%PDF")
    assert pages(out) == count


def test_a_handout_that_cannot_be_written_gives_one_sentence(lecture, capsys):
    assert main.main(["lecture", "handout", str(lecture), "x.pdf", "--selection", "None"]) == 2
    assert capsys.readouterr().out == "The lecture has no selection “None”.\n"
