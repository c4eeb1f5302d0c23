"""The handout: a page for each step or build, as text and vectors, and the answers at the end."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

import main
from engine.lecture.documents import stages
from engine.lecture.files import encode
from engine.lecture.lecture import Lecture, Needs
from engine.lecture.shipped import files, shipped
from gui.paper.grid import Style
from gui.paper.handout import Edition, handout
from gui.paper.leaf import FOOT, HEIGHT, MARGIN, WIDTH, Leaf
from gui.paper.step_figure import Sizes, figure_of_stage, figures_of_builds
from gui.paper.thumbnails import thumbnails
from gui.paper.work import News, finish
from tests.gui.paper.reading import count_of_texts, drawn, image_sizes, page_sizes

WHOLE = shipped(files()[0])
IDS = ("line-0", "formulate-observe-update", "line-1", "generating-with-a-gan")
LACKING = replace(WHOLE.step(IDS[3]), needs=Needs(missing="This step needs a model of tomorrow."))
FEW = Lecture(WHOLE.head, (*map(WHOLE.step, IDS[:3]), LACKING))
A4 = 297, 210


@pytest.fixture(autouse=True)
def clean(qapp):
    yield
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def content(edition, lecture=FEW):
    """The handout of a lecture."""
    return finish(handout(lecture, "", edition), lambda _: None)


@pytest.fixture(scope="module")
def plain(qapp):
    return content(Edition())


def test_each_step_has_a_page_and_the_answers_are_at_the_end(plain):
    """Builds are one figure, and a step that this version cannot show has a page with the reason."""
    sizes = page_sizes(plain)
    assert len(sizes) == len(IDS) + 1
    assert all(size == pytest.approx(A4, abs=0.2) for size in sizes)


def test_words_are_text_and_heatmaps_have_300_dots_in_an_inch(plain):
    assert count_of_texts(plain) > 100
    widest = max(width for width, _ in image_sizes(plain))
    assert 400 < widest < 1100  # at most half of 186 mm at 300 dots in an inch


def test_each_build_can_have_a_page_and_no_figure_is_beyond_its_margins(monkeypatch):
    one, right, low, draw = Lecture(WHOLE.head, (WHOLE.step("formulate-observe-update"),)), [], [], Leaf.draw

    def measured(leaf, grid, x, y, scale=1.0):
        right.append(x + scale * grid.size_mm[0])
        low.append(y + scale * grid.size_mm[1])
        draw(leaf, grid, x, y, scale)

    monkeypatch.setattr(Leaf, "draw", measured)
    assert len(page_sizes(content(Edition(builds_are_pages=True), one))) == 3 + 1
    assert len(right) == 3
    assert max(right) < WIDTH - MARGIN + 0.1
    assert max(low) < HEIGHT - FOOT


@pytest.mark.slow
def test_the_edition_for_lecturers_has_more_words_and_the_pen_more_strokes(plain):
    """The strokes have the places of the plot, so they are drawn wherever the plot is."""
    one = Lecture(WHOLE.head, (WHOLE.step("line-0"), WHOLE.step("line-1")))
    without = content(Edition(), one)
    assert count_of_texts(content(Edition(notes=True), one)) > count_of_texts(without)
    marks = {"line-1": {("regression", "Data space"): [[(-0.5, 0.0), (0.5, 0.2), (0.9, 0.15)]]}}
    assert len(drawn(content(Edition(marks=marks), one))) > len(drawn(without))


def test_a_stroke_of_the_pen_keeps_its_place_in_the_plot(qapp):
    step = WHOLE.step("line-1")
    marks = {("regression", "Data space"): [[(-0.5, 0.0), (0.5, 0.2)]]}
    grid = figure_of_stage(step, stages(WHOLE, step.id)[-1], marks, Sizes(186.0, 160.0), Style(title=True))
    strokes = {cell.kind.title: cell.strokes for row in grid.rows for cell in row.cells if cell.strokes}
    grid.close()
    assert strokes == {"Data space": marks["regression", "Data space"]}


@pytest.mark.parametrize(
    ("id_", "rows", "columns", "beside"),
    [
        ("formulate-observe-update", 3, 4, ["0 observations", "1 observation", "2 observations"]),
        ("which-year", 2, 2, ["", ""]),
        ("cons", 3, 3, ["0 observations", "1 observation", "2 observations"]),
    ],
)
def test_the_builds_are_rows_of_one_figure(qapp, id_, rows, columns, beside):
    """A step with a single panel has two builds in a row, and more rows than fit are on the next page."""
    first, *others = figures_of_builds(WHOLE.step(id_), stages(WHOLE, id_), {}, Sizes(186.0, 165.0), Style())
    shape = [len(row.cells) for row in first.rows]
    words = [row.beside for row in first.rows]
    high = {row.height for row in first.rows}
    for grid in (first, *others):
        grid.close()
    assert shape == [columns] * rows
    assert words == beside
    assert len(high) == 1
    assert len(others) == (id_ == "cons")


def test_a_long_table_gets_the_room_of_the_other_row(qapp):
    step = WHOLE.step("line-20")
    grid = figure_of_stage(step, stages(WHOLE, step.id)[-1], {}, Sizes(186.0, 160.0), Style(8.0, title=True))
    finish(grid.complete(), lambda _: None)
    lack = [figure.lack for figure in grid.parts if figure.kind.title == "Ledger"]
    total = grid.size_mm[1]
    grid.close()
    assert lack == [pytest.approx(0, abs=1.0)]
    assert total <= 160.0


def test_progress_is_reported_for_each_step():
    words = []
    finish(handout(Lecture(WHOLE.head, (LACKING,)), "", Edition()), words.append)
    assert words == [News("1 of 1: Generating with a GAN", 0.0)]


@pytest.mark.parametrize("ending", [".pdf", pytest.param(".png", marks=pytest.mark.proof)])
def test_the_thumbnails_are_on_one_page(qapp, ending):
    made = finish(thumbnails(Lecture(WHOLE.head, (WHOLE.step("line-0"), *FEW.steps[3:])), "", ending), lambda _: None)
    if ending == ".pdf":
        assert len(page_sizes(made)) == 1
        assert len(image_sizes(made)) == 1
    else:
        assert made.startswith(b"\x89PNG")


@pytest.mark.slow
def test_the_command_line_writes_a_handout(tmp_path, capsys):
    path, out = tmp_path / "two.bayescape-lecture.json", tmp_path / "out.pdf"
    path.write_bytes(encode(Lecture(WHOLE.head, (FEW.steps[0], FEW.steps[3]))))
    assert main.main(["lecture", "handout", str(path), str(out), "--notes", "--builds", "pages"]) == 0
    assert len(page_sizes(out.read_bytes())) == 3
    assert capsys.readouterr().out == "1 of 2: The line: no observation\n2 of 2: Generating with a GAN\n"


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["x.pdf", "--selection", "None"], "The lecture has no selection “None”.\n"),
        (["x.docx"], "x.docx was not written: its name must end in .pdf.\n"),
    ],
)
def test_a_handout_that_cannot_be_written_gives_one_sentence(capsys, argv, words):
    assert main.main(["lecture", "handout", str(files()[0]), *argv]) == 2
    assert capsys.readouterr().out == words


@pytest.mark.proof
@pytest.mark.timeout(900)
@pytest.mark.parametrize("selection", ["", "Short lecture"])
def test_the_whole_lecture(qapp, selection):
    made = finish(handout(WHOLE, selection, Edition(notes=True)), lambda _: None)
    assert len(page_sizes(made)) >= len(WHOLE.selected(selection)) + 1
