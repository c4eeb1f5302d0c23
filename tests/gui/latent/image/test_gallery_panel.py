"""The panel Gallery in the real window: selecting by mouse, by keyboard and by number, and filtering."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from engine.latent.datasets.mnist import Mnist
from engine.latent.document import Latent
from engine.latent.image.encoding import encoding
from engine.latent.image.gallery import GallerySettings
from engine.latent.inputs.input import Blank, FromData
from gui.latent.image.gallery import DESELECT, GalleryPanel
from gui.plots.images.wall import SIDE
from gui.shell import theme
from tests.gui.conftest import settle
from tests.gui.latent.acting import change, run

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(open_window):
    return open_window("latent")


@pytest.fixture
def panel(qtbot, window, page):
    panel = page.view.bring(GalleryPanel)
    settle(qtbot, window)
    return panel


def click(qtbot, panel, position):
    qtbot.mouseClick(panel.wall.viewport(), LEFT, pos=panel.wall.square(position).center())


def choose_in(combo, i):
    combo.setCurrentIndex(i)
    combo.activated.emit(i)


@pytest.mark.slow
def test_a_click_selects_the_image_and_outlines_it(qtbot, window, page, panel):
    click(qtbot, panel, 7)
    settle(qtbot, window)
    assert page.store.document.input == FromData(7, True)
    np.testing.assert_array_equal(page.view.scene.get(encoding).image.pixels, Mnist().test().pixels[7])
    corner = panel.wall.square(7).topLeft() - QPoint(1, 1)
    colour = panel.wall.viewport().grab().toImage().pixelColor(corner)
    assert colour == theme.role_colour("variational")
    page.store.stack.undo()
    assert page.store.document.input == Blank()


@pytest.mark.slow
def test_the_image_is_deselected_by_a_command_and_only_if_there_is_one(qtbot, window, page, panel):
    run(window, DESELECT)
    assert "No image is selected" in window.banner.text.text()
    click(qtbot, panel, 7)
    run(window, DESELECT)
    assert page.store.document == Latent()
    settle(qtbot, window)


@pytest.mark.slow
def test_selecting_another_image_reuses_the_painted_images(qtbot, window, page, panel):
    panel.wall.repaint()
    painted = dict(panel.wall._images)
    assert len(painted) > 20
    change(window, Latent.with_input, FromData(3))
    settle(qtbot, window)
    panel.wall.repaint()
    assert panel.wall.shelf.chosen == 3
    assert all(panel.wall._images[i] is image for i, image in painted.items())
    change(window, Latent.with_setting, GallerySettings(True, 7))
    settle(qtbot, window)
    panel.wall.repaint()
    assert not any(panel.wall._images[i] is image for i, image in painted.items() if i in panel.wall._images)


@pytest.mark.slow
def test_only_visible_images_are_requested(qtbot, window, page, panel):
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


@pytest.mark.slow
def test_one_class_is_shown_and_that_is_undone(qtbot, window, page, panel):
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


@pytest.mark.slow
def test_arrows_move_enter_selects_and_the_accessible_name_follows(qtbot, window, page, panel):
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


@pytest.mark.slow
def test_an_image_is_selected_by_number_whatever_the_filter(qtbot, window, page, panel):
    choose_in(panel.classes, 1)
    panel.number.setText("4321")
    qtbot.keyClick(panel.number, Qt.Key.Key_Return)
    settle(qtbot, window)
    assert page.store.document.input == FromData(4321, True)
    assert panel.wall.viewport().rect().contains(panel.wall.square(4321))
    assert page.store.document[GallerySettings] == GallerySettings()


@pytest.mark.slow
def test_a_selected_image_is_scrolled_into_view_every_time(qtbot, window, page, panel):
    click(qtbot, panel, 7)
    settle(qtbot, window)
    for number in (5000, 7):
        panel.number.setText(str(number))
        qtbot.keyClick(panel.number, Qt.Key.Key_Return)
        settle(qtbot, window)
        assert panel.wall.viewport().rect().contains(panel.wall.square(number))


@pytest.mark.slow
@pytest.mark.parametrize("typed", ["10000", "-1", "seven", ""])
def test_a_number_that_no_image_has_is_refused(qtbot, window, page, panel, typed):
    before = page.store.document
    panel.number.setText(typed)
    qtbot.keyClick(panel.number, Qt.Key.Key_Return)
    assert page.store.document is before
    assert "numbered 0 to 9,999" in window.banner.text.text()


@pytest.mark.slow
def test_images_follow_the_width(qtbot, window, panel):
    wall = panel.wall
    for position in (0, 1, wall.columns, wall.columns + 1):
        square = wall.square(position)
        assert square.width() == SIDE
        assert square.right() < wall.viewport().width()
