"""Figures: sizes in millimetres, white paper, ticks at the data, text as paths, names of files, and whole pages."""

import re

import numpy as np
import pytest
from PySide6.QtGui import QColor, QPainter, QPicture
from PySide6.QtWidgets import QApplication, QWidget

from engine.latent.document import Latent
from engine.latent.plane.plane import PlaneSettings
from engine.regression.document import Regression
from engine.regression.weight_space import weight_planes
from gui.figures.figure import Figure, draw_panel, made
from gui.figures.files import KINDS, chosen_path, image_of, pdf, svg
from gui.figures.look import Look
from gui.figures.maker import WHOLE, figure_of
from gui.latent.plane.plane import Plane
from gui.latent.training.models import Models
from gui.plots.axes import Axes
from gui.plots.lines import Lines
from gui.plots.marks import Marks
from gui.regression.data_space import DataSpace
from gui.regression.weight_space import Posterior
from gui.shell import theme
from tests.gui.figures.comparing import pixels

DOCUMENT = Regression().observe(0.9, 0.15).observe(-0.6, -0.6)


@pytest.fixture(scope="module")
def light(qapp):
    theme.apply("light", 1.0)


@pytest.fixture
def data_space(light):
    figure = made(DataSpace, DOCUMENT, Look())
    yield figure
    figure.close()


def test_a_vector_file_has_the_width_in_millimetres(data_space):
    height = data_space.size_mm[1]
    head = re.search(r'<svg width="([\d.]+)mm" height="([\d.]+)mm"', svg(data_space, paths=False).decode())
    assert [float(length) for length in head.groups()] == pytest.approx([84, height], rel=1e-5)
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf(data_space, paths=False))
    assert [float(length) for length in box.groups()] == pytest.approx([84 / 25.4 * 72, height / 25.4 * 72], abs=0.5)


@pytest.mark.parametrize("scale", [1, 3])
def test_an_image_has_so_many_pixels_in_an_inch(data_space, scale):
    image = image_of(data_space, scale)
    assert image.width() == round(84 / 25.4 * 96 * scale)
    assert image.dotsPerMeterX() * 0.0254 == pytest.approx(96 * scale, abs=0.02)


@pytest.mark.parametrize("points", [7, 8, 12])
def test_text_has_the_size_in_points(light, points):
    figure = made(DataSpace, DOCUMENT, Look(points=points))
    drawing = svg(figure, paths=False).decode()
    figure.close()
    per_point = 96 / 72
    scale = figure.look.width / 25.4 * 96 / figure.width  # of the groups that the texts are in
    sizes = [float(size) * scale / per_point for size in re.findall(r'<text [^>]*font-size="([\d.]+)"', drawing)]
    assert sizes
    assert sizes == pytest.approx([points] * len(sizes), rel=2e-3)


def test_text_as_paths_leaves_no_text(data_space):
    outlined = svg(data_space, paths=True)
    assert b"<text" in svg(data_space, paths=False)
    assert b"<text" not in outlined
    assert b'font-family="' not in re.sub(rb"<g [^>]*>", b"", outlined)
    assert b"/Font " in pdf(data_space, paths=False)
    assert b"/FontDescriptor" not in pdf(data_space, paths=True)


def test_a_figure_is_white_whatever_the_appearance(light, data_space):
    expected = pixels(image_of(data_space, 1))
    assert (expected[[0, 0, -1, -1], [0, -1, 0, -1]] == 255).all()
    theme.apply("dark", 2.0)
    try:
        figure = made(DataSpace, DOCUMENT, Look())
        assert theme.is_dark()
        found = pixels(image_of(figure, 1))
        figure.close()
    finally:
        theme.apply("light", 1.0)
    assert np.array_equal(found, expected)


def test_a_figure_leaves_the_program_as_it_was(light, data_space):
    assert not theme.is_printing()
    assert theme.font() == QApplication.font()


@pytest.mark.filterwarnings("ignore:Function. 'QApplication.setActiveWindow")
def test_a_figure_looks_the_same_in_an_active_window(qapp, light):
    figure = made(Models, Latent(), Look())
    before = pixels(image_of(figure, 1))
    qapp.setActiveWindow(figure.panel)  # a panel that is not on the screen cannot activate itself
    assert figure.panel.isActiveWindow()
    qapp.processEvents()
    after = pixels(image_of(figure, 1))
    figure.close()
    assert np.array_equal(after, before)


