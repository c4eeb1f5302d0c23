"""The gallery through the real window: choosing by mouse, by keyboard and by number, and filtering."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from engine.latent.datasets.mnist import Mnist
from engine.latent.document import Latent
from engine.latent.image.gallery import GallerySettings
from engine.latent.inputs.input import Blank, FromData
from gui.latent.image.gallery import GalleryPanel
from gui.plots.images.wall import SIDE
from gui.shell import theme
from tests.gui.conftest import settle

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(open_window):
    return open_window("latent")


@pytest.fixture
def page(window):
    return window.page


@pytest.fixture
def panel(qtbot, window, page):
    page.view.show_gallery()
    qtbot.waitUntil(lambda: "Gallery" in page.view.panels)
    settle(qtbot, window)
    return page.view.panel(GalleryPanel)


def click(qtbot, panel, position):
    qtbot.mouseClick(panel.wall.viewport(), LEFT, pos=panel.wall.square(position).center())


def choose_in(combo, i):
    combo.setCurrentIndex(i)
    combo.activated.emit(i)


def test_a_click_looks_into_the_image_and_outlines_it(qtbot, window, page, panel):
    click(qtbot, panel, 7)
    settle(qtbot, window)
    assert page.store.document.input == FromData(7, True)
    np.testing.assert_array_equal(page.view.scene.subject.pixels, Mnist().test().pixels[7])
    corner = panel.wall.square(7).topLeft() - QPoint(1, 1)
    colour = panel.wall.viewport().grab().toImage().pixelColor(corner)
    assert colour == theme.role_colour("variational")
    page.store.stack.undo()
    assert page.store.document.input == Blank()


def test_another_image_is_no_reason_to_paint_all_of_them_anew(qtbot, window, page, panel):
    panel.wall.repaint()
    known = dict(panel.wall._images)
    assert len(known) > 20
    page.view.edit("Choose image", Latent(input=FromData(3)))
    settle(qtbot, window)
    panel.wall.repaint()
    assert panel.wall.shelf.chosen == 3
    assert all(panel.wall._images[i] is image for i, image in known.items())
    page.view.edit("Filter", page.store.document.with_setting(GallerySettings(True, 7)))
    settle(qtbot, window)
    panel.wall.repaint()
    assert not any(panel.wall._images[i] is image for i, image in known.items() if i in panel.wall._images)


def test_only_what_is_in_sight_is_asked_for(qtbot, window, page, panel):
    choose_in(panel.sets, 1)
    settle(qtbot, window)
    assert panel.shelf.total == 60_000
    bar = panel.wall.verticalScrollBar()
    bar.setValue(bar.maximum())
    settle(qtbot, window)
    assert len(panel.shelf.numbers) < 1000
    assert panel.shelf.numbers[-1] == 59_999
    click(qtbot, panel, 59_999)
    assert page.store.document.input == FromData(59_999, False)


def test_a_class_hangs_alone_and_that_is_undone(qtbot, window, page, panel):
    choose_in(panel.classes, 4)
    settle(qtbot, window)
    assert page.store.document[GallerySettings] == GallerySettings(True, 3)
    threes = np.flatnonzero(Mnist().test().labels == 3)
    assert panel.shelf.total == len(threes)
    click(qtbot, panel, 4)
    settle(qtbot, window)
    assert page.store.document.input == FromData(int(threes[4]), True)
    page.store.stack.undo()
    page.store.stack.undo()
    assert page.store.document == Latent()
    assert panel.classes.currentIndex() == 0


def test_arrows_move_and_enter_chooses_and_a_screen_reader_hears_it(qtbot, window, page, panel):
    wall, labels = panel.wall, Mnist().test().labels
    wall.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(wall, key)
    at = wall.columns + 2
    assert f"class “{labels[at]}”, test image {at}" in wall.accessibleName()
    assert page.store.document.input == Blank()
    qtbot.keyClick(wall, Qt.Key.Key_Return)
    assert page.store.document.input == FromData(at, True)
    qtbot.keyClick(wall, Qt.Key.Key_End)
    settle(qtbot, window)
    assert f"test image {len(labels) - 1}" in wall.accessibleName()
    assert wall.viewport().rect().contains(wall.square(len(labels) - 1))


def test_a_number_is_looked_up_whatever_hangs_there(qtbot, window, page, panel):
    choose_in(panel.classes, 1)
    panel.number.setText("4321")
    qtbot.keyClick(panel.number, Qt.Key.Key_Return)
    settle(qtbot, window)
    assert page.store.document.input == FromData(4321, True)
    assert panel.wall.viewport().rect().contains(panel.wall.square(4321))
    assert page.store.document[GallerySettings] == GallerySettings()


def test_an_image_that_comes_back_is_brought_into_sight_again(qtbot, window, page, panel):
    click(qtbot, panel, 7)
    settle(qtbot, window)
    for number in (5000, 7):
        panel.number.setText(str(number))
        qtbot.keyClick(panel.number, Qt.Key.Key_Return)
        settle(qtbot, window)
        assert panel.wall.viewport().rect().contains(panel.wall.square(number))


@pytest.mark.parametrize("typed", ["10000", "-1", "seven", ""])
def test_a_number_that_no_image_has_is_refused(qtbot, window, page, panel, typed):
    before = page.store.document
    panel.number.setText(typed)
    qtbot.keyClick(panel.number, Qt.Key.Key_Return)
    assert page.store.document is before
    assert "numbered 0 to 9,999" in window.banner.text.text()


def test_pictures_follow_the_width(qtbot, window, panel):
    wall = panel.wall
    for position in (0, 1, wall.columns, wall.columns + 1):
        square = wall.square(position)
        assert square.width() == SIDE
        assert square.right() < wall.viewport().width()
