"""The files of the book's figures: their sizes, their text as text, and their heatmaps with 300 dots in an inch."""

import pytest
from PySide6.QtGui import QImage

import main
from engine.lecture.book import Data, data_of, of_lecture, sequence
from engine.session import Session, encode
from gui.figures.files import image_of
from gui.paper.book import book_file, grid_of
from gui.paper.work import finish
from tests.gui.figures.comparing import pixels
from tests.gui.paper.reading import count_of_texts, image_sizes, page_sizes

INCH = 25.4


def made(name, data, width):
    """The complete grid of a figure."""
    grid = grid_of(name, data, width, caption=True)
    finish(grid.complete(), print)
    return grid


@pytest.fixture(scope="module")
def line(qapp):
    """Figure 3.7 of the lecture, two columns wide."""
    grid = made("3.7", data_of("3.7"), 174.0)
    yield grid
    grid.close()


def test_the_rows_of_figure_3_7_are_equally_high_and_their_planes_are_squares(line):
    assert [len(row) for row in line.figures] == [3, 3, 3, 3]
    assert [figure is None for figure in line.figures[0]] == [True, False, False]
    areas = [figure.panel.plot.area for figure in line.parts]
    assert len({(area.top(), area.height()) for area in areas}) == 1
    planes = [figure.panel.plot for row in line.figures for figure in row[:2] if figure]
    assert all(abs(plot.area.width() - plot.area.height()) <= 2 for plot in planes)
    assert all(plot.shown.left == pytest.approx(-1, abs=0.03) for plot in planes)
    assert all(plot.shown.top == pytest.approx(1, abs=0.03) for plot in planes)


def test_figure_3_7_has_six_lines_and_the_true_weights_in_each_row(line):
    for row, (_, document) in zip(line.figures, sequence("3.7", of_lecture("3.7")), strict=True):
        drawn = row[2].panel.curves
        assert len(drawn.samples.lines) == 6
        assert len(drawn.points.places) + len(drawn.latest.places) == document.count
        assert [place.tolist() for place in row[1].panel.heatmap.cross.places] == [[-0.3, 0.5]]


def test_a_heatmap_has_300_dots_in_an_inch(line):
    for row in line.figures[1:]:
        plot = row[1].panel.heatmap
        inches = plot.area.width() * row[1].look.width / row[1].width / INCH
        assert plot.raster.pixels.shape[1] / inches == pytest.approx(300, rel=0.02)


def test_the_colours_of_figure_3_8_are_those_of_the_book(qapp):
    grid = made("3.8", data_of("3.8"), 84.0)
    colours = {tuple(row) for row in pixels(image_of(grid, 2)).reshape(-1, 3)[:, ::-1].astype(int)}
    grid.close()
    assert {(0x1F, 0x9E, 0x3A), (0x1F, 0x3F, 0xD0), (0xD0, 0x18, 0x2A), (0xF7, 0xCD, 0xD0)} <= colours


@pytest.mark.parametrize(("width", "options"), [(84, []), (174, ["--paths"])])
def test_the_command_line_writes_a_figure_as_pdf(qapp, tmp_path, capsys, width, options):
    out = tmp_path / "out.pdf"
    assert main.main(["figure", "3.9", str(out), "--width", str(width), *options]) == 0
    content = out.read_bytes()
    ((wide, high),) = page_sizes(content)
    assert wide == pytest.approx(width, abs=0.1)
    assert 0.5 * wide < high < 1.1 * wide
    assert (count_of_texts(content) > 20) == (not options)
    assert image_sizes(content) == []  # curves are vectors
    assert capsys.readouterr().out == "Figure 3.9\nFigure 3.9\n"


def test_a_session_gives_its_data_and_a_png_has_its_width(qapp, tmp_path, capsys):
    path, out = tmp_path / "own.bayescape", tmp_path / "own.png"
    path.write_bytes(encode(Session(of_lecture("3.7").step_to(0), "Own", "", "")))
    argv = ["figure", "3.8", str(out), "--session", str(path), "--width", "84", "--scale", "4", "--no-caption"]
    assert main.main(argv) == 0
    assert QImage(str(out)).width() == round(84 / INCH * 96 * 4)
    assert "lecture" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["3.7", "out.txt"], "out.txt was not written: its name must end in .pdf or .svg or .png.\n"),
        (["3.7", "out.pdf", "--session", "none.json"], "none.json cannot be read: it does not exist.\n"),
    ],
)
def test_a_figure_that_cannot_be_written_gives_one_sentence(capsys, argv, words):
    assert main.main(["figure", *argv]) == 2
    assert capsys.readouterr().out == words


def test_a_wrong_width_gives_one_sentence(capsys):
    with pytest.raises(SystemExit) as end:
        main.main(["figure", "3.7", "x.pdf", "--width", "3"])
    assert end.value.code == 2
    assert "'3' is not a width in mm from 60 to 420" in capsys.readouterr().err


@pytest.mark.proof
@pytest.mark.parametrize("width", [84.0, 174.0])
def test_figure_3_7_for_pixels_reads_as_bayes_rule(qapp, width):
    """The density before each stroke is the density after the stroke before."""
    data = Data(of_lecture("3.7 for pixels"))
    content = finish(book_file("3.7 for pixels", data, width, ".pdf", scale=1, paths=False, caption=True), print)
    ((wide, _),) = page_sizes(content)
    assert wide == pytest.approx(width, abs=0.1)
    assert len(image_sizes(content)) == 11
    grid = made("3.7 for pixels", data, width)
    formulas = [[figure.title_formula if figure else "" for figure in row] for row in grid.figures]
    grid.close()
    assert formulas == [
        ["p(z)", "", "p(z)"],
        ["p(z)", "p(s₁|z)", "p(z|s₁)"],
        ["p(z|s₁)", "p(s₂|z)", "p(z|s₁, s₂)"],
        ["p(z|s₁, s₂)", "p(s₃|z)", "p(z|s₁…s₃)"],
    ]