@pytest.mark.parametrize("scale", [1, 4])
def test_ticks_sit_on_the_data_to_one_pixel(data_space, scale):
    """A mark and a vertical line are drawn at x = 1, above the tick of 1: their columns agree."""
    plot = data_space.panel.findChild(Axes)
    line, mark = Lines(), Marks("square", 3)
    plot.add(line, mark)
    with theme.printing(data_space.font):
        import pyqtgraph as pg

        line.dress(pg.mkPen("#ff00ff", width=1))
        mark.dress(pg.mkPen(None), pg.mkColor("#00ffff"))
    line.show_outline(np.array([[1.0, -1e3, 1.0, 1e3]]))
    image = pixels(image_of(data_space, scale))  # blue, green, red
    ratio = image.shape[1] / data_space.width
    top, bottom = (round((data_space._above + y) * ratio) for y in (plot.area.top(), plot.area.bottom() + 1))
    magenta = (image[top:bottom, :, 2] > 200) & (image[top:bottom, :, 1] < 100) & (image[top:bottom, :, 0] > 200)
    drawn = np.flatnonzero(magenta.mean(axis=0) > 0.5).mean()
    below = image[bottom + round(1.5 * ratio) : bottom + round(4 * ratio)].mean(axis=(0, 2))
    ticks = np.flatnonzero(below < 200)
    assert np.abs(ticks - drawn).min() <= 1


def test_heatmaps_have_300_dots_in_an_inch(light):
    figure = Figure(Posterior, DOCUMENT, Look())
    viewport = figure.wanted[weight_planes]
    area = figure.panel.plot.area
    figure.close()
    inches = area.width() / figure.units.per_mm / 25.4
    assert viewport.columns / inches == pytest.approx(300, rel=0.05)


def test_a_panel_is_drawn_with_any_painter(light):
    from PySide6.QtGui import QColor, QImage, QPainter

    image = QImage(400, 400, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    painter = QPainter(image)
    height = draw_panel(painter, 2.0, Posterior, DOCUMENT, Look(width=100.0))
    painter.end()
    found = pixels(image)
    red = (found == [0, 0, 255]).all(axis=2)
    assert not red[: int(2 * height) - 1, :199].any()  # the figure is 100 mm wide
    assert red[:, 202:].all()


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("figure", "SVG drawing (*.svg)", "figure.svg"),
        ("figure", "", "figure.png"),
        ("figure.pdf", "SVG drawing (*.svg)", "figure.pdf"),
        ("figure.PDF", "PNG image (*.png)", "figure.PDF"),
        ("alpha 2.5", "PDF document (*.pdf)", "alpha 2.5.pdf"),
    ],
)
def test_filter_and_ending_decide_the_kind(name, kind, expected):
    assert chosen_path(f"/folder/{name}", kind, KINDS).name == expected


@pytest.mark.parametrize("name", ["figure.jpg", "figure.xlsx", "figure.png.doc"])
def test_another_ending_is_refused(name):
    with pytest.raises(ValueError, match=r"must end in \.png or \.svg or \.pdf"):
        chosen_path(name, "PNG image (*.png)", KINDS)


def test_a_page_shows_its_panels_without_controls(qtbot, window):
    figure = figure_of(window.page, WHOLE, Look(width=254.0, caption=True))
    titles = {part.kind.title for part in figure.parts}
    assert {"Prior", "× Likelihood", "∝ Posterior", "Data space"} <= titles
    assert "Model" not in titles
    for part in figure.parts:
        part.take({}, {})
    image = image_of(figure, 1)
    figure.close()
    assert image.width() == round(254 / 25.4 * 96)
    with pytest.raises(ValueError, match="Choose at least"):
        figure_of(window.page, WHOLE, Look(width=60.0))


class Tall(QWidget):
    """A widget that paints below its own edge, as the content of a scroll area does."""

    def paintEvent(self, event):  # noqa: N802
        QPainter(self).fillRect(0, 0, 10, 9999, QColor("red"))


def test_the_scrolled_content_of_a_panel_ends_with_the_panel(data_space):
    tall = Tall(data_space.panel)
    tall.resize(20, 20)
    tall.show()
    picture = QPicture()
    painter = QPainter(picture)
    data_space.paint(painter, 4.0)
    painter.end()
    assert picture.boundingRect().bottom() <= 4.0 * data_space.size_mm[1] + 1


@pytest.mark.slow
def test_the_legend_of_the_plane_has_the_colours_of_the_classes(light):
    figure = made(Plane, Latent().with_setting(PlaneSettings(show_test_images=True)), Look())
    entries = [(QColor(role).name(), text) for role, text in figure.panel.legend_entries() if role]
    figure.close()
    assert entries == [(QColor(colour).name(), str(i)) for i, colour in enumerate(theme.classes())]
