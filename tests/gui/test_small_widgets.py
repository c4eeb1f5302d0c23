"""Small widgets and layers on their own: laser, legend, picture, tiles, outlines of q, list of steps."""

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QColor, QDropEvent, QImage, QPainter, QTransform
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTreeWidgetItem, QWidget

from engine.latent.image.q_outlines import Outlines
from engine.plane import Viewport
from gui.latent.plane.legend import MARGIN, TITLE, Legend
from gui.lecture.laser import Laser
from gui.lecture.overview.step_tree import ID, SECTION, StepTree
from gui.page.commands import Command, with_line
from gui.plots.images.generated_rows import GeneratedRows
from gui.plots.images.picture import Picture
from gui.plots.images.tiles import Tile, Tiles
from gui.plots.planes.spread import Spread
from gui.plots.plot import Plot
from gui.shell import theme

CIRCLE = np.column_stack([np.cos(t := np.linspace(0, 2 * np.pi, 60)), np.sin(t)])


@pytest.fixture(scope="module", autouse=True)
def light(qapp):
    theme.apply("light", 1.0)


def test_the_ring_of_the_laser_is_round(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    ring = Laser(window)
    image = ring.grab().toImage()
    assert image.pixelColor(28, 6) != image.pixelColor(28, 28)
    quarter = image.transformed(QTransform().rotate(90))
    apart = [
        abs(image.pixelColor(x, y).red() - quarter.pixelColor(x, y).red()) for x in range(0, 56, 3) for y in range(56)
    ]
    assert max(apart) <= 2


@pytest.mark.parametrize("columns", [1, 3])
def test_as_many_classes_are_in_a_row_of_the_legend_as_fit(qtbot, columns):
    legend = Legend()
    qtbot.addWidget(legend)
    legend.show_classes(tuple("01234"))
    side = round(0.75 * legend.fontMetrics().height())
    title = legend.fontMetrics().horizontalAdvance(TITLE) + side
    widest = max(button.sizeHint().width() for button in legend.buttons) + legend.grid.spacing()
    fits = title + 2 * MARGIN + columns * widest
    for width, expected in ((fits, columns), (fits - 1, max(columns - 1, 1))):
        legend.resize(width, 100)
        legend._arrange()
        rows = [legend.grid.getItemPosition(legend.grid.indexOf(button))[0] for button in legend.buttons]
        assert rows.count(0) == expected


@pytest.mark.parametrize("colour", [False, True])
def test_a_picture_is_in_the_middle_with_sharp_pixels(qtbot, colour):
    picture = Picture("Image", "No image")
    qtbot.addWidget(picture)
    picture.resize(120, 80)
    pixels = np.zeros((2, 2, 3) if colour else (2, 2), np.uint8)
    pixels[0, 0] = 254  # 255 is transparent
    picture.show_ink(pixels)
    image = picture.grab().toImage()
    light = {where: image.pixelColor(*where).lightness() for where in ((23, 3), (57, 37), (63, 3), (97, 77))}
    assert abs(light[23, 3] - light[63, 3]) > 200 and light[23, 3] == light[57, 37] and light[63, 3] == light[97, 77]


@pytest.mark.parametrize("zoom", [20.0, 1e6])
def test_the_outlines_of_q_are_drawn_unless_the_view_is_zoomed_in_too_far(qapp, zoom):
    layer = Spread()
    layer.dress(QColor("red"), QColor("white"))
    layer.show_outlines(Outlines(np.zeros(2), CIRCLE, 2 * CIRCLE))
    image = QImage(100, 100, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setClipRect(image.rect())
    layer.paint(painter, QTransform(zoom, 0, 0, -zoom, 50, 50))
    painter.end()
    assert (image.pixelColor(70, 50) == QColor("red")) == (zoom < 1000)


@pytest.mark.parametrize(
    ("held", "onto", "moves"),
    [
        ("a", "b", [("a", "c", "One")]),
        ("c", "d", [("c", "", "Two")]),
        ("b", "a", []),
        (None, "a", []),
    ],
)
def test_a_step_that_is_dropped_on_another_goes_behind_it(qtbot, held, onto, moves):
    tree, items, heard = StepTree(), {}, []
    qtbot.addWidget(tree)
    for section, steps in (("One", "ab"), ("Two", "cd")):
        heading = QTreeWidgetItem(tree, [section])
        heading.setData(0, SECTION, section)
        for step in steps:
            items[step] = QTreeWidgetItem(heading, [step])
            items[step].setData(0, ID, step)
    tree.resize(200, 300)
    tree.expandAll()
    tree.setCurrentItem(items[held] if held else tree.topLevelItem(0))
    tree.dropped.connect(lambda *move: heard.append(move))
    at = QPointF(tree.visualItemRect(items[onto]).center())
    none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    tree.dropEvent(QDropEvent(at, Qt.DropAction.MoveAction, QMimeData(), *none))
    assert heard == moves


def test_the_title_and_the_note_of_a_tile_are_below_its_image(qtbot):
    tiles = Tiles("Tiles")
    qtbot.addWidget(tiles)
    tiles.resize(200, 160)
    tiles.show_tiles((Tile(("title",), ("note",), np.zeros((2, 2), np.uint8), "truth", "tip"),), ())
    image, square = tiles.grab().toImage(), tiles._square(0)
    high, paper = tiles.fontMetrics().height(), image.pixelColor(190, 150)

    def ink(first, last):
        return sum(image.pixelColor(x, y) != paper for x in range(60) for y in range(first, last))

    below = square.bottom() + 2
    assert ink(below, below + high) > 20 and ink(below + high, below + 2 * high) > 20
    assert ink(below + 2 * high + 1, 160) == 0


def test_a_line_is_above_the_first_of_some_commands_alone():
    found = with_line([Command(name, "View", run=print) for name in ("One", "Two")])
    assert [command.line for command in found] == [True, False]


def test_arrows_move_the_cursor_and_with_ctrl_the_view(qtbot):
    plot = Plot("A plot", ("x", "y"), Viewport(0, 10, 0, 10), square=False)
    qtbot.addWidget(plot)
    plot.resize(400, 300)
    plot.show()
    before = plot.shown
    QTest.keyClick(plot, Qt.Key.Key_Right)
    assert plot.shown == before
    QTest.keyClick(plot, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert plot.shown.left > before.left and plot.shown.bottom == before.bottom


def test_fewer_generated_images_leave_no_cursor_behind_them(qtbot):
    rows = GeneratedRows("Images", ("Generated",))
    qtbot.addWidget(rows)
    for count, kept in ((3, 2), (2, None)):
        rows.at = 2
        rows.show_rows((np.zeros((count, 4, 4), np.uint8),), (("1", "0.5", "near"),) * count, np.zeros(count, bool))
        assert rows.at == kept
