"""Test images through the real window: counted while they are looked at, and the worst one click away."""

import pytest

from engine.latent.document import Latent
from engine.latent.gaussian_q import GaussianQ, ReparameterisationSettings
from engine.latent.inputs.input import FromData
from gui.latent.unboxing import evaluation as module
from tests.gui.conftest import settle


@pytest.fixture
def window(open_window):
    return open_window("unboxing")


@pytest.fixture
def view(window):
    return window.page.view


@pytest.fixture
def panel(qtbot, window, view):
    view.show_test_images()
    settle(qtbot, window)
    return view.panel(module.TestImages)


def test_the_first_hundred_are_counted_and_listed(panel):
    assert panel.tested.done == 100
    assert panel.list.count() == 24
    assert not panel.progress.isVisible()
    assert panel.bounds.means[0].straight[0, 0] == pytest.approx(panel.tested.log_evidence.mean)


def test_a_click_looks_into_an_image_with_the_encoders_q(qtbot, window, view, panel):
    view.edit("Move q", Latent(settings=(ReparameterisationSettings(q=GaussianQ()),)))
    settle(qtbot, window)
    item = panel.list.item(2)
    qtbot.mouseClick(
        panel.list.viewport(), module.Qt.MouseButton.LeftButton, pos=panel.list.visualItemRect(item).center()
    )
    settle(qtbot, window)
    document = window.page.store.document
    assert document.input == FromData(int(panel.tested.largest_gap.numbers[2]))
    assert document.q is None
    assert panel.list.currentRow() == 2


def test_the_list_is_sorted_as_one_likes(panel):
    panel.order.setCurrentIndex(1)
    panel.order.activated.emit(1)
    first = panel.tested.least_likely.numbers[0]
    assert panel.list.item(0).text().startswith(f"{first:,} ")


def test_stopping_keeps_what_was_counted_and_a_number_goes_on(qtbot, window, view, panel):
    panel.number.setCurrentIndex(1)
    panel.number.activated.emit(1)
    qtbot.waitUntil(lambda: panel.tested.done > 100, timeout=60_000)
    panel.progress.cancelled.emit()
    settle(qtbot, window)
    done = panel.tested.done
    assert 100 < done < 1000
    assert "Stopped" in panel.progress.words.text()
    view.edit("Draw", window.page.store.document.draw())
    settle(qtbot, window)
    assert panel.tested.done == done  # nobody goes on with it
    panel.number.setCurrentIndex(0)
    panel.number.activated.emit(0)
    settle(qtbot, window)
    assert panel.tested.done == 100


def test_nothing_is_counted_for_a_panel_that_is_not_seen(qtbot, window, view, panel):
    panel.number.setCurrentIndex(2)
    panel.number.activated.emit(2)
    view.docks[panel.title].close()
    settle(qtbot, window)
    assert panel.tested.done < 10_000
